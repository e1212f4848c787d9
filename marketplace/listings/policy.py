"""Who may see, write, show, confirm and download what of a listing.

`visible_to` is the one rule of visibility: object check, SQL condition and (over documents, all of which are on show)
search filter. `fields_shown` decides the parts of a visible listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marketplace.accounts.states import OFFICES
from marketplace.core.policy import NEVER, Actor, Condition, Decision, allow, decide, deny, hide, one_of
from marketplace.listings.models import Attachment, Listing
from marketplace.listings.states import ON_SHOW, Audience, ListingKind, ListingState

OWNER, EDITOR = "owner", "editor"
_LEFT_DRAFT = frozenset(ListingState) - {ListingState.DRAFT}


def _audiences(actor: Actor) -> frozenset[Audience]:
    """Whose listings on show reach this actor."""
    return frozenset(Audience) if actor.is_of_verified_org or actor.is_admin else frozenset({Audience.PUBLIC})


def visible_to(actor: Actor) -> Condition:
    """Listings that may be seen at all: on show for the actor's audience, one's own, and for administrators every one
    that has left its draft. The same rule as SQL, as object check and in `search_scope`."""
    if actor.is_system:
        return one_of("state", ListingState)
    shown = one_of("state", ON_SHOW) & one_of("audience", _audiences(actor), indexed_as="audience")
    own = one_of("org_id", actor.org_ids, indexed_as="owner_org") if actor.org_ids else NEVER
    overseen = one_of("state", _LEFT_DRAFT) if actor.is_admin else NEVER
    return shown | own | overseen


def search_scope(actor: Actor) -> Condition:
    """`visible_to` for the search index, which holds only what is on show, so that the state needs no asking."""
    scope: Condition = one_of("audience", _audiences(actor), indexed_as="audience")
    return scope | one_of("org_id", actor.org_ids, indexed_as="owner_org") if actor.org_ids else scope


def can_see(actor: Actor, listing: Listing) -> Decision:
    """See the listing; whoever may not must not learn that there is one."""
    return allow() if visible_to(actor).matches(listing) else hide()


def can_start(actor: Actor) -> Decision:
    """Begin a listing for some organisation: writing needs no verification, showing does."""
    return decide(bool(orgs_to_write_for(actor)), "no_organisation")


def orgs_to_write_for(actor: Actor) -> tuple[int, ...]:
    """Organisations for which the actor may write listings; offices have none of their own."""
    offices = {str(kind) for kind in OFFICES}
    return tuple(m.org_id for m in actor.memberships if m.role in (OWNER, EDITOR) and m.org_kind not in offices)


def can_start_for(actor: Actor, org_id: int) -> Decision:
    """Begin a listing for this organisation."""
    return decide(org_id in orgs_to_write_for(actor), "not_your_organisation")


def can_open(actor: Actor, listing: Listing) -> Decision:
    """Open the owner's side of a listing (record, history, revisions): members of its organisation."""
    return allow() if actor.membership(listing.org_id) else _refused(actor, listing, "not_your_organisation")


def can_edit(actor: Actor, listing: Listing) -> Decision:
    """Write in the draft: owners and editors; while it lies with the owners for review, only they."""
    if not _has_role(actor, listing, OWNER, EDITOR):
        return _refused(actor, listing, "editors_only")
    if listing.state == ListingState.SUBMITTED and not _has_role(actor, listing, OWNER):
        return deny("in_review")
    return allow()


def can_submit(actor: Actor, listing: Listing) -> Decision:
    """Hand a draft to the own unit's owners, or take it back."""
    return allow() if _has_role(actor, listing, OWNER, EDITOR) else _refused(actor, listing, "editors_only")


def can_publish(actor: Actor, listing: Listing) -> Decision:
    """Show a listing or its changes: an owner, and only of a verified organisation."""
    if not _has_role(actor, listing, OWNER):
        return _refused(actor, listing, "owners_only")
    member = actor.membership(listing.org_id)
    return decide(member is not None and member.is_verified, "verified_only")


def can_send_back(actor: Actor, listing: Listing) -> Decision:
    """Give a submitted draft back to its writers: an owner."""
    return allow() if _has_role(actor, listing, OWNER) else _refused(actor, listing, "owners_only")


def can_withdraw(actor: Actor, listing: Listing) -> Decision:
    """Take a listing off: an owner, or an administrator who must."""
    is_overseer = actor.is_admin and bool(can_see(actor, listing))
    return allow() if is_overseer or _has_role(actor, listing, OWNER) else _refused(actor, listing, "owners_only")


def can_confirm(actor: Actor, listing: Listing) -> Decision:
    """Say that a listing still holds: owners and editors."""
    return allow() if _has_role(actor, listing, OWNER, EDITOR) else _refused(actor, listing, "editors_only")


def can_download(actor: Actor, attachment: Attachment, listing: Listing) -> Decision:
    """Read a file: as its listing may be seen and its tier reaches; what is only in the draft, members alone."""
    can_see(actor, listing).or_raise()
    shown = fields_shown(actor, listing)
    if shown.is_own:
        return allow()
    if not attachment.is_shown:
        return hide()
    return decide(attachment.tier == Audience.PUBLIC or shown.verified_files, "file_for_verified")


@dataclass(frozen=True, slots=True)
class FieldsShown:
    """Which parts of a visible listing an actor sees."""

    is_own: bool
    verified_detail: bool
    verified_files: bool
    people: bool
    identity: bool


def fields_shown(actor: Actor, listing: Any) -> FieldsShown:
    """The parts of `listing` shown to `actor`: the layer for verified organisations (detail, files, all people), and who
    stands behind an anonymous need, which only its own members and administrators learn."""
    is_own = actor.membership(listing.org_id) is not None
    is_trusted = is_own or actor.is_admin or actor.is_of_verified_org
    is_masked = listing.kind == ListingKind.NEED and listing.is_anonymous
    return FieldsShown(
        is_own=is_own,
        verified_detail=is_trusted,
        verified_files=is_trusted,
        people=is_trusted,
        identity=not is_masked or is_own or actor.is_admin,
    )


def _has_role(actor: Actor, listing: Listing, *roles: str) -> bool:
    member = actor.membership(listing.org_id)
    return member is not None and member.role in roles


def _refused(actor: Actor, listing: Listing, reason: str) -> Decision:
    """No; and for whoever may not even see it, not found."""
    return deny(reason) if visible_to(actor).matches(listing) else hide()
