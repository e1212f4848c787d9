"""Writes changes in bulk: newer revisions only, durable when acknowledged, each change judged by itself.

It decides which changes are stale, tried again or refused; into which index they go, the caller says.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from search_index import similarity
from search_index.documents import ListingDocument, newest, newest_revisions
from search_index.elastic.client import Client, understood
from search_index.elastic.state import State
from search_index.engine import ChangesRefused, EngineUnavailable, WriteOutcome
from search_index.fields import Prepared, prepare
from search_index.frequencies import FrequencyTable, is_worth_saving

_OPERATIONS: Final = 500
_CHARACTERS: Final = 4_000_000
_PATIENCE: Final = "10s"
# Too busy, no primary shard, or held while another index takes this one's place: later it will do.
_LATER: Final = frozenset({403, 429, 502, 503, 504})
_HELD: Final = 403
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """One listing written (`fields`) or removed (None)."""

    id: str
    rev: int
    fields: dict[str, Any] | None = None

    def lines(self) -> Iterator[dict[str, Any]]:
        """As the bulk interface wants it."""
        what = {"_id": self.id, "version": self.rev, "version_type": "external_gte"}
        if self.fields is None:
            yield {"delete": what}
        else:
            yield {"index": what}
            yield self.fields

    @property
    def weight(self) -> int:
        return len(self.fields["text"]) + len(self.fields["pairs"]) if self.fields else 0


@dataclass(slots=True)
class Written:
    """What became of changes, by listing."""

    accepted: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class BulkWriter:
    """Sends changes to one index or alias. Safe for threads."""

    def __init__(
        self,
        client: Client,
        target: str,
        *,
        refresh: str | bool,
        is_alias: bool = False,
        held: Callable[[], None] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._target = target
        self._is_alias = is_alias
        self._refresh = refresh
        self._held = held
        self._pause = pause

    def write(self, changes: Sequence[Change]) -> Written:
        """All changes, each tried again while the cluster is only busy. Raises EngineUnavailable."""
        written = Written()
        for batch in _batches(changes):
            self._write(batch, written)
        return written

    def _write(self, batch: list[Change], written: Written) -> None:
        until = time.monotonic() + self._client.settings.write_seconds
        pause = _FIRST_PAUSE
        while batch := self._send(batch, written):
            if time.monotonic() > until:
                raise EngineUnavailable(f"the cluster did not take {len(batch)} changes in time")
            self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _send(self, batch: list[Change], written: Written) -> list[Change]:
        """Those to be tried again."""
        lines = [line for change in batch for line in change.lines()]
        options: dict[str, Any] = {"require_alias": True} if self._is_alias else {}
        answer = self._client.ask(
            lambda es: es.bulk(index=self._target, operations=lines, refresh=self._refresh, timeout=_PATIENCE, **options)
        )
        with understood():
            found = [next(iter(item.values())) for item in answer["items"]]
            later = [change for change, item in zip(batch, found, strict=True) if _judged(change, item, written)]
            if self._held is not None and any(item["status"] == _HELD for item in found):
                self._held()
        return later


def _judged(change: Change, item: dict[str, Any], written: Written) -> bool:
    """Note what became of it; True when it is to be tried again."""
    status = int(item["status"])
    if status in _LATER:
        return True
    if status < 300 or (status == 404 and change.fields is None):
        written.accepted.append(change.id)
        if status == 201:
            written.created.append(change.id)
    elif status == 409:
        written.stale.append(change.id)
    else:
        written.refused[change.id] = str(item["error"]["reason"])
    return False


def _batches(changes: Sequence[Change]) -> Iterator[list[Change]]:
    batch: list[Change] = []
    weight = 0
    for change in changes:
        if batch and (len(batch) >= _OPERATIONS or weight + change.weight > _CHARACTERS):
            yield batch
            batch, weight = [], 0
        batch.append(change)
        weight += change.weight
    if batch:
        yield batch


class ListingWriter:
    """Documents and drops into one index, and its frequency table kept near the truth."""

    def __init__(self, bulk: BulkWriter, state: State, generation: Callable[[], str]) -> None:
        self._bulk = bulk
        self._state = state
        self._generation = generation
        self._lock = threading.Lock()
        self._uncounted: FrequencyTable | None = None
        self._counted = 0

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        """Add or replace. Raises ChangesRefused after all others are written."""
        latest = newest(documents)
        prepared = {document.id: prepare(document) for document in latest.values()}
        written = self._bulk.write([Change(d.id, d.rev, prepared[d.id].fields) for d in latest.values()])
        self._count([latest[listing] for listing in written.created], [prepared[listing] for listing in written.created])
        return _outcome(written)

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        """Remove; the cluster remembers the revision for an hour, also of a listing it never saw."""
        return _outcome(self._bulk.write([Change(listing, rev) for listing, rev in newest_revisions(versions).items()]))

    def _count(self, documents: list[ListingDocument], prepared: list[Prepared]) -> None:
        """Exact only after a rebuild, which is enough for weights."""
        if not documents:
            return
        with self._lock:
            self._uncounted = self._uncounted or FrequencyTable()
            similarity.count_into(self._uncounted, documents, [item.words for item in prepared])
            waiting = self._uncounted.documents
            if is_worth_saving(waiting, self._counted + waiting):
                with suppress(EngineUnavailable):  # what was written is written; the next time will do for counting
                    self._save()

    def save_table(self) -> None:
        """Write down what was counted since the last time."""
        with self._lock:
            self._save()

    def _save(self) -> None:
        if self._uncounted is not None:
            self._counted = self._state.include(self._generation(), self._uncounted).documents
            self._uncounted = None


def _outcome(written: Written) -> WriteOutcome:
    if written.refused:
        raise ChangesRefused(written.refused)
    return WriteOutcome(len(written.accepted), tuple(written.stale))
