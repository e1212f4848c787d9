"""What every search engine behind this project must do, and the ways in which one may be unable to.

Callers depend on this Protocol only; which engine answers is a setting.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from search_index.documents import ListingDocument
from search_index.requests import (
    Assistance,
    Candidate,
    Scope,
    SearchRequest,
    SearchResult,
    SharedTerm,
    SimilarRequest,
    Suggestion,
    SuggestRequest,
)

REBUILD_UNDER_WAY: Final = "another rebuild of this index is under way"
NONE_BEFORE: Final = "no index is kept to go back to"


class EngineUnavailable(RuntimeError):
    """The engine cannot answer now; pages answer from the database with a notice."""


class IndexMissing(EngineUnavailable):
    """There is no index yet."""


class RebuildNeeded(EngineUnavailable):
    """The index was built with another schema, dictionary or engine version and must be built anew."""


class WriterBusy(EngineUnavailable):
    """Another process is the one writer of this index."""


class ChangesRefused(RuntimeError):
    """The engine cannot hold some of the changes, however often they come; nothing is wrong with the others."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        named = "; ".join(f"{listing}: {reason}" for listing, reason in list(reasons.items())[:3])
        super().__init__(f"{len(reasons)} changes refused: {named}")
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """How many changes are now durable, and which were older than what the index already knew."""

    accepted: int
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """For operators: what is indexed, with what, and in `trouble` why it must be rebuilt or, unreachable, cannot be asked.

    `words_share` is the share of the frequency table's buckets for words that is in use.
    """

    engine: str
    documents: int
    generation: str | None
    dictionary_version: str
    schema_hash: str
    built_at: int | None = None
    trouble: str | None = None
    is_reachable: bool = True
    words_share: float = 0.0


class Generation(Protocol):
    """An index under construction, invisible until `swap` makes it current. Closing it twice is harmless."""

    name: str

    @property
    def prepare(self) -> Callable[[Sequence[ListingDocument]], list[Any]]:
        """Segmentation and the like for a batch: a plain function of a module, so that another process can run it."""
        ...

    def load(self, documents: Sequence[ListingDocument], prepared: Sequence[Any]) -> None:
        """Add documents not loaded before; durable only after `commit`."""
        ...

    def commit(self) -> None: ...

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome: ...

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome: ...

    def stream_versions(self) -> Iterator[tuple[str, int]]: ...

    def close(self) -> None: ...


class SearchEngine(Protocol):
    """A write returns only when it is durable. Reads see a write within half a second."""

    name: str

    def claim(self) -> None:
        """Be the writer, where there can be only one at a time (the first write does it too). Raises WriterBusy."""
        ...

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        """Store documents whose `rev` is not below the known one, also not below that of an earlier `drop`.

        Raises ChangesRefused when it cannot hold some of them; all others are stored.
        """
        ...

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        """Remove listings, given as (id, rev); remembered for an hour, so that a late older `put` does not revive one."""
        ...

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """All questions inside share this much time, if an engine can be slow at all; then EngineUnavailable."""
        ...

    def search(self, request: SearchRequest) -> SearchResult:
        """One page of hits with facets. Raises InvalidSearch."""
        ...

    def similar(self, request: SimilarRequest) -> tuple[Candidate, ...]:
        """Possible counterparts, likest text first. Raises InvalidSearch."""
        ...

    def explain(
        self, subject: ListingDocument, candidate: ListingDocument, *, language: str | None = None
    ) -> tuple[SharedTerm, ...]:
        """The words that carry a likeness, for the few pairs that are shown; with `language` ("zh", "en") in it, if it can."""
        ...

    def suggest(self, request: SuggestRequest) -> tuple[Suggestion, ...]:
        """Completions of what is being typed, keywords first."""
        ...

    def assist(self, request: SearchRequest) -> Assistance:
        """What to try instead of a search without hits."""
        ...

    def count(self, scope: Scope) -> int:
        """How many listings the scope shows."""
        ...

    def stream_versions(self) -> Iterator[tuple[str, int]]:
        """(id, rev) of every listing, by sequence number; for comparing with the database."""
        ...

    def new_generation(self) -> AbstractContextManager[Generation]:
        """An empty index to fill; removed again unless `swap` made it current. Raises WriterBusy for a second one."""
        ...

    def generation_before(self) -> AbstractContextManager[Generation]:
        """The index kept to go back to, open for writing; `swap` with its name makes it current again.

        Raises IndexMissing where none is kept, RebuildNeeded for one of another make, WriterBusy during a rebuild.
        """
        ...

    def swap(self, generation: str, *, before: Callable[[], None] | None = None) -> None:
        """Make a built generation current, and the present one that to go back to.

        `before` runs while no write goes on; when it raises, nothing is switched.
        """
        ...

    def remove_orphans(self) -> list[str]:
        """Delete what is neither current nor the one before; only from within `new_generation` or `generation_before`."""
        ...

    def status(self) -> EngineStatus: ...

    def close(self) -> None: ...
