"""The same commands and the same way of a change with a cluster behind them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask

from marketplace.core import clock, search
from marketplace.core.db import transaction
from marketplace.core.policy import ANONYMOUS
from marketplace.listings import services
from marketplace.matching.cli import index as commands
from marketplace.matching.cli import index_cli
from marketplace.matching.queries import index as reading
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Query
from search_index.documents import ListingDocument
from search_index.elastic import ElasticEngine
from search_index.tokens import DICTIONARY_VERSION
from tests.factories import accounts, listings
from tests.factories.matching import work_now


@pytest.fixture
def cluster(app: Flask, elastic_url: str) -> Iterator[ElasticEngine]:
    """The application on an index of its own on the shared server."""
    before = {name: app.config[name] for name in ("SEARCH_URL", "SEARCH_INDEX", "SEARCH_REPLICAS")}
    app.config.update(SEARCH_URL=elastic_url, SEARCH_INDEX=f"t{uuid4().hex[:10]}", SEARCH_REPLICAS=0)
    engine = search.engine_for(app.config)
    assert isinstance(engine, ElasticEngine)
    kept, search.kept().engine = search.kept().engine, engine
    yield engine
    search.kept().engine = kept
    engine.remove_everything()
    engine.close()
    app.config.update(before)


def found(text: str = "") -> set[int]:
    return {row.card.id for row in searches.find(Query(text=text), ANONYMOUS, clock.now()).rows}


def test_published_found_withdrawn_gone(cluster: ElasticEngine) -> None:
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    listing = listings.create_achievement(org, actor=actor)
    work_now()
    assert found() == {listing.id}
    assert reading.index_equals_database() == []
    with transaction():
        services.withdraw(listing.id, actor=actor, now=clock.now())
    work_now()
    assert found() == set()
    assert reading.index_equals_database() == []


def test_commands_tell_the_truth_in_words_and_exit_code(app: Flask, cluster: ElasticEngine) -> None:
    runner = app.test_cli_runner()
    missing = runner.invoke(index_cli, ["status"])
    assert missing.exit_code == 1
    assert "flask index rebuild" in missing.output
    listing = listings.create_achievement()
    names = []
    for _ in range(3):
        built = runner.invoke(index_cli, ["rebuild", "--processes", "1"])
        assert built.exit_code == 0, built.output
        assert "1 documents" in built.output
        names.append(built.output.split()[-1])
    assert cluster.generations.pointers().names == tuple(sorted(names[1:]))
    assert runner.invoke(index_cli, ["check"]).output.startswith("equal")
    told = runner.invoke(index_cli, ["status"])
    assert told.exit_code == 0, told.output
    for line in (
        "engine +elastic",
        f"generation +{names[-1]}",
        "documents +1",
        "built .*0.0 days",
        f"dictionary +{DICTIONARY_VERSION}",
        "words +0% of the table",
        "lag +\\d+ s, 1 jobs waiting, 0 given up",
    ):
        assert re.search(line, told.output), (line, told.output)
    back = runner.invoke(index_cli, ["rollback"])
    assert back.output.split()[-1] == cluster.generations.pointers().current == names[1]
    search.engine().put([ListingDocument(id="need:999", kind="need", rev=1, title_zh="不在数据库")])
    search.engine().drop([(f"achievement:{listing.id}", 99)])
    checked = runner.invoke(index_cli, ["check"])
    assert checked.exit_code == 1
    assert "need:999" in checked.output
    assert f"achievement:{listing.id}" in checked.output


def test_a_person_sees_a_bar_and_a_log_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def shown() -> str:
        with commands._progress(10_000) as progress:
            for done in (500, 9_500, 10_000):
                progress(done)
        return capsys.readouterr().err

    assert shown() == "10000 documents\n"
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True, raising=False)
    assert "10000/10000" in shown()
