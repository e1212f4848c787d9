"""What leaves the market in bulk: a whole search within a bound, and the addresses of everything public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select

from marketplace.accounts import policy as accounts_policy
from marketplace.accounts.models import Organisation
from marketplace.core.db import current_session
from marketplace.core.policy import ANONYMOUS, Actor
from marketplace.listings import policy
from marketplace.listings.models import Listing
from marketplace.listings.queries import Card
from marketplace.listings.states import ON_SHOW
from marketplace.matching.queries import Query, find

MOST_ROWS = 1_000
FEED_ROWS = 50
# Listings and organisations of so many ids, each in two languages, stay under the 50,000 addresses a sitemap may hold.
IDS_PER_SITEMAP = 10_000
ORGANISATION = "organisation"
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
    """One listing or organisation that everybody may read; when its text changed, where that is known."""

    id: int
    kind: str
    changed_at: dt.datetime | None = None


def sitemaps() -> int:
    """How many sitemaps there are; parts go by id, so no page ever moves from one to another."""
    session = current_session()
    last = session.scalar(select(func.max(Listing.id)).where(Listing.state.in_(ON_SHOW))) or 0
    last_org = session.scalar(select(func.max(Organisation.id)).where(_public_organisation())) or 0
    return -(-max(last, last_org) // IDS_PER_SITEMAP) or 1


def public_pages(part: int) -> Sequence[PublicPage]:
    """The public listings and organisations of one sitemap, counted from 1."""
    low, high = (part - 1) * IDS_PER_SITEMAP, part * IDS_PER_SITEMAP
    session = current_session()
    shown = select(Listing.id, Listing.kind, Listing.changed_at).where(
        Listing.id > low, Listing.id <= high, Listing.state.in_(ON_SHOW), policy.visible_to(ANONYMOUS).sql(Listing)
    )
    orgs = select(Organisation.id).where(Organisation.id > low, Organisation.id <= high, _public_organisation())
    return [
        *(PublicPage(i, str(kind), changed) for i, kind, changed in session.execute(shown.order_by(Listing.id))),
        *(PublicPage(i, ORGANISATION) for i in session.scalars(orgs.order_by(Organisation.id))),
    ]


def _public_organisation() -> ColumnElement[bool]:
    return accounts_policy.visible_to(ANONYMOUS).sql(Organisation)
