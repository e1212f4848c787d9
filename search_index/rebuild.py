"""A new index beside the old one: filled, caught up, compared with the database, then made current in one step; and back.

It decides the order of these steps and refuses to switch to an index that differs from what it should hold. Where the
documents and the changes since the start come from, the caller decides.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Final

from search_index.documents import ListingDocument
from search_index.engine import ChangesRefused, EngineUnavailable, Generation, SearchEngine

BATCH: Final = 500
_NAMED: Final = 20
_COMPARISONS: Final = 4


@dataclass(frozen=True, slots=True)
class Differences:
    """How an index differs from the truth: ids it lacks, ids it should not hold, ids of another revision."""

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.outdated)

    @property
    def listings(self) -> tuple[str, ...]:
        """All that differ."""
        return (*self.missing, *self.extra, *self.outdated)

    def still(self, now: "Differences") -> "Differences":
        """Those of `now` whose listings differed before as well: what is only changing differs once."""
        before = set(self.listings)
        kept = (tuple(one for one in ids if one in before) for ids in (now.missing, now.extra, now.outdated))
        return Differences(*kept)

    def __str__(self) -> str:
        parts = (("missing", self.missing), ("extra", self.extra), ("outdated", self.outdated))
        return "; ".join(f"{len(ids)} {name}: {', '.join(ids[:_NAMED])}" for name, ids in parts if ids) or "equal"


class RebuildMismatch(RuntimeError):
    """The index that was to be used is not what it should be; the present one stays current."""

    def __init__(self, differences: Differences) -> None:
        super().__init__(f"that index differs from the database, the present one stays: {differences}")
        self.differences = differences


# What may keep an index from being built: the engine, a difference, a listing it cannot hold, a disk that is full.
NOT_BUILT: Final = (EngineUnavailable, RebuildMismatch, ChangesRefused, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild made (`documents` it loaded), or a way back found, and which old generations were removed."""

    generation: str
    documents: int
    seconds: float
    removed: tuple[str, ...] = field(default=())


def differences(indexed: Iterable[tuple[str, int]], expected: Iterable[tuple[str, int]]) -> Differences:
    """Compare (id, rev) both ways."""
    wanted = dict(expected)
    extra: list[str] = []
    outdated: list[str] = []
    for listing, rev in indexed:
        known = wanted.pop(listing, None)
        if known is None:
            extra.append(listing)
        elif known != rev:
            outdated.append(listing)
    return Differences(tuple(sorted(wanted)), tuple(sorted(extra)), tuple(sorted(outdated)))


def rebuild(
    engine: SearchEngine,
    documents: Iterable[ListingDocument],
    *,
    expected: Callable[[], Iterable[tuple[str, int]]],
    catch_up: Callable[[Generation], None] | None = None,
    processes: int = 1,
    progress: Callable[[int], None] | None = None,
) -> RebuildReport:
    """Build, catch up, compare, switch, clean.

    `catch_up` repeats on the new index every change made since the caller began to read `documents`; it runs once while
    writing goes on and once more while it is held, so it must be repeatable. `expected` gives (id, rev) of all listings
    that should be found, read at the moment it is called. Raises RebuildMismatch, or WriterBusy for a second rebuild.
    """
    started = time.monotonic()
    with engine.new_generation() as generation:
        loaded = fill(generation, documents, processes=processes, progress=progress)
        if catch_up is not None:
            catch_up(generation)
        removed = _switch(engine, generation, expected, catch_up)
    return RebuildReport(generation=generation.name, documents=loaded, seconds=time.monotonic() - started, removed=removed)


def roll_back(
    engine: SearchEngine, *, expected: Callable[[], Iterable[tuple[str, int]]], catch_up: Callable[[Generation], None]
) -> RebuildReport:
    """Make the index before the present one current again: brought up to date, compared, switched, cleaned.

    `catch_up` and `expected` as in `rebuild`, except that everything since that index was left has to be caught up. The
    present index is then the one to go back to. Raises RebuildMismatch, and as `SearchEngine.generation_before`.
    """
    started = time.monotonic()
    with engine.generation_before() as generation:
        catch_up(generation)
        removed = _switch(engine, generation, expected, catch_up)
    return RebuildReport(generation=generation.name, documents=0, seconds=time.monotonic() - started, removed=removed)


def _switch(
    engine: SearchEngine,
    generation: Generation,
    expected: Callable[[], Iterable[tuple[str, int]]],
    catch_up: Callable[[Generation], None] | None,
) -> tuple[str, ...]:
    """Compared while no write goes on, then current; the names of generations that nobody needs any more."""

    def settle() -> None:
        _compare(generation, expected, catch_up)
        generation.close()

    engine.swap(generation.name, before=settle)
    return tuple(engine.remove_orphans())


def _compare(
    generation: Generation, expected: Callable[[], Iterable[tuple[str, int]]], catch_up: Callable[[Generation], None] | None
) -> None:
    """Catch up and compare; again when they differ, because the database goes on while the index is held.

    What changes after the last catching up has its event, and comes to the new index when writing goes on.
    """
    found: Differences | None = None
    for _ in range(_COMPARISONS if catch_up is not None else 1):
        if catch_up is not None:
            catch_up(generation)
        now = differences(generation.stream_versions(), expected())
        found = now if found is None else found.still(now)
        if not found:
            return
    raise RebuildMismatch(found or Differences())


def fill(
    generation: Generation,
    documents: Iterable[ListingDocument],
    *,
    processes: int = 1,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Load all documents, each id once, and commit; segmentation in `processes` processes when more than one."""
    loaded = 0
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn")) if processes > 1 else nullcontext()
    with pool as workers:
        for count in _loads(generation, _batches(documents), workers, processes):
            loaded += count
            if progress is not None:
                progress(loaded)
    generation.commit()
    return loaded


def _loads(
    generation: Generation, batches: Iterator[list[ListingDocument]], workers: Executor | None, processes: int
) -> Iterator[int]:
    if workers is None:
        for batch in batches:
            generation.load(batch, generation.prepare(batch))
            yield len(batch)
        return
    # A bounded number of batches is under way, so a million documents do not pile up in memory.
    waiting = [(batch, workers.submit(generation.prepare, batch)) for batch in islice(batches, processes * 2)]
    while waiting:
        batch, prepared = waiting.pop(0)
        generation.load(batch, prepared.result())
        yield len(batch)
        waiting += [(more, workers.submit(generation.prepare, more)) for more in islice(batches, 1)]


def _batches(documents: Iterable[ListingDocument]) -> Iterator[list[ListingDocument]]:
    remaining = iter(documents)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def ids(documents: Sequence[ListingDocument]) -> list[tuple[str, int]]:
    """(id, rev) of documents at hand, as `expected` wants them."""
    return [(document.id, document.rev) for document in documents]
