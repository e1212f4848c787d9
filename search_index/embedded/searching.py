"""Search pages from a tantivy snapshot: ordered hits and facet counts."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, Final

import tantivy

from search_index.embedded.reader import Snapshot
from search_index.fields import ORDER_KEYS
from search_index.paging import read_cursor, write_cursor
from search_index.plan import Below, Bool, Node, Plan, Worth
from search_index.reading import FACET_VALUES, Page, settled
from search_index.requests import SearchRequest

DESCENDING: Final = tantivy.Order.Desc
Ranked = list[tuple[float, tantivy.DocAddress]]
Facets = dict[str, dict[str, int]]


class Counters:
    """Threads that count facets while the hits are read, one for each processor beyond the first: tantivy lets them work.

    When none is free, others need the processors as well; then counting waits for its own question's hits.
    """

    def __init__(self, processors: int) -> None:
        self._free = threading.Semaphore(processors - 1)
        self._threads = ThreadPoolExecutor(max(1, processors - 1), thread_name_prefix="facets")

    def begin(self, count: Callable[[], Facets]) -> Callable[[], Facets]:
        """What gives the counts, begun by now or still to be made; it raises what counting raises."""
        if not self._free.acquire(blocking=False):
            return count
        try:
            begun = self._threads.submit(count)
        except RuntimeError:  # the system gives no thread, or the process is ending
            self._free.release()
            return count
        begun.add_done_callback(lambda _: self._free.release())
        return begun.result


@lru_cache(maxsize=1)
def _counters(_pid: int) -> Counters:
    """Those of this process: a forked one has none of its parent's threads."""
    return Counters(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def page(snapshot: Snapshot, plan: Plan, request: SearchRequest) -> Page:
    """See `reading.Reading.page`."""
    matching = plan.matching()
    query = snapshot.query(matching)  # made once for hits and counts: making it is a good part of a quick search
    counting = partial(_facets, snapshot, plan, request, query)
    counted = _counters(os.getpid()).begin(counting) if request.facets else dict
    if request.sort == "relevance":
        total, ranked, cursor = _by_score(snapshot, query, request)
    else:
        total, ranked, cursor = _by_key(snapshot, matching, request, ORDER_KEYS[request.sort])
    hits = [(score, snapshot.document(address)) for score, address in ranked]
    return Page(total, hits, cursor, counted())


def _by_score(snapshot: Snapshot, query: tantivy.Query, request: SearchRequest) -> tuple[int, Ranked, str | None]:
    start, end = (request.page - 1) * request.per_page, request.page * request.per_page
    total = 0

    def read(limit: int) -> list[tuple[float, int, tantivy.DocAddress]]:
        nonlocal total
        found: Any = snapshot.searcher.search(query, limit, weight_by_field="rank")
        total = int(found.count)
        return snapshot.numbered(found.hits)

    ranked = settled(read, end)[start:]
    return total, ranked, None


def _by_key(snapshot: Snapshot, matching: Node, request: SearchRequest, key: str) -> tuple[int, Ranked, str | None]:
    node: Node = matching
    offset = (request.page - 1) * request.per_page
    total = None
    if request.cursor is not None:  # the rest of the list does not tell how long it is
        total = snapshot.total(node)
        node, offset = Bool(must=(node, Worth(Below(key, read_cursor(request.cursor, key)), 0.0))), 0
    found = snapshot.searcher.search(
        snapshot.query(node), request.per_page + 1, count=total is None, order_by_field=key, order=DESCENDING, offset=offset
    )
    total = int(found.count) if total is None else total  # type: ignore[attr-defined]
    page = found.hits[: request.per_page]
    more = len(found.hits) > request.per_page
    cursor = write_cursor(int(page[-1][0]), key) if more else None
    return total, [(0.0, address) for _, address in page], cursor


def _facets(snapshot: Snapshot, plan: Plan, request: SearchRequest, query: tantivy.Query) -> Facets:
    """Each facet counted with the other chosen filters applied; facets without a choice of their own share one pass."""
    free = [name for name in request.facets if name not in plan.chosen]
    counted = _counts(snapshot, plan.matching(), free, query)
    for name in request.facets:
        if name in plan.chosen:
            counted |= _counts(snapshot, plan.matching(without=name), [name])
    return counted


def _counts(snapshot: Snapshot, node: Node, names: list[str], query: tantivy.Query | None = None) -> Facets:
    """`query` is that of the node where it is made already.

    Kept by node and facet: whoever chooses a value sees that facet counted as on the page before.
    """
    kept: dict[str, dict[str, int]] = snapshot.counts.once(node, dict)
    if missing := [name for name in names if name not in kept]:
        kept.update(_aggregate(snapshot, query or snapshot.query(node), missing))
    return {name: kept[name] for name in names}


def _aggregate(snapshot: Snapshot, query: tantivy.Query, names: list[str]) -> Facets:
    wanted = {name: {"terms": {"field": name, "size": FACET_VALUES}} for name in names}
    found = snapshot.searcher.aggregate(query, wanted)
    return {name: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[name]["buckets"]} for name in names}
