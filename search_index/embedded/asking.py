"""The primitive questions of `reading.Reading`, answered by one tantivy snapshot."""

from collections.abc import Sequence
from typing import Any, Final

import tantivy

from search_index import spelling
from search_index.documents import ListingDocument
from search_index.embedded import searching
from search_index.embedded.reader import Snapshot
from search_index.frequencies import FrequencyTable
from search_index.plan import Node, Plan
from search_index.reading import Page, Wanted, settled
from search_index.requests import SearchRequest
from search_index.spelling import Near

_VOCABULARY_READ: Final = 100_000


class SnapshotReading:
    """See `reading.Reading`; as short-lived as the question it serves."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @property
    def table(self) -> FrequencyTable:
        return self._snapshot.table

    def page(self, plan: Plan, request: SearchRequest) -> Page:
        return searching.page(self._snapshot, plan, request)

    def totals(self, nodes: Sequence[Node]) -> list[int]:
        return [self._snapshot.total(node) for node in nodes]

    def top(self, wanted: Sequence[Wanted], limit: int) -> list[ListingDocument]:
        found: dict[tuple[int, int], tantivy.DocAddress] = {}
        for one in wanted:
            for address in self._first(one):
                found.setdefault((address.segment_ord, address.doc), address)
        return [self._snapshot.document(address) for address in list(found.values())[:limit]]

    def _first(self, wanted: Wanted) -> list[tantivy.DocAddress]:
        query, searcher = self._snapshot.query(wanted.node), self._snapshot.searcher
        if wanted.freshest:
            return [a for _, a in searcher.search(query, wanted.limit, count=False, order_by_field="fresh_key").hits]

        def read(limit: int) -> list[tuple[Any, int, tantivy.DocAddress]]:
            return self._snapshot.numbered(searcher.search(query, limit, count=False).hits)

        return [address for _, address in settled(read, wanted.limit)]

    def completions(self, typed: str, shown: Node, limit: int) -> list[tuple[str, int]]:
        return list(self._snapshot.searcher.terms_with_prefix("keyword", typed, self._snapshot.query(shown), limit))

    def near(self, word: str) -> list[Near]:
        read = self._snapshot.searcher.terms_with_prefix
        words = self._snapshot.counts.once(("vocabulary",), lambda: list(read("word", "", None, _VOCABULARY_READ)))
        return spelling.near(word, words)
