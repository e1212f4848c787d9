"""What stands on the cluster beside the indices: the frequency table of each, and who does what only one may do."""

import base64
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from search_index.elastic import mapping
from search_index.elastic.client import Client, NoSuchThing, Overtaken, Refused, understood
from search_index.engine import EngineUnavailable, WriterBusy
from search_index.frequencies import FrequencyTable

# A process that dies keeps others waiting for so long.
LEASE_SECONDS: Final = 60.0
_RENEWALS: Final = 4
_ATTEMPTS: Final = 20

Mark = tuple[int, int] | None


class State:
    """One small index of its own; made when first written to."""

    def __init__(self, client: Client, *, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._now = now
        self._name = f"{client.settings.index}-state"
        self._lock = threading.Lock()
        self._is_there = False

    def _ensure(self) -> None:
        with self._lock:
            if self._is_there:
                return
            settings = {"number_of_shards": 1, "number_of_replicas": self._client.settings.replicas}
            with suppress(Refused):  # it exists already
                self._client.ask(lambda es: es.indices.create(index=self._name, mappings=mapping.STATE, settings=settings))
            self._is_there = True

    def forget(self) -> None:
        """Delete the index."""
        with self._lock, suppress(NoSuchThing):
            self._is_there = False
            self._client.ask(lambda es: es.indices.delete(index=self._name))

    # -- frequency tables

    def mark(self, generation: str) -> Mark:
        """Changes when the generation's table does; None when there is none."""
        return self._read(generation, with_source=False)[1]

    def table(self, generation: str) -> tuple[FrequencyTable, Mark]:
        """The generation's table; an empty one when there is none (weights are then all equal)."""
        source, mark = self._read(generation, with_source=True)
        if mark is None:
            return FrequencyTable(), None
        with understood():
            return FrequencyTable.from_bytes(base64.b64decode(source["table"])), mark

    def keep_table(self, generation: str, table: FrequencyTable) -> None:
        """Replace the generation's table."""
        self._ensure()
        document = _packed(table)
        self._client.ask(lambda es: es.index(index=self._name, id=generation, document=document))

    def include(self, generation: str, more: FrequencyTable) -> FrequencyTable:
        """Add to the generation's table, whoever else does the same at this moment; returns the whole."""
        for _ in range(_ATTEMPTS):
            whole, mark = self.table(generation)
            whole.include(more)
            with suppress(Overtaken):
                self._write(generation, _packed(whole), mark)
                return whole
        raise EngineUnavailable(f"the frequency table of {generation} is written to by too many at once")

    def drop_table(self, generation: str) -> None:
        """Forget the table of a deleted generation."""
        with suppress(NoSuchThing):
            self._client.ask(lambda es: es.delete(index=self._name, id=generation))

    # -- leases

    @contextmanager
    def lease(self, what: str, sentence: str) -> Iterator[Callable[[], None]]:
        """Be the only one to do `what`. Gives a function that raises WriterBusy when the lease is lost meanwhile.

        A thread renews it while the work goes on; after a death it ends by itself.
        """
        mark = self._claim(what, sentence)
        done, lost = threading.Event(), threading.Event()
        held = [mark]

        def renew() -> None:
            while not done.wait(LEASE_SECONDS / _RENEWALS):
                try:
                    held[0] = self._write(what, self._signed(), held[0])
                except Overtaken:
                    lost.set()
                    return
                except EngineUnavailable:
                    continue  # the next attempt comes before the lease ends

        def check() -> None:
            if lost.is_set():
                raise WriterBusy(f"{sentence}: it took over while this one could not reach the cluster")

        thread = threading.Thread(target=renew, name=f"lease {what}", daemon=True)
        thread.start()
        try:
            yield check
        finally:
            done.set()
            thread.join()
            self._release(what, held[0])

    def is_leased(self, what: str) -> bool:
        """Does somebody do it now?"""
        source, mark = self._read(what, with_source=True)
        return mark is not None and float(source.get("until", 0)) > self._now()

    def _claim(self, what: str, sentence: str) -> Mark:
        self._ensure()
        source, mark = self._read(what, with_source=True)
        if mark is not None and float(source.get("until", 0)) > self._now():
            raise WriterBusy(f"{sentence} ({source.get('holder')})")
        try:
            return self._write(what, self._signed(), mark)
        except Overtaken:
            raise WriterBusy(sentence) from None

    def _release(self, what: str, mark: Mark) -> None:
        if mark is None:
            return
        with suppress(EngineUnavailable):  # then it ends by itself
            self._client.ask(lambda es: es.delete(index=self._name, id=what, if_seq_no=mark[0], if_primary_term=mark[1]))

    def _signed(self) -> dict[str, Any]:
        return {"holder": f"process {os.getpid()} on {socket.gethostname()}", "until": int(self._now() + LEASE_SECONDS)}

    # -- documents

    def _read(self, name: str, *, with_source: bool) -> tuple[dict[str, Any], Mark]:
        try:
            found = self._client.ask(lambda es: es.get(index=self._name, id=name, source=with_source))
        except NoSuchThing:
            return {}, None
        with understood():
            return found.get("_source", {}), (int(found["_seq_no"]), int(found["_primary_term"]))

    def _write(self, name: str, document: dict[str, Any], mark: Mark) -> Mark:
        """Write only if nobody has since `mark`. Raises Overtaken."""
        self._ensure()
        only: dict[str, Any] = {"op_type": "create"} if mark is None else {"if_seq_no": mark[0], "if_primary_term": mark[1]}
        made = self._client.ask(lambda es: es.index(index=self._name, id=name, document=document, **only))
        with understood():
            return int(made["_seq_no"]), int(made["_primary_term"])


def _packed(table: FrequencyTable) -> dict[str, Any]:
    return {"table": base64.b64encode(table.to_bytes()).decode()}
