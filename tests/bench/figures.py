"""What a run of `bench_engines` found, as plain data that goes to a file and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.bench.replay import UNCOUNTED, Compared

Row = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One engine at one size. `rows` holds milliseconds by question."""

    engine: str
    listings: int
    needs: int
    rebuild_seconds: float
    index_bytes: int
    database_bytes: int
    word_buckets: int
    resident_mb: dict[str, int]
    rows: dict[str, Row]

    @property
    def bytes_each(self) -> float:
        return self.index_bytes / self.listings

    @property
    def rate(self) -> float:
        return self.listings / self.rebuild_seconds


@dataclass(frozen=True, kw_only=True)
class Run:
    """Both engines at every size, smaller first, and what they ran on."""

    figures: list[Figures]
    heap: str
    server: str
    python: str
    cpus: int
    load: float
    questions: int

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Run:
        return cls(**{**kept, "figures": [Figures(**one) for one in kept["figures"]]})

    @property
    def sizes(self) -> list[int]:
        return sorted({one.listings for one in self.figures})

    def of_engine(self, engine: str, size: int) -> Figures:
        return next(one for one in self.figures if (one.engine, one.listings) == (engine, size))


def row_of(found: Compared) -> Row:
    """The percentiles of one question, without the first calls."""
    row: Row = {"n": len(found.ours.clock) - UNCOUNTED, "unanswered": found.unanswered}
    row |= {f"p{share}": _at(found.ours.clock, share) for share in (50, 95, 99)} | {"cpu": _at(found.ours.processor, 50)}
    if found.raw.clock:
        row |= {f"raw{share}": _at(found.raw.clock, share) for share in (50, 95, 99)}
        row |= {"rawcpu": _at(found.raw.processor, 50), "calls": found.calls / len(found.ours.clock)}
    return {name: round(value, 3) for name, value in row.items()}


def _at(times: list[float], share: int) -> float:
    counted = sorted(times[UNCOUNTED:])
    return counted[min(len(counted) * share // 100, len(counted) - 1)]
