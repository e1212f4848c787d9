"""The search page, its suggestions, and what is offered where nothing is found. Everything stands in the address."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.core import clock, i18n
from marketplace.core.web import actor, errors, public
from marketplace.deals import queries as deals
from marketplace.matching import labels
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Found, Query
from marketplace.matching.views import bp
from marketplace.matching.views.cards import Addresses, card_item
from marketplace.taxonomy import queries as taxonomy
from search_index.requests import FacetCount, InvalidSearch, Suggestion

# How an organisation answers changes by the day; counting a year of enquiries for each page would be waste.
_FIGURES_SECONDS = 60.0
_MOST_FIGURES = 5_000
# With so few chains left their fields are shown at once.
FEW_CHAINS = 2
FIRST_OPTIONS = 8
_figures: dict[int, tuple[float, Any]] = {}
_CLOSED_FACETS = frozenset({"mode", "ip", "org_kind", "released"})
_EXPORTS = {"feed": "exchange.feed", "json": "search_api.search", "csv": "exchange.search_csv"}


@bp.get("/search")
@public
def search() -> ResponseReturnValue:
    """Results of one search with facets, chips, order and pages; a question outside the limits gets a clear 400."""
    who, now = actor(), clock.now()
    try:
        query = Query.of(request.args.to_dict(flat=False))
        found = searches.find(query, who, now, languages=(i18n.language(),))
        help_ = _help(query, found) if found.is_relaxed or not found.total else None
    except InvalidSearch as error:
        return errors.page(400, labels.invalid_search(error))
    to = Addresses()
    figures = response_figures({row.card.org_id for row in found.rows if row.card.org_id})
    return render_template(
        "matching/search.html",
        query=query,
        found=found,
        count=labels.results(found.total),
        items=[card_item(row, to, figures) for row in found.rows],
        facets=_facets(found),
        chips_=[{"label": labels.choice(n, v), "url": to.search(query.without(n, v))} for n, v in query.filters],
        clear_url=to.search(query.cleared()),
        kinds=_kinds(query, found, to),
        sorts=[(sort, label, to.search(query.sorted_by(sort))) for sort, label in labels.SORTS.items()],
        page_url=lambda number: to.search(query.on_page(number)),
        exports={name: to.export(endpoint, query) for name, endpoint in _EXPORTS.items()},
        help=help_,
        post_need_url=url_for("listings.new", kind="need", title=query.text or None),
    )


def response_figures(org_ids: Collection[int]) -> Mapping[int, Any]:
    """Organisation id -> how it answers, at most a minute old."""
    now = time.monotonic()
    missing = [i for i in org_ids if i not in _figures or now - _figures[i][0] > _FIGURES_SECONDS]
    if missing:
        if len(_figures) > _MOST_FIGURES:
            _figures.clear()
        fresh = deals.response_figures(missing)
        _figures.update({i: (now, fresh.get(i)) for i in missing})
    return {i: _figures[i][1] for i in org_ids if i in _figures}


def _kinds(query: Query, found: Found, to: Addresses) -> list[dict[str, Any]]:
    """Both kinds, achievements, needs: as tabs with the number each would show; one that would show nothing is no link."""
    counts = {choice.value: choice.count for choice in found.facets.get("kind", ())}
    if not counts:
        return []
    tabs = [("", labels.all_kinds(), sum(counts.values()))]
    tabs += [(kind, labels.kinds(kind), counts.get(kind, 0)) for kind in ("achievement", "need")]
    return [
        {"label": label, "count": number, "current": query.kind == kind, "url": to.search(query.only("kind", kind or None))}
        for kind, label, number in tabs
        if number or query.kind == kind
    ]


def _facets(found: Found) -> list[dict[str, Any]]:
    """Each facet that offers a choice, in words. Counts are those of the list behind each choice."""
    made = []
    for name, title in labels.FACETS.items():
        options = _chains_and_fields(found) if name == "field" else _options(name, found.facets.get(name, ()))
        if name == "released" and not any(option.value == "yes" for option in options):
            continue
        if options:
            is_open = name not in _CLOSED_FACETS or any(option.checked for option in options)
            first = options if name == "field" else [o for i, o in enumerate(options) if i < FIRST_OPTIONS or o.checked]
            rest = [option for option in options if option not in first]
            made.append({"name": name, "title": title, "options": first, "rest": rest, "open": is_open})
    return made


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a facet as matching/_facet.html draws it; a page has thirty."""

    name: str
    value: str
    label: str
    count: int
    checked: bool
    indent: bool = False


def _options(name: str, counts: Collection[FacetCount]) -> list[Option]:
    ordered = sorted(counts, key=lambda one: one.value) if name == "maturity" else counts
    return [_option(name, one) for one in ordered if one.value]


def _option(name: str, one: FacetCount, *, indent: bool = False) -> Option:
    return Option(name, one.value, labels.choice(name, one.value), one.count, one.selected, indent)


def _chains_and_fields(found: Found) -> list[Option]:
    """Chains by number of listings; the fields below a chain unfold once it, or one of them, is chosen."""
    current = taxonomy.current()
    chains = {one.value: one for one in found.facets.get("chain", ())}
    below: dict[str, list[FacetCount]] = {}
    for one in found.facets.get("field", ()):
        below.setdefault(current.chain_of(one.value), []).append(one)
    made: list[Option] = []
    for code in dict.fromkeys([*chains, *below]):
        fields = below.get(code, [])
        chain = chains.get(code)
        if chain is not None:
            made.append(_option("chain", chain))
        is_open = chain is None or chain.selected or any(one.selected for one in fields) or len(chains) <= FEW_CHAINS
        if is_open:
            made += [_option("field", one, indent=chain is not None) for one in fields if chain is not None or one.selected]
    return made


def _help(query: Query, found: Found) -> dict[str, Any]:
    """What to try where nothing was found: another spelling, fewer filters."""
    to = Addresses()
    if found.is_degraded:
        return {"spellings": [], "looser": [], "without": None}
    found_help = searches.assist(query, actor(), clock.now())
    names = {facet: name for name, facet in searches.PARAMETERS.items()}
    looser = [
        {
            "label": labels.joined(labels.choice(names[one.facet], value) for value in one.values),
            "count": one.total,
            "url": to.search(query.without(names[one.facet])),
        }
        for one in found_help.looser
    ]
    bare = Query(text=query.text)
    return {
        "spellings": [{"text": text, "count": n, "url": to.search(query.with_text(text))} for text, n in found_help.spellings],
        "looser": looser,
        "without": {"count": found_help.without_filters, "url": to.search(bare)} if found_help.without_filters else None,
    }


@bp.get("/suggest")
@public
def suggest() -> ResponseReturnValue:
    """Completions as suggest.js wants them."""
    try:
        found = searches.suggest(request.args.get("q", ""), request.args.get("kind", ""), actor(), clock.now())
    except InvalidSearch as error:
        return errors.page(400, labels.invalid_search(error))
    to = Addresses()
    return jsonify(items=[_suggestion(one, to) for one in found])


def _suggestion(one: Suggestion, to: Addresses) -> dict[str, str]:
    if one.id is None:
        return {"text": one.text, "hint": labels.results(one.count or 0)}
    kind, _, number = one.id.partition(":")
    return {"text": one.text, "hint": labels.kind(kind), "url": to.record(kind, int(number))}
