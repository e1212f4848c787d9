"""What accounts keeps about one person: the account itself, places, sessions, sign-ins, letters and the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.accounts import policy
from marketplace.accounts.models import AddressChange, Invitation, Organisation, OrganisationDocument, User, UserSession
from marketplace.accounts.queries.organisations import memberships_of, organisations_by_id
from marketplace.accounts.queries.oversight import actions_of
from marketplace.accounts.queries.people import user_with_keys
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session
from marketplace.core.mail import OutgoingMail
from marketplace.core.personal import Section, facts, plain
from marketplace.core.policy import Actor
from marketplace.core.workflow import Transition

Rows = list[dict[str, Any]]
_SIGN_IN = ("accounts.sign_in", "accounts.sign_in_failed", "accounts.sign_out")


def _me(actor: Actor) -> User:
    user = user_with_keys(actor.user_id or 0)
    assert user is not None, "the file is made for somebody who is signed in"
    return user


def account(actor: Actor) -> dict[str, Any]:
    """The person as registered, with what is used to sign in (that there is such a thing, never the secret)."""
    user = _me(actor)
    return {
        **facts(user, "id", "name", "email", "language", "wants_mail", "wants_personal_ranking", "is_demo", "created_at"),
        "address_confirmed_at": plain(user.confirmed_at),
        "has_second_factor": bool(user.tf_totp_secret),
        "recovery_codes_left": len(user.mf_recovery_codes or ()),
        "passkeys": [facts(key, "name", "create_datetime", "lastuse_datetime") for key in user.webauthn],
        "site_roles": [role.name for role in user.roles],
    }


def _organisation(actor: Actor, org: Organisation | None) -> dict[str, Any]:
    """An organisation by number, and by name where the person may see it."""
    if org is None:
        return {}
    seen = policy.can_see_organisation(actor, org)
    return {"organisation_id": org.id, "organisation": plain(org.name) if seen else None}


def memberships(actor: Actor) -> Rows:
    """The person's places now."""
    return [
        {**_organisation(actor, place.organisation), "uscc": place.organisation.uscc, **facts(place, "role", "joined_at")}
        for place in memberships_of(actor.user_id or 0)
    ]


def invitations_received(actor: Actor) -> Rows:
    """Invitations to the person's address."""
    return [
        {**_organisation(actor, row.organisation), **_invited(row), "note": row.note}
        for row in _invitations(Invitation.email == _me(actor).email)
    ]


def invitations_sent(actor: Actor) -> Rows:
    """Invitations the person sent. Whose address it was is that person's datum."""
    return [
        {**_organisation(actor, row.organisation), **_invited(row)}
        for row in _invitations(Invitation.invited_by == actor.user_id)
    ]


def _invitations(which: Any) -> Sequence[Invitation]:
    query = select(Invitation).where(which).options(joinedload(Invitation.organisation)).order_by(Invitation.id)
    return current_session().scalars(query).all()


def _invited(row: Invitation) -> dict[str, Any]:
    return facts(row, "role", "created_at", "expires_at", "accepted_at", "revoked_at")


def documents(actor: Actor) -> Rows:
    """Proofs of an organisation that the person handed in; their names for whoever may still open them."""
    query = select(OrganisationDocument).where(OrganisationDocument.uploaded_by == actor.user_id)
    rows = current_session().scalars(query.order_by(OrganisationDocument.id)).all()
    orgs = organisations_by_id(row.org_id for row in rows)
    return [
        {
            **_organisation(actor, orgs.get(row.org_id)),
            "name": row.name if policy.can_read_document(actor, row) else None,
            "uploaded_at": plain(row.uploaded_at),
        }
        for row in rows
    ]


def sessions(actor: Actor) -> Rows:
    """Running sessions, and ended ones as long as they are kept."""
    query = select(UserSession).where(UserSession.user_id == actor.user_id).order_by(UserSession.id)
    return [facts(row, "browser", "address", "started_at", "seen_at", "ended_at") for row in current_session().scalars(query)]


def address_changes(actor: Actor) -> Rows:
    """Changes of the e-mail address that are still remembered."""
    query = select(AddressChange).where(AddressChange.user_id == actor.user_id).order_by(AddressChange.id)
    return [
        facts(row, "old_email", "new_email", "asked_at", "expires_at", "confirmed_at", "ended_at")
        for row in current_session().scalars(query)
    ]


def letters(actor: Actor) -> Rows:
    """Letters to the person's present address since it is the person's; their texts are not kept."""
    user = _me(actor)
    since = user.confirmed_at or user.created_at
    query = select(OutgoingMail).where(OutgoingMail.to_address == user.email, OutgoingMail.queued_at >= since)
    return [facts(row, "subject", "queued_at", "sent_at") for row in current_session().scalars(query.order_by(OutgoingMail.id))]


def sign_ins(actor: Actor) -> Rows:
    """Signing in, failing to, signing out."""
    return [_entry(row, actor) for row in actions_of(actor.user_id or 0, among=_SIGN_IN)]


def record(actor: Actor) -> Rows:
    """Everything else the person did, and what was done to the account."""
    return [_entry(row, actor) for row in actions_of(actor.user_id or 0, without=_SIGN_IN)]


def _entry(row: AuditEntry, actor: Actor) -> dict[str, Any]:
    return {"by_you": row.actor_id == actor.user_id, **facts(row, "at", "action", "object_type", "object_id", "data")}


def steps(actor: Actor) -> Rows:
    """Steps of listings, enquiries and organisations that the person took, with the person's own words."""
    query = select(Transition).where(Transition.actor_id == actor.user_id).order_by(Transition.id)
    names = ("at", "object_type", "object_id", "step", "from_state", "to_state", "note")
    return [facts(row, *names) for row in current_session().scalars(query)]


PERSONAL_DATA = (
    Section("account", account, ("passkeys.user_id", "user_site_roles.user_id")),
    Section("memberships", memberships, ("members.user_id",)),
    Section("invitations_received", invitations_received),
    Section("invitations_sent", invitations_sent, ("invitations.invited_by",)),
    Section("documents", documents, ("organisation_documents.uploaded_by",)),
    Section("sessions", sessions, ("user_sessions.user_id",)),
    Section("sign_ins", sign_ins, ("audit_entries.actor_id",)),
    Section("address_changes", address_changes, ("address_changes.user_id",)),
    Section("letters", letters),
    Section("record", record, ("audit_entries.actor_id",)),
    Section("steps", steps, ("transitions.actor_id",)),
)
PERSONAL_DATA_LEFT_OUT = {"settings.changed_by": "every change of a setting stands in the section record, with its values"}
