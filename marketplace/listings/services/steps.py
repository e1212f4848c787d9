"""The life of a listing up to and down from the public: submit, publish, send back, change, withdraw, reopen.

Each service locks the listing and its draft, asks policy, checks the content against the rules of `rules.content`, takes
the step, records and tells. Content is what the caller read from the draft at `version`; if the draft has moved on since,
nothing happens (EditConflict).
"""

from __future__ import annotations

import datetime as dt

from marketplace.core import audit
from marketplace.core.errors import RuleError, StepNotAllowed
from marketplace.core.policy import Actor
from marketplace.listings import policy
from marketplace.listings.models import Listing, ListingDraft
from marketplace.listings.rules.content import Content
from marketplace.listings.services import applying
from marketplace.listings.states import LISTING, ON_SHOW, ListingState

MOST_NOTE = 2000


def submit(listing_id: int, content: Content, *, version: int, actor: Actor, now: dt.datetime) -> Listing:
    """Hand a complete draft to the own unit's owners."""
    listing, draft = applying.load(listing_id)
    policy.can_submit(actor, listing).or_raise()
    _submit(listing, draft, content, version=version, actor=actor, now=now)
    applying.tell("submitted", listing, to_orgs=[listing.org_id], to_roles=[policy.OWNER])
    return listing


def _submit(listing: Listing, draft: ListingDraft, content: Content, *, version: int, actor: Actor, now: dt.datetime) -> None:
    applying.check(listing, draft, content, version=version, now=now)
    LISTING.move(listing, "submit", actor=actor, at=now)
    applying.apply(listing, content, now=now)
    audit.record("listings.submit", listing, actor=actor, at=now)


def take_back(listing_id: int, *, actor: Actor, now: dt.datetime) -> Listing:
    """Go on writing what was handed in but not yet looked at."""
    listing, _ = applying.load(listing_id)
    policy.can_submit(actor, listing).or_raise()
    LISTING.move(listing, "take_back", actor=actor, at=now)
    listing.changed_at = now
    audit.record("listings.take_back", listing, actor=actor, at=now)
    return listing


def send_back(listing_id: int, *, note: str, actor: Actor, now: dt.datetime) -> Listing:
    """Give a submitted draft back with a reason. Raises RuleError note_missing."""
    listing, draft = applying.load(listing_id)
    policy.can_send_back(actor, listing).or_raise()
    note = note.strip()[:MOST_NOTE]
    if not note:
        raise RuleError("note_missing")
    LISTING.move(listing, "send_back", actor=actor, at=now, note=note)
    listing.changed_at = now
    audit.record("listings.send_back", listing, actor=actor, at=now)
    applying.tell("sent_back", listing, to_users=_writers(listing, draft, actor), note=note)
    return listing


def publish(listing_id: int, content: Content, *, version: int, actor: Actor, now: dt.datetime) -> Listing:
    """Show a listing: an owner of a verified organisation publishes what was submitted, or submits and publishes at once."""
    listing, draft = applying.load(listing_id)
    policy.can_publish(actor, listing).or_raise()
    if listing.state == ListingState.DRAFT:
        _submit(listing, draft, content, version=version, actor=actor, now=now)
    applying.check(listing, draft, content, version=version, now=now)
    # The state may be on show only with its dates (a constraint), so they come before the step.
    listing.published_at = listing.confirmed_at = now
    listing.reminded_at = None
    LISTING.move(listing, "publish", actor=actor, at=now)
    applying.apply(listing, content, now=now)
    _shown(listing, draft, content, "publish", actor=actor, now=now)
    audit.record("listings.publish", listing, actor=actor, at=now, rev=listing.rev)
    applying.tell("published", listing, to_users=_writers(listing, draft, actor), link=applying.public_page(listing))
    return listing


def _shown(listing: Listing, draft: ListingDraft, content: Content, step: str, *, actor: Actor, now: dt.datetime) -> None:
    """Readers see the draft now: count it, keep it, settle what was offered."""
    listing.rev += 1
    applying.revise(listing, content, step, actor=actor, now=now)
    draft.applied_version, draft.offered_at, draft.offered_by = draft.version, None, None


def offer_changes(listing_id: int, content: Content, *, version: int, actor: Actor, now: dt.datetime) -> Listing:
    """An editor asks the owners to publish the changes of a listing on show. Raises RuleError nothing_changed."""
    listing, draft = applying.load(listing_id)
    policy.can_submit(actor, listing).or_raise()
    _changes(listing, draft)
    applying.check(listing, draft, content, version=version, now=now)
    draft.offered_at, draft.offered_by = now, actor.user_id
    audit.record("listings.offer_changes", listing, actor=actor, at=now)
    applying.tell("changes_offered", listing, to_orgs=[listing.org_id], to_roles=[policy.OWNER])
    return listing


def publish_changes(listing_id: int, content: Content, *, version: int, actor: Actor, now: dt.datetime) -> Listing:
    """Show the changes of a listing on show: an owner. Whoever does so also confirms that the listing holds."""
    listing, draft = applying.load(listing_id)
    policy.can_publish(actor, listing).or_raise()
    _changes(listing, draft)
    applying.check(listing, draft, content, version=version, now=now)
    listing.confirmed_at, listing.faded_at, listing.reminded_at = now, None, None
    LISTING.move(listing, "confirm", actor=actor, at=now)
    applying.apply(listing, content, now=now)
    writers = _writers(listing, draft, actor)
    _shown(listing, draft, content, "change", actor=actor, now=now)
    audit.record("listings.publish_changes", listing, actor=actor, at=now, rev=listing.rev)
    applying.tell("changed", listing, to_users=writers, link=applying.public_page(listing))
    return listing


def _changes(listing: Listing, draft: ListingDraft) -> None:
    if listing.state not in ON_SHOW:
        raise StepNotAllowed(step="change", state=str(listing.state))
    if not draft.has_changes:
        raise RuleError("nothing_changed")


def withdraw(listing_id: int, *, note: str = "", actor: Actor, now: dt.datetime) -> Listing:
    """Take a listing off: an owner, or an administrator with a reason (RuleError note_missing)."""
    listing, _ = applying.load(listing_id)
    policy.can_withdraw(actor, listing).or_raise()
    if actor.membership(listing.org_id) is None and not note.strip():
        raise RuleError("note_missing")
    listing.faded_at = None
    LISTING.move(listing, "withdraw", actor=actor, at=now, note=note.strip()[:MOST_NOTE])
    listing.rev += 1
    listing.changed_at = now
    audit.record("listings.withdraw", listing, actor=actor, at=now, rev=listing.rev)
    applying.tell("withdrawn", listing, to_orgs=[listing.org_id], to_roles=[policy.OWNER, policy.EDITOR], note=note)
    return listing


def reopen(listing_id: int, *, actor: Actor, now: dt.datetime) -> Listing:
    """Make a draft again of what expired or was withdrawn."""
    listing, _ = applying.load(listing_id)
    policy.can_submit(actor, listing).or_raise()
    LISTING.move(listing, "reopen", actor=actor, at=now)
    listing.changed_at = now
    audit.record("listings.reopen", listing, actor=actor, at=now)
    return listing


def _writers(listing: Listing, draft: ListingDraft, actor: Actor) -> list[int]:
    """Who wrote it and should hear of it, without whoever did the step."""
    people = {listing.created_by, draft.saved_by, draft.offered_by} - {None, actor.user_id}
    return sorted(person for person in people if person is not None)
