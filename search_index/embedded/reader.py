"""The reading side: a snapshot of the current generation, renewed at most every half second.

A web process opens nothing for writing. There is no thread: the first question after the half second looks, with one or
two `stat` calls, whether the pointer or the generation has changed.
"""

import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

import tantivy

from search_index.documents import ListingDocument, from_facts, id_of
from search_index.embedded.packing import Packer
from search_index.embedded.queries import translate
from search_index.embedded.store import FREQUENCIES, Store
from search_index.engine import RebuildNeeded
from search_index.frequencies import FrequencyTable
from search_index.plan import AtLeast, Bool, Node, Worth

REFRESH_SECONDS: Final = 0.5
_REMEMBERED_COUNTS: Final = 256
_STREAMED: Final = 5000

Mark = tuple[int, int] | None


class Counts:
    """Facet counts already made for this very state of the index, a bounded number of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _REMEMBERED_COUNTS:
                self._kept.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One unchanging state of the index with what it takes to ask it."""

    generation: str
    schema: tantivy.Schema
    searcher: tantivy.Searcher
    table: FrequencyTable
    packer: Packer
    counts: Counts = field(default_factory=Counts)

    def query(self, node: Node) -> tantivy.Query:
        """The node, restricted to listings that are there (not tombstones)."""
        there = Worth(AtLeast("closes_at", 0), 0.0)
        # A level less of nested conditions is a tenth of a search.
        if isinstance(node, Bool) and node.must and not node.should:
            return translate(replace(node, must=(*node.must, there)), self.schema)
        return translate(Bool(must=(node, there)), self.schema)

    def total(self, node: Node) -> int:
        """How many listings the node matches."""
        return int(self.searcher.search(self.query(node), 1).count)  # type: ignore[attr-defined]

    def ids(self, addresses: Sequence[tantivy.DocAddress]) -> list[str]:
        return [id_of(seq) for seq in self.numbers("seq", addresses)]

    def numbers(self, name: str, addresses: Sequence[tantivy.DocAddress]) -> list[int]:
        return [int(value or 0) for value in self.searcher.fast_field_values(name, list(addresses))]

    def numbered(self, hits: Iterable[tuple[Any, tantivy.DocAddress]]) -> list[tuple[Any, int, tantivy.DocAddress]]:
        """Each hit with its sequence number."""
        found = list(hits)
        seqs = self.numbers("seq", [address for _, address in found])
        return [(key, seq, address) for (key, address), seq in zip(found, seqs, strict=True)]

    def versions(self) -> Iterator[tuple[str, int]]:
        """(id, rev) of every listing, in order of their sequence numbers."""
        low = 0
        while True:
            query = self.query(AtLeast("seq", low))
            hits = self.searcher.search(query, _STREAMED, count=False, order_by_field="seq", order=tantivy.Order.Asc).hits
            addresses = [address for _, address in hits]
            yield from zip(self.ids(addresses), self.numbers("rev", addresses), strict=True)
            if len(hits) < _STREAMED:
                return
            low = int(hits[-1][0]) + 1

    def document(self, address: tantivy.DocAddress) -> ListingDocument:
        packed = cast("bytes", self.searcher.doc(address).get_first("facts"))
        return from_facts(json.loads(self.packer.unpack(packed).decode()))


class Reader:
    """Hands out snapshots. Safe for threads, and for a process forked after it was made."""

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._snapshot: Snapshot | None = None
        self._index: tantivy.Index | None = None
        self._packer = Packer()
        self._looked_at = 0.0
        self._marks: tuple[Mark, Mark, Mark] = (None, None, None)

    def snapshot(self, *, now: bool = False) -> Snapshot:
        """The current state, at most half a second old (`now`: looked at this instant). Raises EngineUnavailable."""
        with self._lock:
            if self._pid != os.getpid():
                self._forget()
            if self._snapshot is None or now or self._monotonic() - self._looked_at >= REFRESH_SECONDS:
                self._snapshot = self._look(self._snapshot)
                self._looked_at = self._monotonic()
            return self._snapshot

    def expire(self) -> None:
        """Look again at the next question: a writer sees its own change at once."""
        with self._lock:
            self._looked_at = float("-inf")

    def _look(self, before: Snapshot | None) -> Snapshot:
        pointer = self._store.pointer_mark()
        if before is None or pointer is None or pointer != self._marks[0]:
            return self._open(pointer)
        folder = self._store.folder(before.generation)
        commit, counted = _mark(folder / "meta.json"), _mark(folder / FREQUENCIES)
        if (commit, counted) == self._marks[1:]:
            return before
        table = before.table if counted == self._marks[2] else FrequencyTable.load(folder / FREQUENCIES)
        self._marks = (pointer, commit, counted)
        return self._renewed(before.generation, table)

    def _open(self, pointer: Mark) -> Snapshot:
        name = self._store.current()
        folder = self._store.folder(name)
        marks = (pointer, _mark(folder / "meta.json"), _mark(folder / FREQUENCIES))
        try:
            self._index = tantivy.Index.open(str(folder))
            self._index.config_reader("manual")
        except ValueError as error:
            raise RebuildNeeded(f"generation {name} cannot be opened ({error}); run: flask index rebuild") from error
        self._packer = Packer.of(folder)
        self._marks = marks
        return self._renewed(name, FrequencyTable.load(folder / FREQUENCIES))

    def _renewed(self, name: str, table: FrequencyTable) -> Snapshot:
        if self._index is None:
            raise RebuildNeeded(f"generation {name} is not open")
        self._index.reload()
        return Snapshot(name, self._index.schema, self._index.searcher(), table, self._packer)


def _mark(path: Path) -> Mark:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_mtime_ns
