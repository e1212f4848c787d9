"""Search pages on any engine: when to show listings with one of the words, hits cut at their words, facets, cursors."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from operator import itemgetter

from search_index.highlights import hits_of, marker_of
from search_index.plan import Bool, Plan, Worth, plan_search
from search_index.reading import Reading
from search_index.requests import FacetCount, InvalidSearch, SearchRequest, SearchResult


def plan_for(reading: Reading, request: SearchRequest) -> Plan:
    """The tree of a search page, its words weighed by what this index holds."""
    return plan_search(request, lambda unit: reading.table.rarity(unit.must))


def search(reading: Reading, request: SearchRequest) -> SearchResult:
    """A page of hits; when no listing holds enough of several known words, of listings that hold one of them."""
    plan = plan_for(reading, request)
    result = _answer(reading, plan, request)
    if result.total == 0 and _is_torn(reading, plan):
        return replace(_answer(reading, plan.relaxed(), request), relaxed=True)
    return result


def _answer(reading: Reading, plan: Plan, request: SearchRequest) -> SearchResult:
    if not plan.is_query and request.sort == "relevance":
        request = replace(request, sort="fresh")
    elif request.sort == "relevance" and request.cursor is not None:
        raise InvalidSearch("cursor_needs_order", sorts=("fresh", "maturity"))
    page = reading.page(plan, request)
    marker = marker_of(plan.terms)
    selected = dict(request.filters)
    return SearchResult(
        total=page.total,
        hits=hits_of(page.ranked, marker, languages=request.languages),
        facets={name: _choices(page.counts[name], selected.get(name, ())) for name in request.facets},
        next_cursor=page.next_cursor,
        terms=plan.terms,
    )


def _is_torn(reading: Reading, plan: Plan) -> bool:
    """Is each word known, but no listing the reader may see holds enough of them, with or without the chosen filters?"""
    if not plan.words:
        return False
    shown = tuple(Worth(part, 0.0) for part in plan.base)
    together, *alone = reading.totals([Bool(must=(node, *shown)) for node in (plan.scored, *plan.words)])
    return together == 0 and all(alone)


def _choices(counts: Mapping[str, int], selected: tuple[str, ...]) -> tuple[FacetCount, ...]:
    """Most listings first, then by value; a chosen value stays even at zero, so that it can be let go."""
    shown = dict.fromkeys(selected, 0) | dict(counts)
    ordered = sorted(sorted(shown.items()), key=itemgetter(1), reverse=True)
    return tuple(FacetCount(value, count, value in selected) for value, count in ordered)


def write_cursor(value: int, key: str) -> str:
    """Where the next page of an order begins, for an address."""
    return base64.urlsafe_b64encode(f"{key}:{value}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, key: str) -> int:
    """The inverse; a cursor of another order or of nobody's make is refused."""
    try:
        name, _, value = base64.urlsafe_b64decode(cursor[:64] + "=" * (-len(cursor[:64]) % 4)).decode().partition(":")
        number = int(value)
    except (ValueError, binascii.Error):
        raise InvalidSearch("bad_cursor") from None
    if name != key or not 0 <= number < 1 << 63:
        raise InvalidSearch("bad_cursor")
    return number
