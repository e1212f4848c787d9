"""What stands on a person's desk: what waits for them, how they are doing, what is new. Reads only, no rules of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from marketplace.accounts import queries as accounts
from marketplace.accounts.states import OFFICES, OrgKind, OrgState
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.deals import queries as deals
from marketplace.deals.rules import ResponseFigures
from marketplace.listings import policy as listings_policy
from marketplace.listings import queries as listings
from marketplace.listings.states import ListingKind, ListingState
from marketplace.matching import queries as matching
from marketplace.notifications import queries as notifications
from marketplace.notifications.models import Notification
from marketplace.taxonomy import queries as taxonomy

Link = tuple[str, dict[str, Any]]
NEWS = 6
MATCHED = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits. `what` names its words; `days` are working days left (None: no date, see `since`)."""

    what: str
    link: Link
    since: dt.datetime
    days: int | None = None
    title: Bilingual | None = None
    name: Bilingual | None = None
    count: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class OrgNumbers:
    """How one of the actor's organisations is doing."""

    org_id: int
    name: Bilingual
    kind: str
    role: str
    is_verified: bool
    is_in_review: bool
    is_office: bool
    city: str
    on_show: listings.Counts
    figures: ResponseFigures | None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the page."""

    tasks: list[Task]
    organisations: list[OrgNumbers]
    by_state: dict[ListingState, int]
    news: list[Notification]
    matches: list[matching.Matches]


def desk(actor: Actor, *, now: dt.datetime) -> Desk:
    """The desk of a signed-in person."""
    return Desk(
        tasks=tasks(actor, now=now),
        organisations=_organisations(actor, now=now),
        by_state=listings.my_counts(actor),
        news=notifications.latest(actor, most=NEWS),
        matches=_matches(actor, now=now),
    )


def tasks(actor: Actor, *, now: dt.datetime) -> list[Task]:
    """What waits for the actor: dated things first, the most urgent on top; then the oldest."""
    found = [*_from_listings(actor, now), *_from_deals(actor, now), *_from_offices(actor)]
    return sorted(found, key=lambda t: (t.days is None, t.days if t.days is not None else 0, t.since))


def _from_listings(actor: Actor, now: dt.datetime) -> list[Task]:
    calendar = taxonomy.work_calendar()
    waiting = listings.waiting_for(actor, now)
    found = [Task(w.what, _listing_link(w), w.since, title=w.title, note=w.note) for w in waiting if w.what != "confirm"]
    to_confirm = [w for w in waiting if w.what == "confirm" and w.due_at is not None]
    if to_confirm:  # many confirmations are one visit to one page
        first = to_confirm[0]
        assert first.due_at is not None
        days = calendar.days_left(now, first.due_at)
        title = first.title if len(to_confirm) == 1 else None
        found.append(Task("confirm", ("listings.confirmations", {}), first.since, days, title, count=len(to_confirm)))
    return found


def _listing_link(waiting: listings.Waiting) -> Link:
    if waiting.what in ("review", "changes"):
        return "listings.own_record", {"id": waiting.listing_id}
    return "listings.edit", {"id": waiting.listing_id}


def _from_deals(actor: Actor, now: dt.datetime) -> list[Task]:
    return [
        Task(w.kind, ("deals.enquiry", {"enquiry_id": w.enquiry_id}), w.at, w.days_left, title=w.title, name=w.name)
        for w in deals.waiting_for(actor, now=now)
    ]


def _from_offices(actor: Actor) -> list[Task]:
    """Queues of the administrators, one line each."""
    if not actor.is_admin:
        return []
    queue = accounts.verification_queue()
    found = []
    if queue:
        found.append(Task("verify", ("accounts.verification_queue", {}), queue[0].since, count=len(queue)))
    return found


def _matches(actor: Actor, *, now: dt.datetime) -> list[matching.Matches]:
    """The best match of each of the actor's newest listings on show, explained; best first."""
    cards = [card for org_id in sorted(actor.org_ids) for card in listings.on_show_of(org_id, actor, limit=MATCHED)]
    newest = sorted(cards, key=lambda card: (card.published_at or now, card.id), reverse=True)[:MATCHED]
    rows = [row for row in (listings.listing(card.id) for card in newest) if row is not None]
    found = [matching.matches_of(row, actor, now, limit=1) for row in rows]
    return sorted((m for m in found if m.items), key=lambda m: -m.items[0].score)


def office_counts(actor: Actor, *, now: dt.datetime) -> dict[str, int]:
    """Overdue enquiries and open reports, for administrators."""
    if not actor.is_admin:
        return {}
    return {"overdue": deals.overdue(page=1, now=now).total, "reports": deals.reports_waiting()}


def _organisations(actor: Actor, *, now: dt.datetime) -> list[OrgNumbers]:
    figures = deals.response_figures(list(actor.org_ids), now=now) if actor.org_ids else {}
    unverified = accounts.organisations_by_id(m.org_id for m in actor.memberships if not m.is_verified)
    in_review = {org.id for org in unverified.values() if org.state == OrgState.DOCUMENT_SEEN}
    return [
        OrgNumbers(
            org_id=m.org_id,
            name=Bilingual(m.org_name_zh, m.org_name_en),
            kind=m.org_kind,
            role=m.role,
            is_verified=m.is_verified,
            is_in_review=m.org_id in in_review,
            is_office=m.org_kind in OFFICES,
            city=m.city if m.org_kind == OrgKind.CITY_OFFICE else "",
            on_show=listings.on_show_counts(m.org_id, actor),
            figures=figures.get(m.org_id),
        )
        for m in actor.memberships
    ]


def starts(actor: Actor) -> list[ListingKind]:
    """Which kinds of listing the actor's organisations usually begin, the likelier first; none for offices and viewers."""
    if not listings_policy.can_start(actor):
        return []
    offers = any(m.org_kind in ("university", "institute") for m in actor.memberships)
    return [ListingKind.ACHIEVEMENT, ListingKind.NEED] if offers else [ListingKind.NEED, ListingKind.ACHIEVEMENT]
