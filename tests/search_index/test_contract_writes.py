"""Revisions, deletions and what survives them, on every engine."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest

from search_index.documents import BadDocument, ListingDocument
from search_index.engine import ChangesRefused, SearchEngine
from search_index.fields import Prepared
from search_index.requests import AllOf
from tests.search_index.making import achievement, found, need

pytestmark = pytest.mark.revisions


def test_a_write_is_seen_at_once_by_its_writer(engine: SearchEngine) -> None:
    assert engine.put([achievement(1, "轴承")]).accepted == 1
    assert found(engine, "轴承") == ["achievement:1"]
    assert engine.drop([("achievement:1", 1)]).accepted == 1
    assert found(engine, "轴承") == []
    assert engine.count(AllOf()) == 0


def test_one_refused_change_does_not_stop_the_others(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = importlib.import_module(f"search_index.{engine.name}.writer")
    real = writer.prepare

    def odd(document: ListingDocument) -> Prepared:
        made: Prepared = real(document)
        return Prepared(made.fields | ({"fresh_key": "no number"} if document.id == "achievement:2" else {}), made.words)

    engine.put([achievement(2, "密封圈")])
    monkeypatch.setattr(writer, "prepare", odd)
    with pytest.raises(ChangesRefused, match="achievement:2") as refused:
        engine.put([achievement(n, title, rev=2) for n, title in enumerate(("轴承", "齿轮", "轴承"), 1)])
    assert list(refused.value.reasons) == ["achievement:2"]
    assert dict(engine.stream_versions()) == {"achievement:1": 2, "achievement:2": 1, "achievement:3": 2}
    monkeypatch.undo()
    assert found(engine, "轴承") == ["achievement:1", "achievement:3"]
    assert found(engine, "密封圈") == ["achievement:2"]
    assert engine.put([achievement(2, "齿轮", rev=2)]).accepted == 1


def test_a_newer_revision_replaces(engine: SearchEngine) -> None:
    engine.put([achievement(1, "轴承")])
    engine.put([achievement(1, "减速器", rev=2)])
    assert found(engine, "轴承") == []
    assert found(engine, "减速器") == ["achievement:1"]
    assert list(engine.stream_versions()) == [("achievement:1", 2)]


def test_an_older_revision_is_dropped_and_named(engine: SearchEngine) -> None:
    engine.put([achievement(1, "减速器", rev=5)])
    outcome = engine.put([achievement(1, "轴承", rev=4), achievement(2, "齿轮")])
    assert (outcome.accepted, outcome.stale) == (1, ("achievement:1",))
    assert found(engine, "轴承") == []


def test_the_same_revision_may_come_again(engine: SearchEngine) -> None:
    engine.put([achievement(1, "轴承", rev=3)])
    assert engine.put([achievement(1, "轴承", rev=3)]).accepted == 1
    assert engine.count(AllOf()) == 1


def test_an_older_drop_does_not_remove(engine: SearchEngine) -> None:
    engine.put([achievement(1, "轴承", rev=3)])
    assert engine.drop([("achievement:1", 2)]).stale == ("achievement:1",)
    assert found(engine, "轴承") == ["achievement:1"]


def test_a_late_put_does_not_revive_a_dropped_listing(engine: SearchEngine) -> None:
    engine.drop([("achievement:1", 7)])
    assert engine.put([achievement(1, "轴承", rev=6)]).stale == ("achievement:1",)
    assert engine.count(AllOf()) == 0
    assert engine.put([achievement(1, "轴承", rev=8)]).accepted == 1
    assert found(engine, "轴承") == ["achievement:1"]


def test_a_drop_is_remembered_for_an_hour(engine: SearchEngine, an_hour_later: Callable[[Callable[[], bool]], bool]) -> None:
    engine.drop([("achievement:1", 7)])
    engine.put([achievement(2, "齿轮")])
    assert engine.put([achievement(1, "轴承", rev=6)]).accepted == 0
    assert an_hour_later(lambda: engine.put([achievement(1, "轴承", rev=6)]).accepted == 1)


def test_one_batch_keeps_the_newest_of_each(engine: SearchEngine) -> None:
    outcome = engine.put([achievement(1, "甲型轴承", rev=2), achievement(1, "乙型齿轮", rev=1), need(1, "轴承")])
    assert outcome.accepted == 2
    assert list(engine.stream_versions()) == [("achievement:1", 2), ("need:1", 1)]


def test_empty_batches_are_harmless(engine: SearchEngine) -> None:
    assert engine.put([]).accepted == 0
    assert engine.drop([]).accepted == 0


def test_versions_come_in_order_of_their_numbers(engine: SearchEngine) -> None:
    engine.put([need(2), achievement(10), achievement(2), need(1)])
    assert [listing for listing, _ in engine.stream_versions()] == ["need:1", "achievement:2", "need:2", "achievement:10"]


@pytest.mark.parametrize(
    "facts",
    [
        {"id": "achievement:x"},
        {"id": "need:1"},
        {"id": "achievement:-1"},
        {"id": "achievement:01"},
        {"id": "achievement:999999999999"},
        {"rev": -1},
        {"quality": 1.5},
        {"maturity": 0},
        {"audience": "everyone"},
        {"ip_status": ("sold",)},
        {"fresh_at": 1 << 40},
    ],
)
def test_a_document_no_engine_can_hold_is_refused_where_it_is_made(facts: dict[str, object]) -> None:
    with pytest.raises(BadDocument):
        achievement(1, **facts)


def test_the_largest_id_keeps_its_order(engine: SearchEngine) -> None:
    engine.put([achievement(536870911, "轴承", fresh_at=8_000_000_000), achievement(1, "轴承", fresh_at=8_000_000_000)])
    assert found(engine, sort="fresh") == ["achievement:1", "achievement:536870911"]
