"""The embedded engine: answers from a snapshot, writes through the one writer, moves between generations.

What matches and how much it is worth is decided in `plan`, how alike two texts are in `similarity`.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Final

from search_index import explanation
from search_index.answering import Answer, Answering
from search_index.documents import ListingDocument
from search_index.embedded.asking import SnapshotReading
from search_index.embedded.generation import EmbeddedGeneration
from search_index.embedded.reader import Reader
from search_index.embedded.schema import schema_hash
from search_index.embedded.store import Store
from search_index.embedded.writer import GenerationWriter
from search_index.engine import REBUILD_UNDER_WAY, EngineStatus, EngineUnavailable, IndexMissing, RebuildNeeded, WriteOutcome
from search_index.plan import scope_node
from search_index.reading import Reading
from search_index.requests import EVERYTHING, SharedTerm
from search_index.tokens import DICTIONARY_VERSION

_WRITER_SENTENCE: Final = "another process is the one writer of this index; run a single worker with the embedded engine"


class EmbeddedEngine(Answering):
    """A `SearchEngine` over one folder. Reading processes never take the writer's lock; the first `put` or `drop` does."""

    name = "embedded"

    def __init__(
        self,
        root: Path,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = Store(Path(root))
        self._now = now
        self._reader = Reader(self.store, monotonic=monotonic)
        self._write_lock = threading.Lock()
        self._claim: IO[str] | None = None
        self._writer: tuple[str, GenerationWriter] | None = None

    # -- writing

    def claim(self) -> None:
        with self._write_lock:
            self._take_place()

    def _take_place(self) -> None:
        if self._claim is None:
            self._claim = self.store.claim("writer.lock", _WRITER_SENTENCE)

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        with self._current_writer() as writer:
            return writer.put(documents)

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        with self._current_writer() as writer:
            return writer.drop(versions)

    @contextmanager
    def _current_writer(self) -> Iterator[GenerationWriter]:
        with self._write_lock:
            self._take_place()
            with self.store.writing():
                yield self._opened()
        self._reader.expire()

    def _opened(self) -> GenerationWriter:
        if self.store.pointers()[0] is None:
            self.store.point_to(self.store.create())
        name = self.store.current()
        if self._writer is not None and self._writer[0] != name:
            self._writer[1].close()
            self._writer = None
        if self._writer is None:
            self._writer = (name, GenerationWriter(self.store.folder(name), now=self._now))
        return self._writer[1]

    def new_generation(self) -> AbstractContextManager[EmbeddedGeneration]:
        return self._generation(self.store.create)

    def generation_before(self) -> AbstractContextManager[EmbeddedGeneration]:
        return self._generation(lambda: self.store.twin(self.store.before()))

    @contextmanager
    def _generation(self, make: Callable[[], str]) -> Iterator[EmbeddedGeneration]:
        with self.store.claim("rebuild.lock", REBUILD_UNDER_WAY):
            name = make()
            try:
                with closing(EmbeddedGeneration(self.store, name, now=self._now)) as generation:
                    yield generation
            finally:
                self.store.discard(name)

    def swap(self, generation: str, *, before: Callable[[], None] | None = None) -> None:
        with self.store.swapping():
            if before is not None:
                before()
            self.store.point_to(generation)

    def remove_orphans(self) -> list[str]:
        return self.store.remove_orphans()

    def close(self) -> None:
        """Finish merges and give the writer's lock back."""
        with self._write_lock:
            if self._writer is not None:
                self._writer[1].close()
                self._writer = None
            if self._claim is not None:
                self._claim.close()
                self._claim = None

    # -- reading

    def within(self, seconds: float) -> AbstractContextManager[None]:  # noqa: ARG002 - the contract names it
        """Its own memory never keeps anybody waiting."""
        return nullcontext()

    def _read(self, question: Callable[[Reading], Answer]) -> Answer:
        return question(SnapshotReading(self._reader.snapshot()))

    def explain(
        self, subject: ListingDocument, candidate: ListingDocument, *, language: str | None = None
    ) -> tuple[SharedTerm, ...]:
        return explanation.shared_terms(subject, candidate, self._reader.snapshot().table, language=language)

    def stream_versions(self) -> Iterator[tuple[str, int]]:
        """Reads the state of this instant, however long the caller takes."""
        yield from self._reader.snapshot(now=True).versions()

    def status(self) -> EngineStatus:
        name, _ = self.store.pointers()
        documents, words, trouble, is_reachable = 0, 0.0, None, True
        try:
            snapshot = self._reader.snapshot(now=True)
            documents, words = snapshot.total(scope_node(EVERYTHING)), snapshot.table.share_in_use
        except EngineUnavailable as error:
            trouble, is_reachable = str(error), isinstance(error, (IndexMissing, RebuildNeeded))
        return EngineStatus(
            engine=self.name,
            documents=documents,
            generation=name,
            built_at=self.store.built_at(name) if name else None,
            dictionary_version=DICTIONARY_VERSION,
            schema_hash=schema_hash(),
            trouble=trouble,
            is_reachable=is_reachable,
            words_share=words,
        )
