"""What leaves the market in bulk: a whole search within a bound, and the addresses of everything public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select

from marketplace.core.db import current_session
from marketplace.core.policy import ANONYMOUS, Actor
from marketplace.listings import policy
from marketplace.listings.models import Listing
from marketplace.listings.queries import Card
from marketplace.listings.states import ON_SHOW
from marketplace.matching.queries import Query, find

MOST_ROWS = 1_000
FEED_ROWS = 50
LISTINGS_PER_SITEMAP = 10_000
_PER_QUESTION = 100


def found_cards(query: Query, actor: Actor, now: dt.datetime) -> Iterator[Card]:
    """The first thousand results of a search in its order, as the actor may see them. Raises InvalidSearch."""
    for number in range(1, MOST_ROWS // _PER_QUESTION + 1):
        found = find(replace(query, page=number, cursor=None), actor, now, per_page=_PER_QUESTION, facets=())
        yield from (row.card for row in found.rows)
        if number * _PER_QUESTION >= found.total:
            return


def newest_cards(query: Query, actor: Actor, now: dt.datetime) -> list[Card]:
    """What a feed of this search shows: the most recently published or confirmed. Raises InvalidSearch."""
    fresh = replace(query, sort="fresh", page=1, cursor=None)
    return [row.card for row in find(fresh, actor, now, per_page=FEED_ROWS, facets=()).rows]


@dataclass(frozen=True, slots=True)
class PublicPage:
    """One listing that everybody may read."""

    id: int
    kind: str
    changed_at: dt.datetime


def sitemaps() -> int:
    """How many sitemaps the listings need; parts go by id, so a listing never moves from one to another."""
    last = current_session().scalar(select(func.max(Listing.id)).where(Listing.state.in_(ON_SHOW))) or 0
    return -(-last // LISTINGS_PER_SITEMAP) or 1


def public_pages(part: int) -> Sequence[PublicPage]:
    """The public listings of one sitemap, counted from 1."""
    low, high = (part - 1) * LISTINGS_PER_SITEMAP, part * LISTINGS_PER_SITEMAP
    query = select(Listing.id, Listing.kind, Listing.changed_at).where(
        Listing.id > low, Listing.id <= high, Listing.state.in_(ON_SHOW), policy.visible_to(ANONYMOUS).sql(Listing)
    )
    return [PublicPage(i, str(kind), changed) for i, kind, changed in current_session().execute(query.order_by(Listing.id))]
