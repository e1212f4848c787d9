"""A search as it stands in an address: read, checked, asked of the engine within what the actor may see, answered.

When the engine cannot answer, `plain` answers from the database. Words and layout are the page's business.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from marketplace.core import search
from marketplace.core.policy import Actor
from marketplace.listings import policy as listings_policy
from marketplace.listings import queries as listings
from marketplace.listings.queries import Card
from marketplace.matching.queries import hits, plain
from marketplace.taxonomy import queries as taxonomy
from search_index.engine import EngineUnavailable
from search_index.requests import (
    MAX_DEPTH,
    AllOf,
    Assistance,
    FacetCount,
    Hit,
    InvalidSearch,
    Scope,
    SearchRequest,
    Segments,
    Sort,
    Suggestion,
    SuggestRequest,
    Terms,
    from_dict,
)

PER_PAGE = 20
MOST_PAGES = MAX_DEPTH // PER_PAGE
# Name in the address -> facet of the index. The order is the order of chips and of the address.
PARAMETERS: Mapping[str, str] = {
    "kind": "kind",
    "chain": "chain",
    "field": "field",
    "city": "city",
    "maturity": "maturity",
    "mode": "mode",
    "ip": "ip_status",
    "org_kind": "org_kind",
    "released": "released",
}
MOST_VALUE_CHARS = 40
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Query:
    """One search: everything that stands in its address, so that each page can be sent to somebody."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    cursor: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, Sequence[str]]) -> Query:
        """Read the values of an address. Raises InvalidSearch for a page that is no number; unknown names are ignored."""
        chosen = {name: tuple(dict.fromkeys(v for v in values.get(name, ()) if v)) for name in PARAMETERS}
        for found in chosen.values():
            if any(len(value) > MOST_VALUE_CHARS for value in found):
                raise InvalidSearch("bad_filter")
        chosen["city"] = tuple(taxonomy.current().city_code(code) for code in chosen["city"])
        return cls(
            text=_first(values, "q").strip(),
            chosen={name: found for name, found in chosen.items() if found},
            sort=cast("Sort", _first(values, "sort") or "relevance"),  # request_of refuses any other
            page=_page(_first(values, "page")),
            cursor=_first(values, "cursor") or None,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The address's name-value pairs, defaults left out; a stable order gives one address to one search."""
        found = [("q", self.text)] if self.text else []
        found += [(name, value) for name in PARAMETERS for value in self.chosen.get(name, ())]
        found += [("sort", self.sort)] if self.sort != "relevance" else []
        return found + ([("page", str(self.page))] if self.page > 1 else [])

    def values(self) -> dict[str, Any]:
        """The same for url_for."""
        found: dict[str, Any] = {}
        for name, value in self.pairs():
            found.setdefault(name, []).append(value)
        return found

    def on_page(self, number: int) -> Query:
        return replace(self, page=number)

    def sorted_by(self, sort: str) -> Query:
        return replace(self, sort=cast("Sort", sort), page=1)

    def with_text(self, text: str) -> Query:
        return replace(self, text=text, page=1)

    def without(self, name: str, value: str | None = None) -> Query:
        """This search with one choice, or a whole facet, let go."""
        kept = tuple(v for v in self.chosen.get(name, ()) if value is not None and v != value)
        chosen = {**self.chosen, name: kept}
        return replace(self, chosen={n: v for n, v in chosen.items() if v}, page=1)

    def only(self, name: str, value: str | None) -> Query:
        """This search with exactly one value of a facet, or none."""
        freed = self.without(name)
        return freed if value is None else replace(freed, chosen={**freed.chosen, name: (value,)})

    def cleared(self) -> Query:
        """The same words without any choice, except the kind, which is a place rather than a filter."""
        return replace(self, chosen={n: v for n, v in self.chosen.items() if n == "kind"}, page=1)

    @property
    def filters(self) -> list[tuple[str, str]]:
        """Every chosen (name, value) except the kind."""
        return [(name, value) for name in PARAMETERS if name != "kind" for value in self.chosen.get(name, ())]

    @property
    def kind(self) -> str:
        """The one chosen kind, or ""."""
        kinds = self.chosen.get("kind", ())
        return kinds[0] if len(kinds) == 1 else ""

    @property
    def is_plain(self) -> bool:
        """Nothing but possibly one kind: the lists that a robot may keep."""
        return not (
            self.text or self.filters or self.page > 1 or self.sort != "relevance" or len(self.chosen.get("kind", ())) > 1
        )


def _first(values: Mapping[str, Sequence[str]], name: str) -> str:
    found = values.get(name, ())
    return found[0] if found else ""


def _page(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise InvalidSearch("bad_page")
    return int(text)


@dataclass(frozen=True, slots=True)
class Row:
    """One found listing: what the database says of it now, and where the words were hit."""

    card: Card
    score: float
    title: Mapping[str, Segments]
    snippet: Mapping[str, Segments]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search. `is_degraded`: from the database, without facets, ranking and highlights. `is_relaxed`: no
    listing holds all the words, these hold some of them."""

    query: Query
    total: int
    rows: Sequence[Row]
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    next_cursor: str | None = None
    is_degraded: bool = False
    is_relaxed: bool = False

    @property
    def last_page(self) -> int:
        return max(1, min(-(-self.total // PER_PAGE), MOST_PAGES))


def scope_of(actor: Actor) -> Scope:
    """What the actor may find, as the listings' policy says."""
    return from_dict(listings_policy.search_scope(actor).search_filter())


def open_at(now: dt.datetime) -> int:
    """Needs that closed before this are hidden. Days end on the hour, so one second after it is exact all hour long,
    and the engine may keep its counts for that time."""
    return int(now.timestamp()) // _HOUR * _HOUR + 1


def request_of(query: Query, actor: Actor, now: dt.datetime, **rest: Any) -> SearchRequest:
    """The engine's question for a query. Raises InvalidSearch outside the limits."""
    request = SearchRequest.of(
        query.text,
        filters={PARAMETERS[name]: values for name, values in query.chosen.items()},
        scope=scope_of(actor),
        sort=query.sort,
        page=query.page,
        cursor=query.cursor,
        open_at=open_at(now),
        **{"per_page": PER_PAGE, **rest},
    )
    request.check()
    return request


def find(query: Query, actor: Actor, now: dt.datetime, **rest: Any) -> Found:
    """One page of results the actor may see. Raises InvalidSearch."""
    request = request_of(query, actor, now, **rest)
    try:
        result = search.ask(lambda engine: engine.search(request))
    except EngineUnavailable:
        return _from_database(query, actor, now, request.per_page)
    cards = hits.cards_of(result.hits, actor)
    rows = [_row(hit, cards[hit.id]) for hit in result.hits if hit.id in cards]
    return Found(query, result.total, rows, _facets(result.facets), result.next_cursor, is_relaxed=result.relaxed)


def _row(hit: Hit, card: Card) -> Row:
    title = {"zh": hit.title_zh, "en": hit.title_en}
    return Row(card, hit.score, title, {"zh": hit.snippet_zh, "en": hit.snippet_en})


def _facets(found: Mapping[str, tuple[FacetCount, ...]]) -> dict[str, tuple[FacetCount, ...]]:
    return {name: found[facet] for name, facet in PARAMETERS.items() if facet in found}


def _from_database(query: Query, actor: Actor, now: dt.datetime, per_page: int) -> Found:
    total, ids = plain.find(query.text, query.chosen, actor, now=now, page=query.page, per_page=per_page)
    rows = [Row(card, 0.0, _plainly(card.title), _plainly(card.summary)) for card in listings.cards(ids, actor)]
    return Found(query, total, rows, is_degraded=True)


def _plainly(text: Any) -> dict[str, Segments]:
    return {code: ((value, False),) if value else () for code, value in text.as_dict().items()}


def assist(query: Query, actor: Actor, now: dt.datetime) -> Assistance:
    """What to try instead of a search without hits; nothing when the engine cannot answer."""
    request = request_of(query.on_page(1), actor, now)
    try:
        return search.ask(lambda engine: engine.assist(request))
    except EngineUnavailable:
        return Assistance()


def suggest(prefix: str, kind: str, actor: Actor, now: dt.datetime) -> tuple[Suggestion, ...]:
    """Completions of what is being typed; none when the engine cannot answer. Raises InvalidSearch."""
    scope = scope_of(actor)
    if kind:
        scope = AllOf((scope, Terms("kind", (kind,))))
    request = SuggestRequest(prefix=prefix, scope=scope, open_at=open_at(now))
    try:
        return search.ask(lambda engine: engine.suggest(request))
    except EngineUnavailable:
        return ()
