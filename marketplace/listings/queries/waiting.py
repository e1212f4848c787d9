"""What waits for somebody, and what the clockwork has to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from marketplace.core import clock
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.core.workflow import Transition
from marketplace.listings import policy
from marketplace.listings.models import Listing, ListingDraft, Need
from marketplace.listings.queries.records import terms
from marketplace.listings.rules import liveness
from marketplace.listings.states import LISTING, ON_SHOW, ListingKind, ListingState

# The bare table: joining the mapped class would alias the rows both classes share.
_N = Need.__table__.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits: what ("review", "changes", "confirm", "sent_back"), of which listing, since and until when."""

    what: str
    listing_id: int
    kind: ListingKind
    title: Bilingual
    org_id: int
    since: dt.datetime
    due_at: dt.datetime | None = None
    note: str = ""


def waiting_for(actor: Actor, now: dt.datetime) -> list[Waiting]:
    """Everything about listings that waits for this person, the most urgent first."""
    if not actor.org_ids_as(policy.OWNER, policy.EDITOR):
        return []
    found = [*_reviews(actor), *_changes(actor), *_sent_back(actor), *_confirmations(actor, now)]
    return sorted(found, key=lambda w: (w.due_at or w.since, w.listing_id))


def _reviews(actor: Actor) -> list[Waiting]:
    query = select(Listing).where(Listing.state == ListingState.SUBMITTED, Listing.org_id.in_(actor.org_ids_as(policy.OWNER)))
    return [
        Waiting("review", row.id, row.kind, row.title, row.org_id, row.changed_at) for row in current_session().scalars(query)
    ]


def _changes(actor: Actor) -> list[Waiting]:
    query = select(Listing, ListingDraft.offered_at).join(ListingDraft, ListingDraft.listing_id == Listing.id)
    query = query.where(ListingDraft.offered_at.is_not(None), Listing.org_id.in_(actor.org_ids_as(policy.OWNER)))
    rows = current_session().execute(query)
    return [Waiting("changes", row.id, row.kind, row.title, row.org_id, at or row.changed_at) for row, at in rows]


def _sent_back(actor: Actor) -> list[Waiting]:
    """Drafts whose last step was being sent back."""
    orgs = actor.org_ids_as(policy.OWNER, policy.EDITOR)
    own = select(Listing.id).where(Listing.org_id.in_(orgs), Listing.state == ListingState.DRAFT)
    of_listings = (Transition.object_type == LISTING.object_type, Transition.object_id.in_(own))
    last = select(func.max(Transition.id)).where(*of_listings).group_by(Transition.object_id)
    query = select(Listing, Transition).join(Transition, Transition.object_id == Listing.id)
    rows = current_session().execute(query.where(Transition.id.in_(last), Transition.step == "send_back"))
    return [Waiting("sent_back", row.id, row.kind, row.title, row.org_id, step.at, note=step.note) for row, step in rows.all()]


def to_confirm(actor: Actor, now: dt.datetime) -> Sequence[Listing]:
    """The actor's listings that should be confirmed now, the most urgent first; closed needs cannot be."""
    orgs = actor.org_ids_as(policy.OWNER, policy.EDITOR)
    query = select(Listing).outerjoin(Need.__table__, _N.id == Listing.id).where(Listing.org_id.in_(orgs))
    query = query.where(Listing.state.in_(ON_SHOW), Listing.confirmed_at <= terms().asked_since(now))
    query = query.where(or_(_N.closes_on.is_(None), _N.closes_on >= clock.local_day(now)))
    return current_session().scalars(query.order_by(Listing.confirmed_at, Listing.id)).all()


def _confirmations(actor: Actor, now: dt.datetime) -> list[Waiting]:
    current = terms()
    return [
        Waiting("confirm", row.id, row.kind, row.title, row.org_id, at, current.confirm_by(at))
        for row in to_confirm(actor, now)
        if (at := row.confirmed_at) is not None
    ]


def due_to_remind(now: dt.datetime) -> Sequence[int]:
    """Listings whose owners should be reminded now."""
    current = terms()
    query = select(Listing.id, Listing.confirmed_at, Listing.reminded_at).where(
        Listing.state == ListingState.PUBLISHED, Listing.confirmed_at <= current.asked_since(now)
    )
    return [
        i
        for i, confirmed_at, reminded_at in current_session().execute(query.order_by(Listing.id))
        if confirmed_at is not None
        and liveness.is_reminder_due(current, confirmed_at=confirmed_at, reminded_at=reminded_at, now=now)
    ]


def due_to_fade(now: dt.datetime) -> Sequence[int]:
    """Published listings that went unconfirmed for too long."""
    limit = now - dt.timedelta(days=terms().confirm_every)
    query = select(Listing.id).where(Listing.state == ListingState.PUBLISHED, Listing.confirmed_at <= limit)
    return current_session().scalars(query.order_by(Listing.id)).all()


def due_to_leave(now: dt.datetime) -> Sequence[int]:
    """Listings faded for too long, and needs whose closing day has passed."""
    limit = now - dt.timedelta(days=terms().expire_after)
    faded = (Listing.state == ListingState.FADING) & (Listing.faded_at <= limit)
    closed = Listing.state.in_(ON_SHOW) & (_N.closes_on < clock.local_day(now))
    query = select(Listing.id).outerjoin(Need.__table__, _N.id == Listing.id).where(or_(faded, closed))
    return current_session().scalars(query.order_by(Listing.id)).all()
