"""The liveness promise: owners confirm that a listing still holds; unconfirmed ones are reminded of, fade, then leave.

The clockwork calls remind, fade and expire for listings that queries found due; each looks again under the lock, so a
confirmation that came in between wins.
"""

from __future__ import annotations

import datetime as dt

from marketplace.accounts.models import Organisation
from marketplace.core import audit, clock
from marketplace.core.db import current_session
from marketplace.core.errors import RuleError
from marketplace.core.policy import SYSTEM, Actor
from marketplace.listings import policy, queries
from marketplace.listings.models import Listing, Need
from marketplace.listings.rules import liveness
from marketplace.listings.rules.links import period_of
from marketplace.listings.services import applying
from marketplace.listings.states import LISTING, ON_SHOW, ListingState

# A second click (or a second tab) within this time says nothing new.
_SAME_CLICK = dt.timedelta(minutes=10)
_WRITERS = (policy.OWNER, policy.EDITOR)


def confirm(listing_id: int, *, actor: Actor, now: dt.datetime, period: str = "") -> Listing:
    """Say that a listing still holds. `period` comes from a mail's link, which is good for that period only (RuleError
    link_used); a need whose closing day has passed cannot be confirmed (need_closed)."""
    listing, _ = applying.load(listing_id)
    policy.can_confirm(actor, listing).or_raise()
    confirmed_at = listing.confirmed_at
    if period and (confirmed_at is None or period != period_of(confirmed_at)):
        raise RuleError("link_used")
    if _closes_at(listing) is not None and now >= (_closes_at(listing) or now):
        raise RuleError("need_closed")
    if listing.state == ListingState.PUBLISHED and confirmed_at is not None and now - confirmed_at < _SAME_CLICK:
        return listing
    listing.confirmed_at, listing.faded_at, listing.reminded_at = now, None, None
    LISTING.move(listing, "confirm", actor=actor, at=now)
    listing.rev += 1
    audit.record("listings.confirm", listing, actor=actor, at=now)
    applying.tell("confirmed", listing, link=applying.public_page(listing))
    return listing


def remind(listing_id: int, *, now: dt.datetime) -> None:
    """Ask the writers to confirm, once for each mark passed."""
    listing, _ = applying.load(listing_id)
    terms, confirmed_at = queries.terms(), listing.confirmed_at
    if listing.state != ListingState.PUBLISHED or confirmed_at is None:
        return
    if not liveness.is_reminder_due(terms, confirmed_at=confirmed_at, reminded_at=listing.reminded_at, now=now):
        return
    listing.reminded_at = now
    applying.tell(
        "confirmation_due",
        listing,
        to_orgs=[listing.org_id],
        to_roles=list(_WRITERS),
        confirm_by=terms.confirm_by(confirmed_at).isoformat(),
        link=["listings.confirmations", {}],
    )


def fade(listing_id: int, *, now: dt.datetime) -> None:
    """Lower and mark a listing that went unconfirmed."""
    listing, _ = applying.load(listing_id)
    confirmed_at = listing.confirmed_at
    if listing.state != ListingState.PUBLISHED or confirmed_at is None:
        return
    if not liveness.fades(queries.terms(), confirmed_at=confirmed_at, now=now):
        return
    listing.faded_at = now
    LISTING.move(listing, "fade", actor=SYSTEM, at=now)
    listing.rev += 1
    audit.record("listings.fade", listing, actor=SYSTEM, at=now)
    leaves_at = queries.terms().expires_at(now)
    applying.tell("faded", listing, to_orgs=[listing.org_id], to_roles=list(_WRITERS), leaves_at=leaves_at.isoformat())


def expire(listing_id: int, *, now: dt.datetime) -> None:
    """Take off a listing that stayed faded, or a need whose closing day has passed."""
    listing, _ = applying.load(listing_id)
    closes_at = _closes_at(listing)
    if listing.state not in ON_SHOW or not liveness.leaves(
        queries.terms(), faded_at=listing.faded_at, closes_at=closes_at, now=now
    ):
        return
    reason = "closed" if closes_at is not None and now >= closes_at else "unconfirmed"
    listing.faded_at = None
    LISTING.move(listing, "expire", actor=SYSTEM, at=now, note=reason)
    listing.rev += 1
    audit.record("listings.expire", listing, actor=SYSTEM, at=now, reason=reason)
    applying.tell("expired", listing, to_orgs=[listing.org_id], to_roles=list(_WRITERS), reason=reason)


def _closes_at(listing: Listing) -> dt.datetime | None:
    return clock.end_of_day(listing.closes_on) if isinstance(listing, Need) and listing.closes_on else None


def follow_organisation(org_id: int, *, now: dt.datetime) -> int:
    """Take off the listings of an organisation that is no longer verified: only verified ones publish. They can be opened
    again when it is. Returns how many were taken off."""
    organisation = current_session().get(Organisation, org_id)
    if organisation is None or organisation.is_verified:
        return 0
    ids = queries.listing_ids_of(org_id)
    for listing_id in ids:
        listing, _ = applying.load(listing_id)
        listing.faded_at = None
        LISTING.move(listing, "withdraw", actor=SYSTEM, at=now, note="organisation_not_verified")
        listing.rev += 1
        listing.changed_at = now
        audit.record("listings.withdraw", listing, actor=SYSTEM, at=now, reason="organisation_not_verified")
        applying.tell("withdrawn", listing, to_orgs=[org_id], to_roles=list(_WRITERS), note="")
    return len(ids)
