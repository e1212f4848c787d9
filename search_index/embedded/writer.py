"""Writes one generation: newer revisions only, durable when acknowledged.

It decides which changes are stale; which generation is current, and that there is one writer, the engine sees to.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import tantivy
from tantivy import FieldType, Query

from search_index import similarity
from search_index.documents import ListingDocument, id_of, newest, newest_revisions, seq_of
from search_index.embedded.packing import Packer
from search_index.embedded.reader import Snapshot
from search_index.embedded.schema import prepare, tombstone
from search_index.embedded.store import FREQUENCIES
from search_index.engine import ChangesRefused, RebuildNeeded, WriteOutcome
from search_index.fields import Prepared
from search_index.frequencies import FrequencyTable, is_worth_saving

TOMBSTONE_SECONDS: Final = 3600
_HEAP_BYTES: Final = 30_000_000


class GenerationWriter:
    """The open writer of one generation folder. Not thread-safe; its owner serialises."""

    def __init__(self, folder: Path, *, heap_bytes: int = _HEAP_BYTES, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._now = now
        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as error:
            raise RebuildNeeded(f"generation {folder.name} cannot be opened ({error}); run: flask index rebuild") from error
        self._schema = self._index.schema
        self._writer = self._index.writer(heap_bytes, 1)
        self._table = FrequencyTable.load(folder / FREQUENCIES)
        self._uncounted = 0
        self._packer = Packer.of(folder)
        self._is_empty = not self._index.searcher().num_docs

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        """Add or replace, and commit. Raises ChangesRefused after all others are written."""
        latest = newest(documents)
        known = self._known(document.seq for document in latest.values())
        stale = tuple(one.id for one in latest.values() if one.rev < known.get(one.seq, 0))
        made: list[tuple[ListingDocument, Prepared, tantivy.Document]] = []
        refused: dict[str, str] = {}
        for document in (one for one in latest.values() if one.id not in stale):
            try:
                item = prepare(document)
                made.append((document, item, self._packed(item)))
            except (ValueError, TypeError, OverflowError) as error:
                refused[document.id] = str(error)
        self._replace([document.seq for document, _, _ in made], (one for _, _, one in made))
        new = [(document, item) for document, item, _ in made if document.seq not in known]
        self._count([document for document, _ in new], [item for _, item in new])
        if refused:
            raise ChangesRefused(refused)
        return WriteOutcome(len(made), stale)

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        """Replace listings by tombstones, and commit; also for ones never seen, whose older `put` may still come."""
        latest = {seq_of(listing): rev for listing, rev in newest_revisions(versions).items()}
        known = self._known(latest)
        fresh = {seq: rev for seq, rev in latest.items() if rev >= known.get(seq, 0)}
        gone_at = int(self._now())
        self._replace(list(fresh), (self._document(tombstone(seq, rev, gone_at)) for seq, rev in fresh.items()))
        return WriteOutcome(len(fresh), tuple(id_of(seq) for seq in latest if seq not in fresh))

    def load(self, documents: Sequence[ListingDocument], prepared: Sequence[Prepared]) -> None:
        """Add without looking for older revisions and without committing: for filling a new generation, each id once."""
        if self._is_empty and prepared:
            self._packer = Packer.begin(self._folder, [item.fields["facts"] for item in prepared])
            self._is_empty = False
        for item in prepared:
            self._writer.add_document(self._packed(item))
        similarity.count_into(self._table, documents, [item.words for item in prepared])
        self._uncounted += len(documents)

    def commit(self) -> None:
        """Make what `load` added durable."""
        self._writer.commit()
        self.save_table()

    def versions(self) -> Iterator[tuple[str, int]]:
        """(id, rev) of everything committed."""
        self._index.reload()
        yield from Snapshot("", self._schema, self._index.searcher(), self._table, self._packer).versions()

    def close(self) -> None:
        """Also of a generation that was replaced and removed since: nobody needs its table then."""
        with suppress(FileNotFoundError):
            self.save_table()
        self._writer.wait_merging_threads()

    def save_table(self) -> None:
        if self._uncounted:
            self._table.save(self._folder / FREQUENCIES)
            self._uncounted = 0

    def _known(self, seqs: Iterable[int]) -> dict[int, int]:
        wanted = list(seqs)
        self._index.reload()
        searcher = self._index.searcher()
        if not wanted or not searcher.num_docs:
            return {}
        found = searcher.search(Query.term_set_query(self._schema, "seq", wanted), len(wanted), count=False).hits
        addresses = [address for _, address in found]
        pairs = zip(searcher.fast_field_values("seq", addresses), searcher.fast_field_values("rev", addresses), strict=True)
        return {int(seq or 0): int(rev or 0) for seq, rev in pairs}

    def _packed(self, item: Prepared) -> tantivy.Document:
        """The fields with the stored record packed; what is packed once keeps this generation's sample."""
        return self._document({**item.fields, "facts": self._packer.pack(item.fields["facts"])})

    def _document(self, fields: dict[str, Any]) -> tantivy.Document:
        return tantivy.Document.from_dict(fields, self._schema)

    def _replace(self, seqs: list[int], documents: Iterable[tantivy.Document]) -> None:
        if not seqs:
            return
        self._is_empty = False
        try:
            self._writer.delete_documents_by_query(Query.term_set_query(self._schema, "seq", seqs))
            self._writer.delete_documents_by_query(self._expired())
            for one in documents:
                self._writer.add_document(one)
            self._writer.commit()
        except BaseException:
            self._writer.rollback()
            raise

    def _expired(self) -> Query:
        limit = max(1, int(self._now()) - TOMBSTONE_SECONDS)
        return Query.range_query(self._schema, "gone_at", FieldType.Unsigned, 1, limit, True, False)

    def _count(self, documents: list[ListingDocument], prepared: list[Prepared]) -> None:
        """Keep the frequency table near the truth; exact only after a rebuild, which is enough for weights."""
        if documents:
            similarity.count_into(self._table, documents, [item.words for item in prepared])
            self._uncounted += len(documents)
        if is_worth_saving(self._uncounted, self._table.documents):
            self.save_table()
