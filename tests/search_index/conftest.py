"""Engines under test. The contract suite runs on each of ENGINES; a new engine is added here and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import Elasticsearch

from search_index.elastic import ElasticEngine, ElasticSettings
from search_index.embedded import EmbeddedEngine
from search_index.engine import SearchEngine
from tests.search_index.making import achievement

ENGINES = ("embedded", "elastic")
NOON = 1_750_000_000


class Clock:
    """Epoch seconds that move only when told."""

    def __init__(self) -> None:
        self.at = float(NOON)

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_embedded(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], EmbeddedEngine]]:
    """Opens the same folder as often as wanted; each question looks for news, as if half a second had passed."""
    opened: list[EmbeddedEngine] = []

    def open_one() -> EmbeddedEngine:
        ticks = count()
        opened.append(EmbeddedEngine(tmp_path / "index", now=clock, monotonic=lambda: float(next(ticks))))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


class Elastics:
    """Opens engines on the shared server, under names of this process, and removes what they made."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: list[ElasticEngine] = []

    def name(self) -> str:
        return f"t{uuid4().hex[:10]}"

    def open(self, name: str | None = None, *, now: Callable[[], float] | None = None, **settings: Any) -> ElasticEngine:
        """An engine that looks for news at each question, as if half a second had passed."""
        given = {"replicas": 0, "refresh": "true", "read_seconds": 30.0, "index": name or self.name(), **settings}
        times = {"now": now} if now else {}
        ticks = count(step=10)
        engine = ElasticEngine(ElasticSettings(hosts=(self._url,), **given), monotonic=lambda: float(next(ticks)), **times)
        self._opened.append(engine)
        return engine

    def remove(self) -> None:
        for engine in self._opened:
            engine.remove_everything()
            engine.close()
        self._opened.clear()


@pytest.fixture(scope="session")
def elastics(elastic_url: str) -> Iterator[Elastics]:
    """For engines that outlive a test."""
    found = Elastics(elastic_url)
    yield found
    found.remove()


@pytest.fixture
def open_elastic(elastic_url: str, clock: Clock) -> Iterator[Callable[..., ElasticEngine]]:
    """Opens the same index, or one by name, as often as wanted."""
    found = Elastics(elastic_url)
    own = found.name()

    def open_one(name: str = own, **settings: Any) -> ElasticEngine:
        return found.open(name, now=clock, **settings)

    yield open_one
    found.remove()


@pytest.fixture(scope="module")
def lasting_elastic(elastics: Elastics) -> ElasticEngine:
    """One engine for a module: an index costs more than a test. Only where all revisions are 1."""
    return elastics.open()


@pytest.fixture(params=ENGINES)
def open_engine(request: pytest.FixtureRequest) -> Callable[[], SearchEngine]:
    """Opens an engine of each kind on one and the same index, as often as wanted."""
    opener: Callable[[], SearchEngine] = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[SearchEngine]:
    """An empty, writable engine of each kind. A module marked `revisions` gets a new index for each test."""
    if request.param == "embedded":
        yield request.getfixturevalue("open_embedded")()
    elif request.node.get_closest_marker("revisions"):
        yield request.getfixturevalue("open_elastic")()
    else:
        engine: ElasticEngine = request.getfixturevalue("lasting_elastic")
        engine.put([])
        yield engine
        engine.drop([(listing, rev) for listing, rev in engine.stream_versions()])


@pytest.fixture
def an_hour_later(engine: SearchEngine, clock: Clock) -> Callable[[Callable[[], bool]], bool]:
    """Lets an hour pass, and asks until the answer is yes: by our clock, or by telling the server that an hour is nothing."""

    def later(answer: Callable[[], bool]) -> bool:
        clock.at += 3601
        if isinstance(engine, ElasticEngine):
            server = Elasticsearch(list(engine.settings.hosts))
            server.indices.put_settings(index=engine.settings.index, settings={"index.gc_deletes": "0ms"})
            server.close()
        until = time.monotonic() + 10
        while not (found := answer()) and time.monotonic() < until:
            engine.put([achievement(999_999, rev=time.monotonic_ns())])  # a refresh is when the server forgets
        return found

    return later
