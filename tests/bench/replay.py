"""Puts a question to our service and the very same calls to the engine by themselves, each time on a clock of its own.

What our service sends to the engine is written down when the question is put for the first time, which is not measured. The
raw measurement sends it again with nothing of ours around it: queries are already built, of the answer only the reception
counts. Which of the two is measured first changes with every question, and each of the three stands in an hour of its own,
so that no result is answered from memory.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any, Protocol

from search_index.engine import EngineUnavailable
from tests.bench.bench_search import Timing

NOON = 1_750_000_000
HOUR = 3600
# The first calls of a kind warm up and are not counted.
UNCOUNTED = 5

Call = Callable[[], object]


@dataclass
class Compared:
    """Both timings of many questions, how many calls ours needed for one, and how many it could not answer."""

    ours: Timing = field(default_factory=lambda: Timing([], []))
    raw: Timing = field(default_factory=lambda: Timing([], []))
    calls: int = 0
    unanswered: int = 0


class Tape(Protocol):
    """Writes down the calls of one question asked at an hour; `again` gives them back for another."""

    def begin(self) -> None: ...

    def again(self, hour: int, other: int, *, once: bool) -> list[Call]:
        """`once`: a search our service repeats (for a tie, or with fewer words) counts against us only."""
        ...


class _Spy:
    """Stands before the engine's own object and notes the named calls."""

    def __init__(self, real: Any, names: frozenset[str], noted: list[tuple[str, tuple[Any, ...], dict[str, Any]]]) -> None:
        self._real, self._names, self._noted = real, names, noted

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in self._names:
            return found

        def called(*args: Any, **more: Any) -> Any:
            self._noted.append((name, args, more))
            return found(*args, **more)

        return called


class _Noted:
    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def begin(self) -> None:
        self.calls.clear()

    def kept(self, *, once: bool) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
        first = next((at for at, call in enumerate(self.calls) if call[0] == "search"), 0)
        return [call for at, call in enumerate(self.calls) if not once or call[0] != "search" or at == first]


class TantivyTape(_Noted):
    """For the embedded engine: every call of the searcher, among them the reading of stored hits as plain data."""

    NAMES = frozenset({"search", "aggregate", "doc", "fast_field_values", "terms_with_prefix"})

    def __init__(self, engine: Any) -> None:
        super().__init__()
        snapshot = engine._reader.snapshot()
        self._searcher, self._unpack = snapshot.searcher, snapshot.packer.unpack
        engine._reader._snapshot = replace(snapshot, searcher=_Spy(self._searcher, self.NAMES, self.calls))

    def again(self, hour: int, other: int, *, once: bool) -> list[Call]:
        # Tantivy remembers no results, so the hour may stay; a query is an opaque object.
        return [self._call(*call) for call in self.kept(once=once)]

    def _call(self, name: str, args: tuple[Any, ...], more: dict[str, Any]) -> Call:
        asked = getattr(self._searcher, name)
        if name == "search":
            return lambda: asked(*args, **more).hits
        if name == "doc":
            return lambda: json.loads(self._unpack(asked(*args).get_first("facts")))
        return lambda: asked(*args, **more)


class ElasticTape(_Noted):
    """For Elasticsearch: the same request bodies through the client, and the answers parsed."""

    NAMES = frozenset({"search", "msearch"})

    def __init__(self, engine: Any) -> None:
        super().__init__()
        from elasticsearch import Elasticsearch

        client = engine._client
        connected = client._with_patience
        client._with_patience = lambda: _Spy(connected(), self.NAMES, self.calls)
        self._plain = Elasticsearch(list(client.settings.hosts))

    def again(self, hour: int, other: int, *, once: bool) -> list[Call]:
        return [self._call(name, _moved(more, hour, other)) for name, _, more in self.kept(once=once)]

    def _call(self, name: str, more: dict[str, Any]) -> Call:
        asked = getattr(self._plain, name)
        return lambda: asked(**more).body


def _moved(body: Any, hour: int, other: int) -> Any:
    """The same body with another hour in it."""
    if isinstance(body, dict):
        return {name: _moved(part, hour, other) for name, part in body.items()}
    if isinstance(body, (list, tuple)):
        return [_moved(part, hour, other) for part in body]
    return other if body == hour else body


def tape_of(engine: Any) -> Tape:
    """The tape that fits the engine."""
    return TantivyTape(engine) if engine.name == "embedded" else ElasticTape(engine)


class Clock:
    """Hours no question was asked for yet."""

    def __init__(self) -> None:
        self._hours = count(NOON, HOUR)

    def next(self) -> int:
        return next(self._hours)


def compare(tape: Tape, clock: Clock, questions: Iterable[Callable[[int], object]], *, once: bool = False) -> Compared:
    """Each question by our service and raw, now one first and now the other."""
    found = Compared()
    for number, ask in enumerate(questions):
        noted, hour, other = clock.next(), clock.next(), clock.next()
        tape.begin()
        found.unanswered += _timed(Timing([], []), partial(ask, noted))
        calls = tape.again(noted, other, once=once)
        found.calls += len(tape.again(noted, other, once=False))
        both: list[tuple[Timing, Call]] = [(found.ours, partial(ask, hour)), (found.raw, partial(_every, calls))]
        for timing, call in both if number % 2 else reversed(both):
            found.unanswered += _timed(timing, call)
    return found


def _every(calls: Iterable[Call]) -> None:
    for call in calls:
        call()


def alone(asks: Iterable[Call]) -> Compared:
    """Our service only."""
    found = Compared()
    for ask in asks:
        found.unanswered += _timed(found.ours, ask)
    return found


def _timed(into: Timing, ask: Call) -> bool:
    """Note how long it took; True when it was not answered, which takes its time as well."""
    failed = False
    started, worked = time.perf_counter(), time.process_time()
    try:
        ask()
    except EngineUnavailable:
        failed = True
    into.processor.append((time.process_time() - worked) * 1000)
    into.clock.append((time.perf_counter() - started) * 1000)
    return failed
