"""Who belongs to an organisation: inviting, accepting, roles, leaving.

Every change of owners happens under the lock of the organisation's row, so that two owners cannot leave at once.
"""

from __future__ import annotations

import datetime as dt
import secrets

from marketplace.accounts import policy, queries
from marketplace.accounts.models import Invitation, Member, Organisation
from marketplace.accounts.rules import same_address, token_hash
from marketplace.accounts.states import OrgRole
from marketplace.core import audit, outbox, settings
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.policy import Actor

MAX_PENDING = 50


def invite(org_id: int, email: str, role: OrgRole, *, actor: Actor, now: dt.datetime) -> tuple[Invitation, str]:
    """Offer a place to whoever reads `email`: the invitation and the secret of its link, which is kept nowhere.

    An earlier invitation to the same address is taken back. Raises RuleError already_member, too_many_invitations.
    """
    org = _locked(org_id)
    policy.can_manage_members(actor, org).or_raise()
    email = email.strip().lower()
    if any(same_address(member.user.email, email) for member in queries.members(org.id)):
        raise RuleError("already_member")
    pending = queries.pending_invitations(org.id)
    for older in pending:
        if same_address(older.email, email):
            older.revoked_at = now
    if len(pending) >= MAX_PENDING:
        raise RuleError("too_many_invitations", most=MAX_PENDING)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        org_id=org.id,
        email=email,
        role=role,
        token_hash=token_hash(token),
        invited_by=actor.user_id,
        created_at=now,
        expires_at=now + dt.timedelta(days=settings.whole("accounts.invitation_days")),
    )
    current_session().add(invitation)
    audit.record("accounts.invite", invitation, actor=actor, at=now, org_id=org.id, role=role.value)
    return invitation, token


def _locked(org_id: int) -> Organisation:
    org = queries.organisation_for_update(org_id)
    if org is None:
        raise NotFound("organisation")
    return org


def take_back(invitation_id: int, *, actor: Actor, now: dt.datetime) -> Invitation:
    """Make an invitation's link dead. Raises NotFound once it was accepted or taken back."""
    invitation = queries.invitation_for_update(invitation_id)
    if invitation is None:
        raise NotFound("invitation")
    policy.can_manage_members(actor, _locked(invitation.org_id)).or_raise()
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise NotFound("invitation")
    invitation.revoked_at = now
    audit.record("accounts.take_back_invitation", invitation, actor=actor, at=now, org_id=invitation.org_id)
    return invitation


def accept(token: str, *, actor: Actor, now: dt.datetime) -> Member:
    """Take the offered place: once, in time, and only by the person whose confirmed address was invited.

    Raises RuleError invitation_ended or invitation_for_another.
    """
    found = queries.invitation_by_token(token_hash(token))
    if found is None or actor.user_id is None:
        raise RuleError("invitation_ended")
    org = _locked(found.org_id)
    invitation = queries.invitation_for_update(found.id)
    user = queries.person(actor.user_id)
    if invitation is None or user is None or not is_open(invitation, now):
        raise RuleError("invitation_ended")
    if not same_address(user.email, invitation.email):
        raise RuleError("invitation_for_another")
    invitation.accepted_at = now
    member = queries.member(org.id, user.id)
    if member is None:
        member = Member(org_id=org.id, user_id=user.id, role=invitation.role, joined_at=now)
        current_session().add(member)
    audit.record("accounts.accept_invitation", invitation, actor=actor, at=now, org_id=org.id, role=invitation.role.value)
    outbox.add(
        "accounts.invitation_accepted",
        org_id=org.id,
        org_name=org.name.as_dict(),
        user_id=user.id,
        user_name=user.name,
        to_users=[invitation.invited_by],
        link=["accounts.members", {"org_id": org.id}],
    )
    return member


def is_open(invitation: Invitation, now: dt.datetime) -> bool:
    """Can the link still be used?"""
    return invitation.accepted_at is None and invitation.revoked_at is None and now < invitation.expires_at


def change_role(org_id: int, user_id: int, role: OrgRole, *, actor: Actor, now: dt.datetime) -> Member:
    """Give a member another role; it counts from the member's next request. The last owner stays owner."""
    org = _locked(org_id)
    policy.can_manage_members(actor, org).or_raise()
    member = _member(org, user_id)
    if role is not OrgRole.OWNER:
        _keep_an_owner(org, member)
    before, member.role = member.role, role
    audit.record("accounts.change_role", member, actor=actor, at=now, org_id=org.id, before=before.value, after=role.value)
    return member


def remove(org_id: int, user_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Take a member out; access ends at the next request."""
    org = _locked(org_id)
    policy.can_manage_members(actor, org).or_raise()
    _take_out(org, _member(org, user_id), actor=actor, now=now)


def leave(org_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Give up one's own place. The last owner cannot: somebody else must become owner first."""
    org = _locked(org_id)
    policy.can_leave(actor, org).or_raise()
    assert actor.user_id is not None
    _take_out(org, _member(org, actor.user_id), actor=actor, now=now)


def _member(org: Organisation, user_id: int) -> Member:
    member = queries.member(org.id, user_id)
    if member is None:
        raise NotFound("member")
    return member


def _keep_an_owner(org: Organisation, leaving: Member) -> None:
    if leaving.role is OrgRole.OWNER and not queries.other_owners(org.id, leaving.user_id):
        raise RuleError("last_owner")


def _take_out(org: Organisation, member: Member, *, actor: Actor, now: dt.datetime) -> None:
    _keep_an_owner(org, member)
    current_session().delete(member)
    audit.record("accounts.remove_member", org, actor=actor, at=now, user_id=member.user_id, role=member.role.value)
    outbox.add(
        "accounts.member_removed",
        org_id=org.id,
        org_name=org.name.as_dict(),
        user_id=member.user_id,
        to_users=[member.user_id] if member.user_id != actor.user_id else [],
    )
