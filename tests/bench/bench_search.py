"""How fast search and matching are at scale, beside the raw engine call in the same run.

    python -m tests.bench.bench_search --count 100000

Nothing here is a timed test: it prints a table for people. Counts are never answered from memory: each measured search
asks for another hour, so that no facet count was made before.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count as counter
from pathlib import Path

import tantivy

from marketplace.matching import rules
from search_index.documents import ListingDocument
from search_index.embedded import EmbeddedEngine
from search_index.embedded.asking import SnapshotReading
from search_index.embedded.reader import Snapshot
from search_index.paging import plan_for
from search_index.rebuild import ids, rebuild
from search_index.requests import FACETS, SearchRequest, SimilarRequest, SuggestRequest, Terms
from tests.bench.generator import listing, listings

PUBLIC = Terms("audience", ("public",))
NOON = 1_750_000_000
SHOWN_MATCHES = 10


@dataclass(frozen=True)
class Timing:
    """Milliseconds of many calls: by the clock, and of processor time, which a busy machine spoils less."""

    clock: list[float]
    processor: list[float]

    def at(self, share: float) -> float:
        return _at(self.clock, share)

    def cpu(self) -> float:
        return _at(self.processor, 0.5)


@dataclass(frozen=True)
class Row:
    """One line of the table: ours, and the raw engine call where there is one to compare."""

    name: str
    ours: Timing
    raw: Timing | None = None

    def cells(self) -> list[str]:
        shown = (self.ours.at(0.5), self.ours.at(0.95), self.ours.at(0.99), self.ours.cpu())
        cells = [self.name, str(len(self.ours.clock)), *(f"{value:.2f}" for value in shown)]
        if self.raw is None:
            return [*cells, "", "", ""]
        ratios = (self.raw.at(0.5), self.ours.at(0.5) / self.raw.at(0.5), self.ours.cpu() / self.raw.cpu())
        return [*cells, *(f"{value:.2f}" for value in ratios)]


def _at(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def timed(calls: Iterator[Callable[[], object]]) -> Timing:
    """Times each call; the first few warm up and are not counted."""
    clock, processor = [], []
    for call in calls:
        started, worked = time.perf_counter(), time.process_time()
        call()
        clock.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    return Timing(clock[3:], processor[3:])


def queries(size: int, total: int) -> list[str]:
    """What people type: a keyword, two, the beginning of a title, English words, a model, pinyin."""
    draw = random.Random(7)
    made: list[str] = []
    while len(made) < size:
        one = listing(draw.randrange(1, total))
        english = one.title_en.split()
        made += [
            one.keywords[0],
            f"{one.keywords[0]} {one.keywords[1]}",
            one.title_zh[:6],
            " ".join(english[:2]),
            one.keywords[2],
            "shiyanshi",
        ]
    return made[:size]


def needs(size: int) -> list[ListingDocument]:
    """Needs of about 200 characters that are not in the index."""
    found: list[ListingDocument] = []
    for one in listings(size * 20, seed=77, first=10_000_001):
        if one.kind == "need":
            facts = {name: getattr(one, name) for name in ("fields", "chains", "city", "maturity", "owner_org", "money_max")}
            text = (one.summary_zh + one.body_zh)[: 200 - len(one.title_zh)]
            found.append(ListingDocument(id=one.id, kind="need", rev=1, title_zh=one.title_zh, summary_zh=text, **facts))
        if len(found) == size:
            break
    return found


def measure_searches(engine: EmbeddedEngine, snapshot: Snapshot, total: int, size: int) -> list[Row]:
    typed, hours = queries(size, total), counter(NOON, 3600)
    chosen = {"kind": ["achievement"], "city": ["370100", "370200"]}

    def asked(query: str, **more: object) -> SearchRequest:
        return SearchRequest.of(query, scope=PUBLIC, open_at=next(hours), **more)  # type: ignore[arg-type]

    def ours(**more: object) -> Timing:
        return timed((lambda q=query: engine.search(asked(q, **more))) for query in typed)

    def raw(facets: bool, **more: object) -> Timing:
        return timed((lambda q=query: raw_search(snapshot, asked(q, **more), facets=facets)) for query in typed)

    browsing = ["" for _ in range(30)]
    return [
        Row("search, filtered, top 10 + 8 facets", ours(filters=chosen, per_page=10), raw(facets=True, filters=chosen)),
        Row("search, top 20 + 8 facets", ours(), raw(facets=True)),
        Row("search, top 20 without facets", ours(facets=()), raw(facets=False)),
        Row("browse everything, newest first", timed((lambda q=q: engine.search(asked(q))) for q in browsing)),
        Row("suggestions", timed((lambda p=p: engine.suggest(SuggestRequest(prefix=p, scope=PUBLIC))) for p in prefixes(typed))),
    ]


def prefixes(typed: list[str]) -> list[str]:
    draw = random.Random(3)
    return [query[: draw.choice((1, 2, 3))] for query in typed]


def raw_search(snapshot: Snapshot, request: SearchRequest, *, facets: bool) -> object:
    """The same query put to tantivy by hand: hits and counts, nothing made of them."""
    plan = plan_for(SnapshotReading(snapshot), request)
    query = snapshot.query(plan.matching())
    found = snapshot.searcher.search(query, request.per_page)
    if facets:
        snapshot.searcher.aggregate(query, {name: {"terms": {"field": name, "size": 200}} for name in FACETS})
    return found


def measure_matching(engine: EmbeddedEngine, snapshot: Snapshot, size: int) -> list[Row]:
    wanted = needs(size)

    def request(subject: ListingDocument) -> SimilarRequest:
        return SimilarRequest(subject=subject, kind="achievement", scope=PUBLIC, open_at=NOON)

    def explained(subject: ListingDocument) -> None:
        found = {one.document.id: one for one in engine.similar(request(subject))}
        ranked = rules.rank([(name, rules.compare(subject, c.document, c.text.value)) for name, c in found.items()])
        for one in ranked[:SHOWN_MATCHES]:
            other = found[one.id].document
            rules.reasons(subject, other, engine.explain(subject, other))

    def raw(subject: ListingDocument) -> None:
        query = tantivy.Query.more_like_this_document_fields_query(
            snapshot.schema, {"text": [" ".join(searching_words(subject))]}, 1, None, 1, 25
        )
        for _, address in snapshot.searcher.search(query, 400).hits:
            snapshot.searcher.doc(address)

    return [
        Row(
            "candidates of a 200-character need",
            timed((lambda s=s: engine.similar(request(s))) for s in wanted),
            timed((lambda s=s: raw(s)) for s in wanted),
        ),
        Row(f"... scored, {SHOWN_MATCHES} of them explained", timed((lambda s=s: explained(s)) for s in wanted)),
    ]


def searching_words(subject: ListingDocument) -> list[str]:
    from search_index import tokens

    return tokens.words(f"{subject.title_zh} {subject.summary_zh}")


def measure_writes(engine: EmbeddedEngine) -> list[Row]:
    singles = [[one] for one in listings(25, seed=5, first=20_000_001)]
    batches = [list(listings(500, seed=5, first=20_100_001 + 500 * n)) for n in range(6)]
    return [
        Row("one change, durable", timed((lambda b=b: engine.put(b)) for b in singles)),
        Row("500 changes, durable", timed((lambda b=b: engine.put(b)) for b in batches)),
    ]


def resident() -> dict[str, int]:
    """Megabytes: all, of its own, and pages of files shared with other processes."""
    text = Path("/proc/self/status").read_text("utf-8") if Path("/proc/self/status").exists() else ""
    found = dict(line.split(":", 1) for line in text.splitlines() if line.startswith(("VmRSS", "RssAnon", "RssFile")))
    return {name: int(value.split()[0]) // 1024 for name, value in found.items()}


def print_table(rows: list[Row]) -> None:
    head = ["milliseconds", "n", "p50", "p95", "p99", "cpu p50", "raw p50", "ratio", "cpu ratio"]
    table = [head, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in table) for at in range(len(head))]
    for line in table:
        print(
            "  ".join(cell.ljust(w) if at == 0 else cell.rjust(w) for at, (cell, w) in enumerate(zip(line, widths, strict=True)))
        )


def build(folder: Path, total: int, processes: int) -> None:
    """Build in a child, so that what building takes is not counted as a web process's memory."""
    documents = list(listings(total))
    started = time.perf_counter()
    engine = EmbeddedEngine(folder)
    rebuild(engine, documents, expected=lambda: ids(documents), processes=processes)
    engine.close()
    seconds = time.perf_counter() - started
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"built {total} listings in {seconds:.1f} s ({total / seconds:.0f} a second, {processes} processes)")
    print(f"index {size / 1e6:.0f} MB, {size / total:.0f} bytes a listing")


def run(folder: Path, total: int, size: int) -> None:
    """Measure on an index built before."""
    reader = EmbeddedEngine(folder)
    documents = reader.status().documents
    snapshot = reader._reader.snapshot()
    print(f"{documents} listings; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")
    rows = [*measure_searches(reader, snapshot, total, size), *measure_matching(reader, snapshot, max(20, size // 4))]
    memory = resident()
    print_table([*rows, *measure_writes(reader)])
    print(f"resident after reading: {memory}")
    reader.close()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=240)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--folder", type=Path, help="keep the index here and use it again")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="market-bench-") as scratch:
        folder = given.folder or Path(scratch)
        if not (folder / "CURRENT").exists():
            from multiprocessing import get_context

            child = get_context("spawn").Process(target=build, args=(folder, given.count, given.processes))
            child.start()
            child.join()
            if child.exitcode:
                raise SystemExit("the index could not be built")
        run(folder, given.count, given.queries)


if __name__ == "__main__":
    main()
