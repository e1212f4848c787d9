"""The Elasticsearch engine: reads the current index, writes through the alias, moves between generations.

What matches and how much it is worth is decided in `plan`, how alike two texts are in `similarity`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from search_index import completing, explanation, paging, recall
from search_index.documents import ListingDocument
from search_index.elastic import mapping
from search_index.elastic.asking import IndexReading
from search_index.elastic.client import Client, NoSuchThing
from search_index.elastic.generation import ElasticGeneration
from search_index.elastic.generations import Generations
from search_index.elastic.reader import Reader
from search_index.elastic.settings import ElasticSettings
from search_index.elastic.state import State
from search_index.elastic.writer import BulkWriter, ListingWriter
from search_index.engine import EngineStatus, EngineUnavailable, IndexMissing, WriteOutcome
from search_index.plan import scope_node
from search_index.requests import (
    EVERYTHING,
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
from search_index.tokens import DICTIONARY_VERSION

_REBUILD: Final = "rebuild"
_REBUILD_SENTENCE: Final = "another rebuild of this index is under way"

Answer = TypeVar("Answer")


class ElasticEngine:
    """A `SearchEngine` over one alias of a cluster. Several processes may write at once; nothing is opened until asked."""

    name = "elastic"

    def __init__(
        self,
        settings: ElasticSettings,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._client = Client(settings)
        self._state = State(self._client, now=now)
        self.generations = Generations(self._client, self._state)
        self._reader = Reader(self._client, self.generations, self._state, monotonic=monotonic)
        bulk = BulkWriter(self._client, settings.index, is_alias=True, refresh=settings.refresh, held=self._release_after_death)
        self._writer = ListingWriter(bulk, self._state, self.generations.current)

    # -- writing

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        return self._written(lambda: self._writer.put(documents))

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        return self._written(lambda: self._writer.drop(versions))

    def _written(self, write: Callable[[], WriteOutcome]) -> WriteOutcome:
        """Never into an index of another make; into a first one where there is none."""
        try:
            self.generations.current()
        except IndexMissing:
            self.generations.first()
        try:
            return write()
        finally:
            self._reader.expire()

    def _release_after_death(self) -> None:
        name = self.generations.pointers().current
        if name is not None:
            self.generations.release_after_death(name)

    @contextmanager
    def new_generation(self) -> Iterator[ElasticGeneration]:
        with self._state.lease(_REBUILD, _REBUILD_SENTENCE):
            generation = ElasticGeneration(self._client, self.generations, self._state)
            try:
                yield generation
            finally:
                generation.close()
                self.generations.discard(generation.name)

    def swap(self, generation: str, *, before: Callable[[], None] | None = None) -> None:
        self.generations.swap(generation, before)
        self._reader.expire()

    def remove_orphans(self) -> list[str]:
        return self.generations.remove_orphans()

    def remove_everything(self) -> None:
        """Delete all indices of this alias: for throw-away engines."""
        for name in self.generations.pointers().names:
            self._client.ask(lambda es, name=name: es.indices.delete(index=name))  # type: ignore[misc]
        self._state.forget()

    def close(self) -> None:
        """Keep what was counted if the cluster can be reached, and close the connections."""
        with suppress(EngineUnavailable):
            self._writer.save_table()
        self._client.close()

    # -- reading

    def _read(self, question: Callable[[IndexReading], Answer]) -> Answer:
        """Within the time a reader waits. An index removed a moment ago was replaced by another one: ask that."""
        with self._client.within(self.settings.read_seconds):
            try:
                return question(self._reader.reading())
            except NoSuchThing:
                self._reader.expire()
                return question(self._reader.reading())

    def search(self, request: SearchRequest) -> SearchResult:
        return self._read(lambda reading: paging.search(reading, request))

    def similar(self, request: SimilarRequest) -> tuple[Candidate, ...]:
        return self._read(lambda reading: recall.similar(reading, request))

    def explain(
        self, subject: ListingDocument, candidate: ListingDocument, *, language: str | None = None
    ) -> tuple[SharedTerm, ...]:
        return self._read(lambda reading: explanation.shared_terms(subject, candidate, reading.table, language=language))

    def suggest(self, request: SuggestRequest) -> tuple[Suggestion, ...]:
        return self._read(lambda reading: completing.suggest(reading, request))

    def assist(self, request: SearchRequest) -> Assistance:
        return self._read(lambda reading: completing.assist(reading, request))

    def count(self, scope: Scope) -> int:
        node = scope_node(scope)
        return self._read(lambda reading: reading.totals([node])[0])

    def stream_versions(self) -> Iterator[tuple[str, int]]:
        """Reads the state of this instant, however long the caller takes."""
        yield from self.generations.versions(self.generations.current())

    def status(self) -> EngineStatus:
        built_at: int | None = None
        name, documents, trouble = None, 0, None
        with self._client.within(self.settings.read_seconds):
            try:
                name = self.generations.pointers().current
                built_at = self.generations.built_at(name) if name else None
                documents = self.count(EVERYTHING)
            except EngineUnavailable as error:
                trouble = str(error)
        return EngineStatus(
            engine=self.name,
            documents=documents,
            generation=name,
            built_at=built_at,
            dictionary_version=DICTIONARY_VERSION,
            schema_hash=mapping.schema_hash(),
            trouble=trouble,
        )
