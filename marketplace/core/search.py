"""The search engine of this installation: made once per application, asked through a circuit breaker.

Which engine it is, config says: SEARCH_URL names a cluster, without it the embedded engine lives in SEARCH_FOLDER. What is
asked, the features decide. A web process only reads: only the worker and the commands write.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, g, has_request_context

from marketplace.core import clock, jobs, metrics
from marketplace.core.web.health import OK, ready_part
from search_index.engine import EngineUnavailable, IndexMissing, RebuildNeeded, SearchEngine
from search_index.requests import InvalidSearch

Answer = TypeVar("Answer")
FAILURES_UNTIL_OPEN = 3
OPEN_SECONDS = 10.0
# All questions of one page together; the database needs some time too, and a reader is promised a second.
PAGE_SECONDS = 0.7
# The worker, and a command, may wait longer for an answer.
PATIENCE_SECONDS = 5.0
# For /readyz, which must answer soon whatever the engine does.
LOOK_SECONDS = 0.5
# The handler that brings changes to the index.
INDEXING = "matching.index"
_SPENT = "market_search_spent"
_KEY = "market_search"
log = structlog.get_logger(__name__)


class CircuitOpen(EngineUnavailable):
    """The engine failed several times in a row; it is left alone for some seconds, so that pages do not wait for it."""


@dataclass
class Breaker:
    """Counts failures in a row. Open, it refuses at once; after OPEN_SECONDS one question may try again."""

    monotonic: Callable[[], float] = time.monotonic
    failures: int = 0
    open_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        """Raise CircuitOpen while the engine is left alone; let one question through when the time is over."""
        with self._lock:
            if self.failures < FAILURES_UNTIL_OPEN:
                return
            if self.monotonic() < self.open_until:
                raise CircuitOpen("the search engine failed several times in a row")
            self.open_until = self.monotonic() + OPEN_SECONDS

    @property
    def is_open(self) -> bool:
        """Would a question be refused now? Looking changes nothing."""
        with self._lock:
            return self.failures >= FAILURES_UNTIL_OPEN and self.monotonic() < self.open_until

    def succeeded(self) -> None:
        """Close again."""
        with self._lock:
            self.failures = 0

    def failed(self) -> None:
        """Count one more failure."""
        with self._lock:
            self.failures += 1
            if self.failures == FAILURES_UNTIL_OPEN:
                metrics.BREAKER.inc()
            self.open_until = self.monotonic() + OPEN_SECONDS


@dataclass
class Search:
    """What one application keeps: its engine and the breaker before it."""

    engine: SearchEngine
    breaker: Breaker = field(default_factory=Breaker)


def init_app(app: Flask) -> None:
    """Make the engine (nothing is opened yet) and tell /readyz how to ask for its state."""
    app.extensions[_KEY] = Search(engine_for(app.config))
    metrics.gauges(lambda: [_documents()], market_search_documents="Listings in the search index")
    metrics.gauges(lambda: [lag()], market_search_lag_seconds="How long the oldest change has waited for the index")
    ready_part("search", lambda: state().as_dict())


def engine_for(config: Mapping[str, Any]) -> SearchEngine:
    """The engine of these settings. Each is imported only where it is used: either costs a process some megabytes."""
    if config["SEARCH_URL"]:
        from search_index.elastic import ElasticEngine
        from search_index.elastic.settings import from_config

        return ElasticEngine(from_config(config))
    from search_index.embedded import EmbeddedEngine

    return EmbeddedEngine(Path(config["SEARCH_FOLDER"]))


def kept() -> Search:
    """The engine and breaker of the running application."""
    found: Search = current_app.extensions[_KEY]
    return found


def engine() -> SearchEngine:
    """The engine itself, for the worker and the commands, which must see its errors."""
    return kept().engine


@dataclass(frozen=True, slots=True)
class State:
    """The engine in a word (OK, "rebuild", "unreachable", "left alone" by the breaker), and how far its index is behind."""

    engine: str
    word: str
    lag_seconds: float

    def as_dict(self) -> dict[str, object]:
        """For /readyz."""
        return {"engine": self.engine, "state": self.word, "lag_seconds": round(self.lag_seconds)}


def state() -> State:
    """Asked soon and without a trace: a look neither opens nor closes the breaker."""
    search = kept()
    return State(search.engine.name, "left alone" if search.breaker.is_open else _word(search.engine), lag())


def _word(engine: SearchEngine) -> str:
    with engine.within(LOOK_SECONDS):
        found = engine.status()
    if not found.is_reachable:
        return "unreachable"
    return "rebuild" if found.trouble else OK


def lag() -> float:
    """Seconds that the oldest change has waited for the index; 0 when it holds all of them."""
    return jobs.behind(INDEXING, clock.now())


def _documents() -> int:
    """Raises EngineUnavailable rather than telling of an empty index where none can be seen."""
    if kept().breaker.is_open:
        raise CircuitOpen("not asked")
    found = engine().status()
    if found.trouble:
        raise EngineUnavailable(found.trouble)
    return found.documents


@contextmanager
def _limited(engine: SearchEngine) -> Iterator[None]:
    """Questions of one page share their time."""
    if not has_request_context():
        with engine.within(PATIENCE_SECONDS):
            yield
        return
    begun = time.monotonic()
    spent: float = g.get(_SPENT, 0.0)
    try:
        with engine.within(PAGE_SECONDS - spent):
            yield
    finally:
        setattr(g, _SPENT, spent + time.monotonic() - begun)


def ask(question: Callable[[SearchEngine], Answer]) -> Answer:
    """Ask the engine for a page. Raises InvalidSearch for a bad question and EngineUnavailable for everything else.

    Whatever a broken engine raises, the page must be able to answer from the database instead.
    """
    search = kept()
    try:
        search.breaker.check()
        with _limited(search.engine):
            answer = question(search.engine)
    except InvalidSearch:
        search.breaker.succeeded()
        raise
    except CircuitOpen:
        metrics.SEARCHES.labels("database").inc()
        raise
    except Exception as error:
        metrics.SEARCHES.labels("database").inc()
        # A fault that one odd question meets must not take the engine from everybody: only failing to reach it counts.
        # That there is no usable index is told at once and ends with a rebuild, so nobody need be kept waiting after it.
        if isinstance(error, (EngineUnavailable, OSError)) and not isinstance(error, (IndexMissing, RebuildNeeded)):
            search.breaker.failed()
        log.warning("search_unavailable", error=type(error).__name__, detail=str(error)[:200])
        if isinstance(error, EngineUnavailable):
            raise
        raise EngineUnavailable(f"{type(error).__name__}: {error}") from error
    search.breaker.succeeded()
    metrics.SEARCHES.labels("engine").inc()
    return answer
