"""The Elasticsearch engine: reads the current index, writes through the alias, moves between generations.

What matches and how much it is worth is decided in `plan`, how alike two texts are in `similarity`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from typing import Final

from search_index import explanation
from search_index.answering import Answer, Answering
from search_index.documents import ListingDocument
from search_index.elastic import mapping
from search_index.elastic.client import Client, NoSuchThing
from search_index.elastic.generation import ElasticGeneration
from search_index.elastic.generations import Generations
from search_index.elastic.reader import Reader
from search_index.elastic.settings import ElasticSettings
from search_index.elastic.state import State
from search_index.elastic.writer import BulkWriter, ListingWriter
from search_index.engine import REBUILD_UNDER_WAY, EngineStatus, EngineUnavailable, IndexMissing, RebuildNeeded, WriteOutcome
from search_index.reading import Reading
from search_index.requests import EVERYTHING, SharedTerm
from search_index.tokens import DICTIONARY_VERSION

_LOOK_SECONDS: Final = 5.0
_REBUILD: Final = "rebuild"


class ElasticEngine(Answering):
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

    def claim(self) -> None:
        """Nothing: a cluster orders the writes of any number of processes by their versions."""

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        return self._written(lambda: self._writer.put(documents))

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        return self._written(lambda: self._writer.drop(versions))

    def _written(self, write: Callable[[], WriteOutcome]) -> WriteOutcome:
        """Never into an index of another make; into a first one where there is none."""
        try:
            with self._client.within(_LOOK_SECONDS):  # a worker has other things to do than to wait for a cluster that hangs
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

    def new_generation(self) -> AbstractContextManager[ElasticGeneration]:
        return self._generation(lambda: self.generations.create(is_loading=True))

    def generation_before(self) -> AbstractContextManager[ElasticGeneration]:
        return self._generation(self._released)

    def _released(self) -> str:
        """The one before, which a switch that died halfway may have left closed to writers."""
        name = self.generations.before()
        self.generations.release(name)
        return name

    @contextmanager
    def _generation(self, make: Callable[[], str]) -> Iterator[ElasticGeneration]:
        with self._state.lease(_REBUILD, REBUILD_UNDER_WAY):
            name = make()
            try:
                with closing(ElasticGeneration(self._client, self.generations, self._state, name)) as generation:
                    yield generation
            finally:
                self.generations.discard(name)

    def swap(self, generation: str, *, before: Callable[[], None] | None = None) -> None:
        self.generations.swap(generation, before)
        self._reader.expire()

    def remove_orphans(self) -> list[str]:
        return self.generations.remove_orphans()

    def remove_everything(self) -> None:
        """Delete all indices of this alias: for throw-away engines."""
        for name in self.generations.pointers().names:
            self.generations.delete(name)
        self._state.forget()

    def close(self) -> None:
        """Keep what was counted if the cluster can be reached, and close the connections."""
        with suppress(EngineUnavailable):
            self._writer.save_table()
        self._client.close()

    # -- reading

    def within(self, seconds: float) -> AbstractContextManager[None]:
        return self._client.within(seconds)

    def _read(self, question: Callable[[Reading], Answer]) -> Answer:
        """Within the time a reader waits. An index removed a moment ago was replaced by another one: ask that."""
        with nullcontext() if self._client.is_limited else self._client.within(self.settings.read_seconds):
            try:
                return question(self._reader.reading())
            except NoSuchThing:
                self._reader.expire()
                return question(self._reader.reading())

    def explain(
        self, subject: ListingDocument, candidate: ListingDocument, *, language: str | None = None
    ) -> tuple[SharedTerm, ...]:
        # A page asks this for each match it shows: the weights known by now will do, whatever the cluster is up to.
        with self._client.within(self.settings.read_seconds):
            table = self._reader.reading(as_known=True).table
        return explanation.shared_terms(subject, candidate, table, language=language)

    def stream_versions(self) -> Iterator[tuple[str, int]]:
        """Reads the state of this instant, however long the caller takes."""
        yield from self.generations.versions(self.generations.current())

    def status(self) -> EngineStatus:
        built_at: int | None = None
        name, documents, words, trouble, is_reachable = None, 0, 0.0, None, True
        with self._client.within(self.settings.read_seconds):
            try:
                name = self.generations.pointers().current
                built_at = self.generations.built_at(name) if name else None
                documents = self.count(EVERYTHING)
                words = self._reader.reading(as_known=True).table.share_in_use
            except EngineUnavailable as error:
                trouble, is_reachable = str(error), isinstance(error, (IndexMissing, RebuildNeeded))
        return EngineStatus(
            engine=self.name,
            documents=documents,
            generation=name,
            built_at=built_at,
            dictionary_version=DICTIONARY_VERSION,
            schema_hash=mapping.schema_hash(),
            trouble=trouble,
            is_reachable=is_reachable,
            words_share=words,
        )
