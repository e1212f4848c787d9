"""Search pages from a tantivy snapshot: ordered hits, facets with the other filters applied, cursors."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import tantivy

from search_index.embedded.reader import Snapshot
from search_index.highlights import hit_of, pattern_of
from search_index.plan import Below, Bool, Node, Plan, Worth
from search_index.requests import FacetCount, InvalidSearch, SearchRequest, SearchResult

ASCENDING: Final = tantivy.Order.Asc
DESCENDING: Final = tantivy.Order.Desc
_KEYS: Final = {"fresh": "fresh_key", "maturity": "maturity_key"}
_FACET_VALUES: Final = 200
# Scores are compared rounded, ties go by id; so many hits beyond the page are read to see where a tie ends.
SCORE_DIGITS: Final = 4
_BEYOND: Final = 16
_TIE_LIMIT: Final = 8192


def search(snapshot: Snapshot, request: SearchRequest) -> SearchResult:
    """A page of hits; when no listing holds enough of several known words, of listings that hold one of them."""
    plan = snapshot.plan(request)
    result = _answer(snapshot, plan, request)
    if result.total == 0 and _is_torn(snapshot, plan):
        return replace(_answer(snapshot, plan.relaxed(), request), relaxed=True)
    return result


def _answer(snapshot: Snapshot, plan: Plan, request: SearchRequest) -> SearchResult:
    order = request.sort if plan.is_query or request.sort != "relevance" else "fresh"
    if order == "relevance":
        total, ranked, cursor = _by_score(snapshot, plan, request)
    else:
        total, ranked, cursor = _by_key(snapshot, plan, request, _KEYS[order])
    pattern = pattern_of(plan.terms)
    return SearchResult(
        total=total,
        hits=tuple(hit_of(snapshot.document(address), score, pattern, languages=request.languages) for score, address in ranked),
        facets=facets(snapshot, plan, request),
        next_cursor=cursor,
        terms=plan.terms,
    )


def _is_torn(snapshot: Snapshot, plan: Plan) -> bool:
    """Is each word known, but no listing the reader may see holds enough of them, with or without the chosen filters?"""
    words = plan.words

    def total(node: Node) -> int:
        return snapshot.total(Bool(must=(node, *(Worth(part, 0.0) for part in plan.base))))

    return bool(words) and total(plan.scored) == 0 and all(total(word) for word in words)


Ranked = list[tuple[float, tantivy.DocAddress]]


def _by_score(snapshot: Snapshot, plan: Plan, request: SearchRequest) -> tuple[int, Ranked, str | None]:
    """Best score first, equal scores by id. A tie across the page's end is read to its end, so pages never overlap."""
    if request.cursor is not None:
        raise InvalidSearch("cursor_needs_order", sorts=tuple(_KEYS))
    query = snapshot.query(plan.matching())
    start, end = (request.page - 1) * request.per_page, request.page * request.per_page
    wanted = end + _BEYOND
    while True:
        found = snapshot.searcher.search(query, wanted, weight_by_field="rank")
        hits = [(round(score, SCORE_DIGITS), address) for score, address in found.hits]
        if len(hits) <= end or len(hits) < wanted or hits[end - 1][0] != hits[-1][0] or wanted >= _TIE_LIMIT:
            break
        wanted *= 4
    seqs = snapshot.numbers("seq", [address for _, address in hits])
    ordered = sorted(zip(hits, seqs, strict=True), key=lambda item: (-item[0][0], item[1]))
    return int(found.count), [hit for hit, _ in ordered[start:end]], None  # type: ignore[attr-defined]


def _by_key(snapshot: Snapshot, plan: Plan, request: SearchRequest, key: str) -> tuple[int, Ranked, str | None]:
    node: Node = plan.matching()
    offset = (request.page - 1) * request.per_page
    total = None
    if request.cursor is not None:  # the rest of the list does not tell how long it is
        total = snapshot.total(node)
        node, offset = Bool(must=(node, Worth(Below(key, _read_cursor(request.cursor, key)), 0.0))), 0
    found = snapshot.searcher.search(
        snapshot.query(node), request.per_page + 1, count=total is None, order_by_field=key, order=DESCENDING, offset=offset
    )
    total = int(found.count) if total is None else total  # type: ignore[attr-defined]
    page = found.hits[: request.per_page]
    more = len(found.hits) > request.per_page
    cursor = _write_cursor(int(page[-1][0]), key) if more else None
    return total, [(0.0, address) for _, address in page], cursor


def _write_cursor(value: int, key: str) -> str:
    return base64.urlsafe_b64encode(f"{key}:{value}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str, key: str) -> int:
    try:
        name, _, value = base64.urlsafe_b64decode(cursor[:64] + "=" * (-len(cursor[:64]) % 4)).decode().partition(":")
        number = int(value)
    except (ValueError, binascii.Error):
        raise InvalidSearch("bad_cursor") from None
    if name != key or not 0 <= number < 1 << 63:
        raise InvalidSearch("bad_cursor")
    return number


def facets(snapshot: Snapshot, plan: Plan, request: SearchRequest) -> Mapping[str, tuple[FacetCount, ...]]:
    """Each facet counted with the other chosen filters applied; facets without a choice of their own share one pass."""
    free = [name for name in request.facets if name not in plan.chosen]
    counted = _counts(snapshot, plan.matching(), free)
    for name in request.facets:
        if name in plan.chosen:
            counted |= _counts(snapshot, plan.matching(without=name), [name])
    selected = dict(request.filters)
    return {name: _choices(counted[name], selected.get(name, ())) for name in request.facets}


def _counts(snapshot: Snapshot, node: Node, names: list[str]) -> dict[str, dict[str, int]]:
    if not names:
        return {}
    return dict(snapshot.counts.once((node, tuple(names)), lambda: _aggregate(snapshot, node, names)))


def _aggregate(snapshot: Snapshot, node: Node, names: list[str]) -> dict[str, dict[str, int]]:
    wanted = {name: {"terms": {"field": name, "size": _FACET_VALUES}} for name in names}
    found = snapshot.searcher.aggregate(snapshot.query(node), wanted)
    return {name: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[name]["buckets"]} for name in names}


def _choices(counts: Mapping[str, int], selected: tuple[str, ...]) -> tuple[FacetCount, ...]:
    """Most listings first, then by value; a chosen value stays even at zero, so that it can be let go."""
    shown = dict.fromkeys(selected, 0) | dict(counts)
    ordered = sorted(shown.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value, count, value in selected) for value, count in ordered)
