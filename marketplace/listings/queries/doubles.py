"""Listings that may be the same thing entered twice: an equal patent number, or a near-equal title."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.listings import policy
from marketplace.listings.models import IpRight, Listing, ListingTitleKey
from marketplace.listings.rules.texts import are_near, title_keys
from marketplace.listings.states import ListingKind, ListingState

_MOST_CANDIDATES = 40
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Double:
    """Another listing, and why it may be the same: the shared number, or "" for the title."""

    listing_id: int
    kind: ListingKind
    title: Bilingual
    is_own: bool
    state: ListingState
    number: str = ""


def doubles(listing: Listing, *, title: Bilingual, numbers: Iterable[str], actor: Actor) -> list[Double]:
    """Other listings of the same kind that the actor may know of and that look like this one; shared numbers first."""
    found = {d.listing_id: d for d in _by_title(listing, title, actor)}
    found |= {d.listing_id: d for d in _by_number(listing, [n for n in numbers if n], actor)}
    return sorted(found.values(), key=lambda d: (not d.number, d.listing_id))[:_MOST_SHOWN]


def _by_number(listing: Listing, numbers: list[str], actor: Actor) -> list[Double]:
    if not numbers:
        return []
    query = select(Listing, IpRight.number).join(IpRight, IpRight.listing_id == Listing.id)
    query = query.where(IpRight.number.in_(numbers), Listing.id != listing.id, policy.visible_to(actor).sql(Listing))
    rows = current_session().execute(query.limit(_MOST_CANDIDATES))
    return [_double(row, actor, number) for row, number in rows]


def _by_title(listing: Listing, title: Bilingual, actor: Actor) -> list[Double]:
    keys = title_keys(title.zh) | title_keys(title.en)
    if not keys:
        return []
    shared = select(ListingTitleKey.listing_id, func.count().label("shared"))
    ranked = shared.where(ListingTitleKey.key.in_(keys)).group_by(ListingTitleKey.listing_id).subquery()
    query = select(Listing).join(ranked, ranked.c.listing_id == Listing.id)
    query = query.where(Listing.id != listing.id, Listing.kind == listing.kind, policy.visible_to(actor).sql(Listing))
    rows = current_session().scalars(query.order_by(ranked.c.shared.desc(), Listing.id).limit(_MOST_CANDIDATES))
    return [_double(row, actor) for row in rows if are_near(row.title, title)]


def _double(row: Listing, actor: Actor, number: str = "") -> Double:
    return Double(row.id, row.kind, row.title, actor.membership(row.org_id) is not None, row.state, number)
