"""Tell the owners of a listing that was just published, and of its strong counterparts, that they found each other.

Once for a pair, at most some for one listing, and a counterpart that many match is told only the first few of a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from marketplace.core import outbox, settings
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import Actor, Membership
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing
from marketplace.listings.states import ON_SHOW, ListingKind
from marketplace.matching.models import MatchNotice
from marketplace.matching.queries import notices
from marketplace.matching.queries.matches import Match, matches_of
from search_index.engine import EngineUnavailable

RECIPIENTS = ["owner", "editor"]
_DAY = dt.timedelta(days=1)
_LOOKED_THROUGH = 20


def announce_matches(listing_id: int, *, now: dt.datetime) -> int:
    """Look for strong matches of a listing on show and announce them; returns how many. Opens its own transaction.

    Raises EngineUnavailable, so that the job is tried again when the engine is back.
    """
    listing = listings.listing(listing_id)
    if listing is None or listing.state not in ON_SHOW:
        return 0
    found = matches_of(listing, _standing_for(listing), now, limit=_LOOKED_THROUGH)
    if not found.is_available:
        raise EngineUnavailable("no matches without the search engine")
    least = settings.whole("matching.announce_from_score") / 100
    strong = [match for match in found.items if match.score >= least and match.answer is None]
    if not strong:
        return 0
    with transaction():
        return _announce(listing, strong, now)


def _standing_for(listing: Listing) -> Actor:
    """The listing's organisation as a reader: what it may see is what may be announced to it."""
    org = listing.organisation
    return Actor(memberships=(Membership(org.id, str(org.kind), "owner", org.is_verified, org.name.zh, org.name.en, org.city),))


def _announce(listing: Listing, strong: Sequence[Match], now: dt.datetime) -> int:
    room = settings.whole("matching.announce_most_per_listing")
    known = notices.announced_pairs([m.need_id for m in strong], [m.achievement_id for m in strong])
    done = 0
    for match in strong:
        if done >= room:
            break
        if (match.need_id, match.achievement_id) in known or _told_today(match, now) >= room:
            continue
        other = listings.listing(match.card.id)
        if other is None or other.state not in ON_SHOW or not _may_see(other, listing):
            continue
        _note(match, listing, other, now)
        done += 1
    return done


def _may_see(reader: Listing, listing: Listing) -> bool:
    """May the counterpart's organisation see the new listing, too?"""
    return bool(listings.cards([listing.id], _standing_for(reader)))


def _told_today(match: Match, now: dt.datetime) -> int:
    """How many matches the counterpart's owners heard of within a day."""
    return notices.announced_since(match.card.id, now - _DAY, is_need=match.card.kind == ListingKind.NEED)


def _note(match: Match, listing: Listing, other: Listing, now: dt.datetime) -> None:
    session = current_session()
    session.add(
        MatchNotice(
            need_id=match.need_id,
            achievement_id=match.achievement_id,
            score=match.score,
            weights_version=match.weights_version,
            at=now,
        )
    )
    session.flush()
    for mine, theirs in ((listing, other), (other, listing)):
        outbox.add(
            "matching.match_found",
            need_id=match.need_id,
            achievement_id=match.achievement_id,
            score=round(match.score * 100),
            listing_id=mine.id,
            kind=str(mine.kind),
            own_title=mine.title.as_dict(),
            title=theirs.title.as_dict(),
            link=["matching.of_listing", {"listing_id": mine.id}],
            to_orgs=[mine.org_id],
            to_roles=RECIPIENTS,
        )
