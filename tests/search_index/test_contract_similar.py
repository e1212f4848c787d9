"""Counterparts of a listing, on every engine: who is eligible, who is found, and what the scorer is told."""

from __future__ import annotations

import pytest

from search_index.engine import SearchEngine
from search_index.requests import InvalidSearch, SimilarRequest, Terms
from tests.search_index.conftest import NOON
from tests.search_index.making import achievement, need

WANTED = need(
    1, "寻求燃料电池双极板涂层", summary_zh="要求耐腐蚀,寿命一万小时。", fields=("F11",), owner_org=6, keywords=("双极板",)
)


@pytest.fixture(autouse=True)
def _filled(engine: SearchEngine) -> None:
    engine.put(
        [
            WANTED,
            achievement(1, "金属双极板耐腐蚀涂层", fields=("F11",), owner_org=5, money_min=100, quality=0.5),
            achievement(2, "双极板冲压", fields=("F11",), owner_org=5),
            achievement(3, "小麦抗病品种", fields=("F20",), owner_org=5),
            achievement(4, "氢气瓶缠绕", fields=("F11",), owner_org=5),
            achievement(5, "双极板涂层", fields=("F11",), owner_org=6),
            achievement(6, "双极板涂层设备", fields=("F11",), owner_org=5, audience="verified"),
            need(2, "双极板涂层需求", fields=("F11",), owner_org=5, closes_at=NOON),
            *(achievement(n, "普通电缆桥架", owner_org=5) for n in range(20, 40)),
        ]
    )


def ids(engine: SearchEngine, **more: object) -> list[str]:
    request = {"subject": WANTED, "kind": "achievement", "scope": Terms("audience", ("public",)), **more}
    return [one.document.id for one in engine.similar(SimilarRequest(**request))]  # type: ignore[arg-type]


def test_the_likest_text_comes_first_and_the_same_field_is_recalled(engine: SearchEngine) -> None:
    assert ids(engine) == ["achievement:1", "achievement:2", "achievement:4"]


def test_own_hidden_and_unlike_listings_are_not_candidates(engine: SearchEngine) -> None:
    found = ids(engine)
    assert "achievement:5" not in found
    assert "achievement:6" not in found
    assert "achievement:3" not in found


def test_closed_listings_are_no_counterparts(engine: SearchEngine) -> None:
    subject = achievement(1, "双极板涂层", owner_org=9)
    assert "need:2" in ids(engine, subject=subject, kind="need", open_at=NOON)
    assert "need:2" not in ids(engine, subject=subject, kind="need", open_at=NOON + 1)


def test_named_listings_are_scored_whoever_owns_them(engine: SearchEngine) -> None:
    assert set(ids(engine, only=("achievement:3", "achievement:5", "achievement:999"))) == {"achievement:3", "achievement:5"}
    assert "achievement:6" not in ids(engine, only=("achievement:6",))


def test_a_candidate_brings_its_facts(engine: SearchEngine) -> None:
    best = engine.similar(SimilarRequest(subject=WANTED, kind="achievement"))
    one = next(found for found in best if found.document.id == "achievement:1")
    assert (one.document.money_min, one.document.quality, one.document.fields) == (100, 0.5, ("F11",))
    assert 0 < one.text.value <= 1
    assert one.text.meaning is None


def test_a_pair_is_as_alike_seen_from_either_side(engine: SearchEngine) -> None:
    there = engine.similar(SimilarRequest(subject=WANTED, kind="achievement", only=("achievement:1",)))[0]
    back = engine.similar(SimilarRequest(subject=there.document, kind="need", only=("need:1",)))[0]
    assert back.text.value == pytest.approx(there.text.value, abs=1e-5)
    assert back.text.covered == pytest.approx(there.text.covered, abs=1e-5)


def test_shared_terms_stand_where_they_say(engine: SearchEngine) -> None:
    other = engine.similar(SimilarRequest(subject=WANTED, kind="achievement", only=("achievement:1",)))[0].document
    terms = engine.explain(WANTED, other)
    assert {term.text for term in terms} >= {"双极板", "涂层"}
    assert terms[0].weight == 1.0
    for term in terms:
        assert term.in_subject or term.text in WANTED.keywords
        for span in term.in_candidate:
            assert getattr(other, span.field)[span.start : span.end] == term.text


def test_limits_of_candidates(engine: SearchEngine) -> None:
    assert len(ids(engine, limit=2)) <= 2
    with pytest.raises(InvalidSearch):
        ids(engine, limit=100_000)
    with pytest.raises(InvalidSearch):
        ids(engine, kind="person")
