"""The reading side: which index is current and what its words weigh, looked up again at most every half second."""

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from search_index.elastic.asking import IndexReading
from search_index.elastic.client import Client
from search_index.elastic.generations import Generations
from search_index.elastic.state import Mark, State
from search_index.engine import EngineUnavailable
from search_index.frequencies import FrequencyTable

REFRESH_SECONDS: Final = 0.5
# Weights of words change slowly.
TABLE_SECONDS: Final = 5.0
_NEVER: Final = float("-inf")


class Reader:
    """Gives out readings. Safe for threads, and for a process forked after it was made."""

    def __init__(
        self, client: Client, generations: Generations, state: State, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client, self._generations, self._state = client, generations, state
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._name: str | None = None
        self._table = FrequencyTable()
        self._mark: Mark = None
        self._looked_at = self._weighed_at = _NEVER

    def reading(self, *, as_known: bool = False) -> IndexReading:
        """The current index, known at most half a second ago (`as_known`: ever). Raises EngineUnavailable."""
        # Another thread may be waiting for the cluster; nobody waits for that one longer than for the cluster itself.
        if not self._lock.acquire(timeout=max(0.0, self._client.left)):
            raise EngineUnavailable("the cluster did not answer in time")
        try:
            if self._pid != os.getpid():
                self._forget()
            if self._name is None or not (as_known or self._monotonic() - self._looked_at < REFRESH_SECONDS):
                self._look()
            return IndexReading(self._client, self._name or "", self._table)
        finally:
            self._lock.release()

    def expire(self) -> None:
        """Look again at the next question: a writer sees its own change at once."""
        with self._lock:
            self._looked_at = self._weighed_at = _NEVER

    def _look(self) -> None:
        name = self._generations.current()
        if name != self._name or self._monotonic() - self._weighed_at >= TABLE_SECONDS:
            if name != self._name or self._state.mark(name) != self._mark:
                self._table, self._mark = self._state.table(name)
            self._weighed_at = self._monotonic()
        self._name = name
        self._looked_at = self._monotonic()
