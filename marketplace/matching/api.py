"""Search and matches as JSON, within what everybody may see: the same answers as the pages give to a visitor."""

from __future__ import annotations

from typing import Any

from flask import abort

from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.i18n import language
from marketplace.core.policy import ANONYMOUS
from marketplace.core.web import absolute_url, public
from marketplace.core.web.api import api_blueprint
from marketplace.listings import policy as listings_policy
from marketplace.listings import queries as listings
from marketplace.listings.states import ON_SHOW, ListingKind
from marketplace.matching import labels, schemas
from marketplace.matching.queries import matches as matching
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.matches import Match
from marketplace.matching.queries.search import Query, Row
from search_index.requests import InvalidSearch

AWAY = "Matches cannot be computed for a moment: the search engine does not answer."
blp = api_blueprint("search_api", description="Search and explained matches")


@blp.get("/search")
@public
@blp.arguments(schemas.SearchArguments, location="query")
@blp.response(200, schemas.SearchAnswer)
@blp.alt_response(400, description="The search is outside the limits.")
def search(arguments: dict[str, Any]) -> dict[str, Any]:
    """Search achievements and needs.

    Facets are counted with the other chosen filters applied.
    """
    values = {name: value if isinstance(value, list) else [str(value)] for name, value in arguments.items() if value}
    try:
        found = searches.find(Query.of(values), ANONYMOUS, clock.now())
    except InvalidSearch as error:
        abort(400, labels.invalid_search(error))
    return {
        "total": found.total,
        "page": found.query.page,
        "pages": found.last_page,
        "next_cursor": found.next_cursor,
        "is_degraded": found.is_degraded,
        "items": [_item(row) for row in found.rows],
        "facets": {
            name: [
                {"value": c.value, "label": labels.choice(name, c.value), "count": c.count, "selected": c.selected}
                for c in choices
            ]
            for name, choices in found.facets.items()
        },
    }


def _item(row: Row) -> dict[str, Any]:
    card = row.card
    return {
        "id": card.id,
        "kind": str(card.kind),
        "title": card.title.as_dict(),
        "summary": card.summary.as_dict(),
        "organisation": card.org_name.as_dict(),
        "city": card.city,
        "fields": list(card.fields),
        "maturity": card.maturity,
        "url": absolute_url(f"listings.{card.kind}", id=card.id, lang=language()),
        "score": round(row.score, 4),
    }


@blp.get("/needs/<int:listing_id>/matches")
@public
@blp.response(200, schemas.MatchAnswer)
@blp.alt_response(404, description="There is no such public need.")
@blp.alt_response(503, description=AWAY)
def need_matches(listing_id: int) -> dict[str, Any]:
    """Public achievements that match a public need, with score, components and reasons."""
    return _matches(ListingKind.NEED, listing_id)


@blp.get("/achievements/<int:listing_id>/matches")
@public
@blp.response(200, schemas.MatchAnswer)
@blp.alt_response(404, description="There is no such public achievement.")
@blp.alt_response(503, description=AWAY)
def achievement_matches(listing_id: int) -> dict[str, Any]:
    """Public needs that match a public achievement, with score, components and reasons."""
    return _matches(ListingKind.ACHIEVEMENT, listing_id)


def _matches(kind: ListingKind, listing_id: int) -> dict[str, Any]:
    listing = listings.record(kind, listing_id)
    if listing is None or listing.state not in ON_SHOW or not listings_policy.can_see(ANONYMOUS, listing):
        raise NotFound("listing")
    found = matching.matches_of(listing, ANONYMOUS, clock.now())
    if not found.is_available:
        abort(503)
    return {
        "weights_version": found.weights.version,
        "weights": found.weights.to_dict(),
        "items": [_match(match) for match in found.items],
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        "id": match.card.id,
        "kind": str(match.card.kind),
        "title": match.card.title.as_dict(),
        "url": absolute_url(f"listings.{match.card.kind}", id=match.card.id, lang=language()),
        "score": round(match.score, 4),
        "components": match.components.to_dict(),
        "reasons": [{"component": r.component, "code": str(r.code), "text": labels.reason(r)} for r in match.reasons],
    }
