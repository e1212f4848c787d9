"""Engines under test. The contract suite runs on each of ENGINES; a new engine is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from search_index.embedded import EmbeddedEngine
from search_index.engine import SearchEngine

ENGINES = ("embedded",)
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


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, open_embedded: Callable[[], EmbeddedEngine]) -> SearchEngine:
    """An empty, writable engine of each kind."""
    assert request.param == "embedded"
    return open_embedded()
