"""An index on the cluster that is not yet current: loaded by several bulks at once, its words counted as they come."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from search_index import similarity
from search_index.documents import ListingDocument
from search_index.elastic import mapping
from search_index.elastic.client import Client
from search_index.elastic.generations import Generations
from search_index.elastic.state import State
from search_index.elastic.writer import BulkWriter, Change, ListingWriter, Written
from search_index.engine import ChangesRefused, EngineUnavailable, WriteOutcome
from search_index.fields import Prepared, prepare
from search_index.frequencies import FrequencyTable

_BULKS_AT_ONCE: Final = 3
_REPLICAS_PATIENCE: Final = "20s"


def prepare_all(documents: Sequence[ListingDocument]) -> list[Prepared]:
    """A batch, as a plain function of a module, which a process pool can call."""
    return [prepare(document) for document in documents]


class ElasticGeneration:
    """See `engine.Generation`."""

    def __init__(self, client: Client, generations: Generations, state: State, name: str) -> None:
        self.name = name
        self.prepare: Callable[[Sequence[ListingDocument]], list[Any]] = prepare_all
        self._client, self._generations, self._state = client, generations, state
        self._table = FrequencyTable()
        self._bulk = BulkWriter(client, self.name, refresh=False)
        self._writer = ListingWriter(self._bulk, state, lambda: self.name)
        self._pool: ThreadPoolExecutor | None = ThreadPoolExecutor(_BULKS_AT_ONCE, thread_name_prefix="bulk")
        self._under_way: deque[Future[Written]] = deque()

    def load(self, documents: Sequence[ListingDocument], prepared: Sequence[Prepared]) -> None:
        """Hand a batch over; an error of one shows with a later one or at `commit`."""
        if self._pool is None:
            raise RuntimeError(f"generation {self.name} is closed")
        changes = [Change(d.id, d.rev, item.fields) for d, item in zip(documents, prepared, strict=True)]
        self._under_way.append(self._pool.submit(self._bulk.write, changes))
        similarity.count_into(self._table, documents, [item.words for item in prepared])
        while len(self._under_way) > _BULKS_AT_ONCE:
            _whole(self._under_way.popleft())

    def commit(self) -> None:
        """Wait until all is written, then ready the index for use: refreshed by itself, and on its replicas."""
        while self._under_way:
            _whole(self._under_way.popleft())
        self._state.keep_table(self.name, self._table)
        settings = mapping.settled(self._client.settings)
        self._client.ask(lambda es: es.indices.put_settings(index=self.name, settings=settings))
        self._generations.refresh(self.name)
        if self._client.settings.replicas:
            self._wait_for_replicas()

    def _wait_for_replicas(self) -> None:
        """On one node there is no place for them, and a slow copy must not stop a rebuild."""
        nodes = int(self._client.ask(lambda es: es.cluster.health())["number_of_data_nodes"])
        if nodes > 1:
            with suppress(EngineUnavailable):
                self._client.ask(
                    lambda es: es.cluster.health(index=self.name, wait_for_status="green", timeout=_REPLICAS_PATIENCE)
                )

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        return self._writer.put(documents)

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        return self._writer.drop(versions)

    def stream_versions(self) -> Iterator[tuple[str, int]]:
        return self._generations.versions(self.name)

    def close(self) -> None:
        """Stop; what was counted in catching up is kept."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            self._writer.save_table()


def _whole(future: Future[Written]) -> None:
    written = future.result()
    if written.refused:
        raise ChangesRefused(written.refused)
