"""A rebuild of the whole index while one thread writes and another searches, on both engines.

    python -m tests.bench.bench_rebuild --count 100000

No assertion on time: it prints a table. But it fails when a change was lost, or when a search found less than there was.
Without Java and Maven it says so and measures the embedded engine alone.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from search_index.documents import ListingDocument
from search_index.elastic import ElasticEngine, ElasticSettings
from search_index.embedded import EmbeddedEngine
from search_index.engine import EngineUnavailable, Generation, SearchEngine
from search_index.rebuild import differences, ids, rebuild
from search_index.requests import SearchRequest
from tests.bench.bench_engines import JVM_OPTIONS, SETTLE_SECONDS
from tests.bench.generator import listings
from tests.elastic import Cluster, NoElastic

USUAL = 100_000
# The generator puts it into every listing, so that each one missing would be seen.
WORD = "工艺"
MOST_AT_ONCE = 20
# One write in so many takes a listing away.
DROPS = 10
# Writer and reader go on for so long after the rebuild, so that both meet the new index.
AFTER_SECONDS = 2
HEAD = (
    "engine | listings | rebuild | changes written meanwhile | searches meanwhile | fewest found of how many"
    " | lost | slowest write in ms"
)

Opener = Callable[[], SearchEngine]


class Market:
    """A database of its own: the truth, and which listings have changed, before any index hears of it."""

    def __init__(self, count: int) -> None:
        self.listings = {document.id: document for document in listings(count)}
        self.changed: dict[str, int] = {}
        self.dropped = 0
        self._names = list(self.listings)
        self._draw = random.Random(5)
        self._lock = threading.Lock()

    def change(self) -> list[ListingDocument]:
        """A new revision of some, as a worker takes together what waits."""
        with self._lock:
            picked = {self._draw.choice(self._names) for _ in range(self._draw.randrange(1, MOST_AT_ONCE + 1))}
            present = [self.listings[name] for name in sorted(picked) if name in self.listings]
            now = [replace(one, rev=one.rev + 1, title_zh=f"{one.title_zh}改") for one in present]
            self.listings |= {one.id: one for one in now}
            self.changed |= dict(ids(now))
            return now

    def drop(self) -> list[tuple[str, int]]:
        """One goes, for good."""
        with self._lock:
            gone = self.listings.pop(self._draw.choice(self._names), None)
            if gone is None:
                return []
            self.dropped += 1
            self.changed[gone.id] = gone.rev + 1
            return [(gone.id, gone.rev + 1)]

    def everything(self) -> list[ListingDocument]:
        with self._lock:
            return list(self.listings.values())

    def revs(self) -> list[tuple[str, int]]:
        return ids(self.everything())

    def catch_up(self, generation: Generation) -> None:
        with self._lock:
            present = [self.listings[name] for name in self.changed if name in self.listings]
            gone = [(name, rev) for name, rev in self.changed.items() if name not in self.listings]
        generation.put(present)
        generation.drop(gone)


class Traffic:
    """Writes like the worker and searches like a page, each in a thread; an error in either comes out at the end."""

    def __init__(self, market: Market, worker: SearchEngine, reader: SearchEngine) -> None:
        self.market, self.worker, self.reader = market, worker, reader
        self.changes = self.writes = self.repeated = self.searches = self.short = self.unanswered = 0
        self.fewest = self.held = len(market.listings)
        self.slowest_write = 0.0
        self.failed: list[BaseException] = []
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._again, args=(work,)) for work in (self._write, self._search)]

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _again(self, work: Callable[[], None]) -> None:
        try:
            while not self._done.is_set():
                work()
        except BaseException as error:
            self.failed.append(error)

    def _write(self) -> None:
        self.writes += 1
        begun = time.perf_counter()
        if self.writes % DROPS:
            changed = self.market.change()
            self._until_taken(lambda: self.worker.put(changed))
            self.changes += len(changed)
        else:
            gone = self.market.drop()
            self._until_taken(lambda: self.worker.drop(gone))
            self.changes += len(gone)
        self.slowest_write = max(self.slowest_write, time.perf_counter() - begun)

    def _until_taken(self, write: Callable[[], object]) -> None:
        """As the worker, which tries again what the engine did not take."""
        while True:
            try:
                write()
                return
            except EngineUnavailable:
                if self._done.is_set():
                    raise
                self.repeated += 1

    def _search(self) -> None:
        try:
            found = self.reader.search(SearchRequest.of(WORD, facets=())).total
        except EngineUnavailable:  # too late for a page, which then asks the database
            self.unanswered += 1
            return
        self.searches += 1
        self.fewest = min(self.fewest, found)
        # What had been dropped by now may be missing, and nothing else.
        self.short += found < self.held - self.market.dropped


@dataclass(frozen=True)
class Outcome:
    """One line of the table."""

    engine: str
    listings: int
    seconds: float
    traffic: Traffic
    lost: int

    def __str__(self) -> str:
        seen, dropped = self.traffic, self.traffic.market.dropped
        fewest = f"{seen.fewest:,} of {seen.held:,}, {dropped:,} of them dropped meanwhile"
        changes = f"{seen.changes:,}" + (f" ({seen.repeated} writes repeated)" if seen.repeated else "")
        searches = f"{seen.searches:,}" + (f" ({seen.unanswered} unanswered)" if seen.unanswered else "")
        facts = (f"{self.seconds:.0f} s", changes, searches, fewest, self.lost)
        return " | ".join(map(str, (self.engine, f"{self.listings:,}", *facts, f"{seen.slowest_write * 1000:,.0f}")))

    def trouble(self) -> str:
        """What must not be, or nothing."""
        if self.traffic.failed:
            return f"{self.engine}: {self.traffic.failed[0]!r}"
        if self.lost or self.traffic.short or not self.traffic.fewest:
            return f"{self.engine}: {self.lost} listings lost, {self.traffic.short} searches that found less than there was"
        return ""


def measure(name: str, count: int, open_one: Opener) -> Outcome:
    """Fill an index, then build it again while others write and search; engines of their own, as processes have."""
    market = Market(count)
    command, worker, reader = open_one(), open_one(), open_one()
    processes = min(2, os.cpu_count() or 1)
    rebuild(command, market.everything(), expected=market.revs, processes=processes)
    found = reader.search(SearchRequest.of(WORD, facets=())).total
    if found != count:
        raise SystemExit(f"{name}: {WORD} is in {found} listings of {count}, so what is missing would not be seen")
    with Traffic(market, worker, reader) as traffic:
        report = rebuild(command, market.everything(), expected=market.revs, catch_up=market.catch_up, processes=processes)
        time.sleep(AFTER_SECONDS)
    lost = len(differences(worker.stream_versions(), market.revs()).listings)
    for engine in (command, worker, reader):
        engine.close()
    return Outcome(name, count, report.seconds, traffic, lost)


def told(outcome: Outcome) -> Outcome:
    print(f"{outcome.engine}: rebuilt in {outcome.seconds:.0f} s (load average {os.getloadavg()[0]:.1f})", flush=True)
    return outcome


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=USUAL)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="market-bench-") as folder:
        outcomes = [told(measure("embedded", given.count, lambda: EmbeddedEngine(Path(folder))))]
    try:
        cluster = Cluster(jvm_options=JVM_OPTIONS, ready_seconds=SETTLE_SECONDS * 2)
        url = cluster.start()
    except NoElastic as reason:
        print(f"elastic not measured: {reason}")
    else:
        try:
            settings = ElasticSettings(hosts=(url,), replicas=0)
            outcomes.append(told(measure("elastic", given.count, lambda: ElasticEngine(settings))))
        finally:
            cluster.stop()
    print("\n".join(("", f"| {HEAD} |", "|---" * len(HEAD.split(" | ")) + "|", *(f"| {one} |" for one in outcomes))))
    if trouble := [found for one in outcomes if (found := one.trouble())]:
        raise SystemExit("\n".join(trouble))


if __name__ == "__main__":
    main()
