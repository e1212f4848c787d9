"""Carries the measured figures of `bench_engines` on to ten million listings: arithmetic, with its formulas shown.

Nothing here is measured at that size; each row says from which figure it comes.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from search_index.frequencies import GRAM_BITS, WORD_BITS
from tests.bench.figures import Figures, Run

LISTINGS = 10_000_000
NODES = 3
REPLICAS = 1
# Assumptions, named so in the table.
SHARD_MS = 40.0
HEAP_GB = 8
BUSY = 0.5
DISK_FILL = 0.85
PEAKS = (5, 20, 50)
GB = 1e9


@dataclass(frozen=True)
class Line:
    """Milliseconds of the raw search with facets as a straight line through the smallest and the largest measured size."""

    base: float
    slope: float

    @classmethod
    def through(cls, small: Figures, large: Figures, share: str) -> Line:
        """Where the larger was not slower, or all seems to be base, noise hides the growth: then all of it counts as growth."""
        low, high = small.rows["facets"][share], large.rows["facets"][share]
        slope = (high - low) / (large.listings - small.listings)
        base = high - slope * large.listings
        return cls(base, slope) if slope > 0 and base < SHARD_MS else cls(0.0, high / large.listings)

    def at(self, listings: float) -> float:
        return self.base + self.slope * listings

    def listings_within(self, milliseconds: float) -> float:
        """How many listings take so long, at most all of them."""
        return min((milliseconds - self.base) / self.slope, LISTINGS)


def tables(run: Run) -> str:
    """The tables of docs/ten-million.md."""
    ends = (run.sizes[0], run.sizes[-1])
    small, large = (run.of_engine("elastic", size) for size in ends)
    own_small, own_large = (run.of_engine("embedded", size) for size in ends)
    head = ("quantity", "formula", "with the figures measured", "result")
    blocks = (
        ("From one run", ("figure", "how", "elastic", "embedded"), _measured(run)),
        ("Elasticsearch", head, _cluster(run, small, large)),
        ("Words and weights", head, _words(small, large)),
        ("The embedded engine instead", head, _embedded(own_small, own_large)),
    )
    return "\n\n".join(f"### {name}\n\n{_table(top, rows)}" for name, top, rows in blocks)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _measured(run: Run) -> list[tuple[str, ...]]:
    sizes = (run.sizes[0], run.sizes[-1])
    elastic, embedded = ([run.of_engine(name, size) for size in sizes] for name in ("elastic", "embedded"))

    def both(name: str, how: str, of: list[str]) -> tuple[str, ...]:
        return (name, how, *of)

    rows = [
        both(
            f"`t({n:,})`, `t95({n:,})`",
            "raw search with facets, p50 and p95",
            [f"{one.rows['facets']['raw50']:.1f} / {one.rows['facets']['raw95']:.1f} ms" for one in (elastic[at], embedded[at])],
        )
        for at, n in enumerate(sizes)
    ]
    last = (elastic[-1], embedded[-1])
    rows += [
        both("`b`", f"bytes of index a listing, at {sizes[-1]:,}", [f"{one.bytes_each:,.0f}" for one in last]),
        both("`r`", f"documents a second, engine and rebuild on {run.cpus} cores", [f"{one.rate:,.0f}" for one in last]),
        both("`d`", "bytes of database a listing (SQLite)", [f"{one.database_bytes / one.listings:,.0f}" for one in last]),
        both("`w`", "buckets for words in use", [f"{one.word_buckets:,} of {1 << WORD_BITS:,}" for one in last]),
    ]
    return rows


def _cluster(run: Run, small: Figures, large: Figures) -> list[tuple[str, ...]]:
    half, most = Line.through(small, large, "raw50"), Line.through(small, large, "raw95")
    fitting = most.listings_within(SHARD_MS)
    shards = max(NODES, math.ceil(LISTINGS / fitting))
    each = LISTINGS / shards
    size = LISTINGS * large.bytes_each
    copies = 1 + REPLICAS
    work = shards * half.at(each)
    disk = size * (2 * copies + 1) / DISK_FILL
    rows: list[tuple[str, ...]] = [
        (
            "listings a shard `n`",
            f"t95(n) ≤ {SHARD_MS:g} ms (assumed: half of a page's 80)",
            f"{most.base:.1f} + {most.slope * 1e6:.1f} x n/10⁶ ≤ {SHARD_MS:g}",
            f"{fitting / 1e6:.2f} million",
        ),
        ("shards `S`", f"max({NODES}, ⌈N / n⌉)", f"10 / {fitting / 1e6:.2f}", f"{shards}, of {each / 1e6:.2f} million each"),
        (
            "index, one copy",
            "N x b",
            f"10⁷ x {large.bytes_each:,.0f}",
            f"{size / GB:.1f} GB, {size / shards / GB:.2f} GB a shard",
        ),
        ("index with replicas", "N x b x (1 + R)", f"R = {REPLICAS}", f"{size * copies / GB:.1f} GB"),
        (
            "disk, all nodes",
            "N x b x (2 x (1 + R) + 1) / 0.85",
            "the current index, the one before, the one being built",
            f"{disk / GB:.0f} GB, {disk / NODES / GB:.0f} GB on each of {NODES} nodes",
        ),
        (
            "memory a node",
            "heap + N x b x (1 + R) / nodes",
            f"heap {HEAP_GB} GB (assumed), the rest so that no search waits for a disk",
            f"{HEAP_GB + size * copies / NODES / GB:.0f} GB",
        ),
        (
            "work of one search `c`",
            "S x t(N / S)",
            f"{shards} x ({half.base:.1f} + {half.slope * 1e6:.1f} x {each / 1e6:.2f})",
            f"{work:.0f} ms of core time, p50 {half.at(each):.0f} ms when {shards} cores are free",
        ),
    ]
    rows += [
        (
            f"cores for {peak} searches a second",
            "peak x c / 1000 / 0.5 (half busy)",
            f"{peak} x {work:.0f} / 500",
            _cores(peak, work),
        )
        for peak in PEAKS
    ]
    return [*rows, *_rebuild(run, large)]


def _cores(peak: int, work: float) -> str:
    cores = math.ceil(peak * work / 1000 / BUSY)
    return f"{cores}, {math.ceil(cores / NODES)} on each of {NODES} nodes"


def _rebuild(run: Run, large: Figures) -> list[tuple[str, ...]]:
    version = bytes_of_a_version()
    hours = LISTINGS / large.rate / 3600
    database = LISTINGS * large.database_bytes / large.listings
    return [
        ("rebuild, same cores", "N / r", f"10⁷ / {large.rate:,.0f}", f"{hours:.1f} h"),
        (
            "rebuild, 8 cores for words, the cluster elsewhere",
            f"N / (r x 8 / {run.cpus})",
            "words are cut in processes of their own",
            f"{hours * run.cpus / 8:.1f} h at best",
        ),
        (
            "memory of a rebuild",
            "N x bytes of an (id, rev) held twice",
            f"10⁷ x {version:.0f}",
            f"{LISTINGS * version / GB:.1f} GB in the process that compares",
        ),
        ("database", "N x d", f"10⁷ x {large.database_bytes / large.listings:,.0f}", f"{database / GB:.0f} GB before history"),
    ]


def bytes_of_a_version() -> float:
    """What the comparison holds for one listing: its id as text, and a place in each of two dicts."""
    many = 100_000
    found = {f"achievement:{9_000_000 + number}": 1 for number in range(many)}
    return sys.getsizeof(next(iter(found))) + 2 * sys.getsizeof(found) / many


def _words(small: Figures, large: Figures) -> list[tuple[str, ...]]:
    buckets = 1 << WORD_BITS
    few, many = (_distinct(one.word_buckets, buckets) for one in (small, large))
    power = math.log(many / few) / math.log(large.listings / small.listings)
    then = many * (LISTINGS / large.listings) ** power
    needed = max(WORD_BITS, math.ceil(math.log2(then / 0.2)))
    weight = ((1 << GRAM_BITS) + (1 << WORD_BITS)) * 4
    return [
        ("distinct words `v`", "-m x ln(1 - w / m)", f"m = {buckets:,}", f"{few:,.0f} and {many:,.0f}"),
        (
            "their growth",
            "v(N) = v x (N / n)^p, p = ln(v₂ / v₁) / ln(n₂ / n₁)",
            f"p = {power:.2f}",
            f"{then / 1e6:.2f} million at 10⁷",
        ),
        (
            "buckets in use then",
            "1 - e^(-v(N) / m)",
            f"e^(-{then / buckets:.2f})",
            f"{100 * (1 - math.exp(-then / buckets)):.0f} % (now {100 * large.word_buckets / buckets:.0f} %)",
        ),
        (
            "bits for a fifth of them",
            "⌈log₂(v(N) / 0.2)⌉",
            f"now {WORD_BITS}",
            f"{needed}, {(1 << needed) * 4 / 1e6:.0f} MB a process",
        ),
        (
            "table of a web process",
            f"(2^{GRAM_BITS} + 2^{WORD_BITS}) x 4",
            "does not grow with listings",
            f"{weight / 1e6:.1f} MB",
        ),
    ]


def _distinct(used: int, buckets: int) -> float:
    """How many words fill so many buckets, when each goes to any of them."""
    return -buckets * math.log(1 - min(used, buckets - 1) / buckets)


def _embedded(small: Figures, large: Figures) -> list[tuple[str, ...]]:
    half, most = Line.through(small, large, "raw50"), Line.through(small, large, "raw95")
    fitting = most.listings_within(SHARD_MS)
    reach = f"{fitting / 1e6:.1f} million" if fitting < LISTINGS else "more than ten million"
    return [
        ("index", "N x b", f"10⁷ x {large.bytes_each:,.0f}", f"{LISTINGS * large.bytes_each / GB:.1f} GB on one disk"),
        (
            "search with facets, p50",
            "t(N)",
            f"{half.base:.1f} + {half.slope * 1e6:.1f} x 10",
            f"{half.at(LISTINGS):.0f} ms, on one core",
        ),
        ("the same, p95", "t95(N)", f"{most.base:.1f} + {most.slope * 1e6:.1f} x 10", f"{most.at(LISTINGS):.0f} ms"),
        (f"listings with p95 within {SHARD_MS:g} ms", f"(({SHARD_MS:g} - base) / slope)", "", reach),
        ("rebuild", "N / r", f"10⁷ / {large.rate:,.0f}", f"{LISTINGS / large.rate / 3600:.1f} h"),
    ]
