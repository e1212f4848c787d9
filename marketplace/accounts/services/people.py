"""What happens to a person's account: registering, confirming, changing it, closing it, and what administrators decide.

Passwords arrive here as hashes only; making and checking them belongs to the sign-in views, outside of transactions.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts import policy, queries
from marketplace.accounts.models import AddressChange, Invitation, LetterRequest, Member, Passkey, SiteRole, User
from marketplace.accounts.rules import OLD_ADDRESS_KEPT
from marketplace.accounts.services import sessions
from marketplace.accounts.states import OrgRole, SiteRoleName
from marketplace.core import audit, outbox
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.policy import Actor


def ask_for_letter(kind: str, email: str, *, language: str, now: dt.datetime, next_path: str = "") -> LetterRequest:
    """Note that a letter ("confirm", "reset", "existing") is wished to an address; whether one is sent the worker decides."""
    row = LetterRequest(kind=kind, email=email.strip().lower(), language=language, next_path=next_path, asked_at=now)
    current_session().add(row)
    current_session().flush()  # the event names it
    outbox.add("accounts.letter_requested", request_id=row.id)
    return row


def register(*, email: str, name: str, language: str, password_hash: str, now: dt.datetime, next_path: str = "") -> None:
    """Make an account that waits for its address to be confirmed. An address that is taken gets a letter that says so.

    The page answers the same in both cases, and as fast: for a taken address a row is written too, and taken back.
    """
    email = email.strip().lower()
    user = _new_person(email=email, name=name, language=language, password_hash=password_hash, now=now)
    ask_for_letter("confirm" if user else "existing", email, language=language, now=now, next_path=next_path)
    user_id = user.id if user else None
    action = "accounts.register" if user else "accounts.register_again"
    audit.record(action, ("users", user_id or 0), actor=Actor(user_id=user_id), at=now)


def _new_person(*, email: str, name: str, language: str, password_hash: str, now: dt.datetime) -> User | None:
    """The new account, or None when the address has one. Both cost the same statements."""
    is_taken = queries.is_registered(email, kept_since=now - OLD_ADDRESS_KEPT)
    user = User(
        name=name, language=language, password=password_hash, fs_uniquifier=secrets.token_hex(16), created_at=now, active=True
    )
    user.email = f"{secrets.token_hex(8)}@account.invalid" if is_taken else email
    savepoint = current_session().begin_nested()
    try:
        current_session().add(user)
        current_session().flush()
    except IntegrityError:  # somebody registered the same address in this very moment
        is_taken = True
    if is_taken:
        savepoint.rollback()
        return None
    savepoint.commit()
    return user


def confirm(user_id: int, *, now: dt.datetime) -> User:
    """The address is this person's. Confirming twice changes nothing."""
    user = queries.person_for_update(user_id)
    if user is None:
        raise NotFound("person")
    if user.confirmed_at is None:
        user.confirmed_at = now
        audit.record("accounts.confirm_address", user, actor=Actor(user_id=user.id), at=now)
    return user


def change_settings(
    *, name: str, language: str, wants_mail: bool, wants_personal_ranking: bool, actor: Actor, now: dt.datetime
) -> User:
    """A person's own name, language and choices."""
    user = _self(actor)
    user.name, user.language = name.strip(), language
    user.wants_mail, user.wants_personal_ranking = wants_mail, wants_personal_ranking
    audit.record("accounts.change_settings", user, actor=actor, at=now)
    return user


def _self(actor: Actor) -> User:
    user = queries.person_for_update(actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise NotFound("person")
    return user


def close_account(*, actor: Actor, now: dt.datetime) -> None:
    """Erase who the person was and end everything; the row stays as a nameless anchor of the record (PIPL: deletion).

    An only owner must hand over first: an organisation with members never stands without an owner.
    """
    admins = queries.administrators_for_update()  # before any single person: everybody locks in this order
    user = _self(actor)
    for membership in queries.memberships_of(user.id):
        _hand_over_first(membership, actor)
    _keep_an_administrator(user, admins)
    session = current_session()
    session.execute(delete(Member).where(Member.user_id == user.id))
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    session.execute(delete(Invitation).where(Invitation.email == user.email))
    session.execute(delete(AddressChange).where(AddressChange.user_id == user.id))
    sessions.end_sessions_of(user.id, now=now)
    audit.record("accounts.close_account", user, actor=actor, at=now)
    _erase(user, now)


def _hand_over_first(membership: Member, actor: Actor) -> None:
    queries.organisation_for_update(membership.org_id)
    if membership.role is not OrgRole.OWNER or queries.other_owners(membership.org_id, membership.user_id):
        return
    org = membership.organisation
    if len(queries.members(org.id)) > 1 or org.is_verified:
        raise RuleError("last_owner_closes", organisation=org.name.pick(actor.language))


def _erase(user: User, now: dt.datetime) -> None:
    user.email = f"closed-{user.id}@account.invalid"
    user.name, user.password, user.active, user.closed_at = "", None, False, now
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = user.fs_webauthn_user_handle = None
    user.mf_recovery_codes = None
    user.roles = []
    user.fs_uniquifier = secrets.token_hex(16)


def _keep_an_administrator(leaving: User, admins: Sequence[User]) -> None:
    """The market never stands without an administrator. `admins` were locked before they are counted here."""
    if leaving in admins and len(admins) == 1:
        raise RuleError("last_administrator")


def _person_to_manage(user_id: int, actor: Actor) -> User:
    user = queries.person_for_update(user_id)
    if user is None or user.closed_at is not None:
        raise NotFound("person")
    policy.can_manage_person(actor, user).or_raise()
    return user


def disable(user_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Take away a person's access, at their next request. Nothing is deleted."""
    admins = queries.administrators_for_update()
    user = _person_to_manage(user_id, actor)
    _keep_an_administrator(user, admins)
    user.active = False
    sessions.end_sessions_of(user.id, now=now)
    audit.record("accounts.disable", user, actor=actor, at=now)


def enable(user_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Give access back."""
    user = _person_to_manage(user_id, actor)
    user.active = True
    audit.record("accounts.enable", user, actor=actor, at=now)


def grant(user_id: int, role: str, *, actor: Actor, now: dt.datetime) -> None:
    """Give a site role. It counts once a second factor is set up."""
    user = _person_to_manage(user_id, actor)
    row = _site_role(role)
    if row not in user.roles:
        user.roles.append(row)
        audit.record("accounts.grant", user, actor=actor, at=now, role=role)


def withdraw_role(user_id: int, role: str, *, actor: Actor, now: dt.datetime) -> None:
    """Take a site role away, at the person's next request."""
    admins = queries.administrators_for_update()
    user = _person_to_manage(user_id, actor)
    if role == SiteRoleName.ADMIN:
        _keep_an_administrator(user, admins)
    row = _site_role(role)
    if row in user.roles:
        user.roles.remove(row)
        audit.record("accounts.withdraw_role", user, actor=actor, at=now, role=role)


def _site_role(name: str) -> SiteRole:
    role = queries.site_role(SiteRoleName(name).value)
    if role is None:
        role = SiteRole(name=SiteRoleName(name).value)
        current_session().add(role)
        current_session().flush()  # two grants in one transaction share the row
    return role


def create_administrator(*, email: str, name: str, password_hash: str, language: str, actor: Actor, now: dt.datetime) -> User:
    """Make a confirmed account with the administrator's role (command line only). At the first sign-in a second factor
    must be set up. Raises RuleError("address_taken")."""
    user = _new_person(email=email.strip().lower(), name=name, language=language, password_hash=password_hash, now=now)
    if user is None:
        raise RuleError("address_taken")
    user.confirmed_at = now
    user.roles = [_site_role(SiteRoleName.ADMIN)]
    audit.record("accounts.create_administrator", user, actor=actor, at=now)
    return user


def open_letter(request_id: int, *, now: dt.datetime) -> tuple[LetterRequest, User | None] | None:
    """Take up a wish for a letter once: the wish and the person it concerns. None when it was answered before."""
    row = queries.letter_request_for_update(request_id)
    if row is None or row.done_at is not None:
        return None
    row.done_at = now
    return row, current_session().scalar(select(User).where(User.email == row.email))
