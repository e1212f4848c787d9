"""Another e-mail address for a person: asked for with the password, confirmed by the new box, taken back by the old one.

Every verb locks the person first and the change then. What letters say and when they go is handlers.py.
"""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError

from marketplace.accounts import queries
from marketplace.accounts.models import AddressChange, Passkey, User
from marketplace.accounts.rules import OLD_ADDRESS_KEPT
from marketplace.accounts.services import people, sessions
from marketplace.core import audit, outbox
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.policy import Actor


def ask_for_address(new_email: str, *, actor: Actor, within: dt.timedelta, now: dt.datetime) -> AddressChange:
    """Note the wish and have both boxes told. Whether the new address is taken is not looked at here: the page answers the
    same, and the worker decides which letter is written. A wish before this one ends."""
    user = _person(actor.user_id)
    new_email = new_email.strip().lower()
    if new_email == user.email:
        raise RuleError("address_same")
    _end(user.id, now=now)
    row = AddressChange(
        user_id=user.id,
        key=secrets.token_hex(16),
        old_email=user.email,
        new_email=new_email,
        asked_at=now,
        expires_at=now + within,
    )
    current_session().add(row)
    current_session().flush()  # the event names it
    outbox.add("accounts.address_change_asked", change_id=row.id)
    audit.record("accounts.ask_for_address", user, actor=actor, at=now)
    return row


def _person(user_id: int | None) -> User:
    user = queries.person_for_update(user_id) if user_id is not None else None
    if user is None:
        raise NotFound("person")
    return user


def _end(user_id: int, *, now: dt.datetime, since_id: int | None = None) -> None:
    """End what is open; with `since_id`, every change from that one on."""
    query = update(AddressChange).where(AddressChange.user_id == user_id, AddressChange.ended_at.is_(None))
    which = AddressChange.confirmed_at.is_(None) if since_id is None else AddressChange.id >= since_id
    current_session().execute(query.where(which).values(ended_at=now))


def open_address_letters(change_id: int, *, now: dt.datetime) -> tuple[AddressChange, User] | None:
    """Take up the letters about a change once. None when they were written before or the wish has ended."""
    row = queries.address_change_for_update(change_id)
    if row is None or row.told_at is not None or row.ended_at is not None:
        return None
    row.told_at = now
    user = queries.person(row.user_id)
    return (row, user) if user is not None and user.active else None


def give_up_address(*, actor: Actor, now: dt.datetime) -> None:
    """The person keeps the present address after all."""
    user = _person(actor.user_id)
    _end(user.id, now=now)
    audit.record("accounts.give_up_address", user, actor=actor, at=now)


def confirm_address(key: str, *, keep_token_hash: str, actor: Actor, now: dt.datetime) -> tuple[AddressChange, User]:
    """The new box has answered, from a browser of the same person: from here on the account has the new address.

    Every other session ends, and so does every link that was sent to the old box. Raises RuleError("address_link_ended"),
    RuleError("address_taken"), NotFound for anybody else's link.
    """
    user = _person(actor.user_id)
    row = _locked(key)
    if row.user_id != user.id:
        raise NotFound("address_change")
    if not row.is_open(now):
        raise RuleError("address_link_ended")
    _move(user, row.new_email, now)
    user.confirmed_at = row.confirmed_at = now
    user.fs_uniquifier = secrets.token_hex(16)
    sessions.end_sessions_of(user.id, now=now, except_token_hash=keep_token_hash)
    audit.record("accounts.change_address", user, actor=actor, at=now)
    return row, user


def _locked(key: str) -> AddressChange:
    found = queries.address_change(key)
    row = queries.address_change_for_update(found.id) if found is not None else None
    if row is None:
        raise RuleError("address_link_ended")
    return row


def _move(user: User, address: str, now: dt.datetime) -> None:
    if queries.is_registered(address, kept_since=now - OLD_ADDRESS_KEPT, but_not=user.id):
        raise RuleError("address_taken")
    try:
        with current_session().begin_nested():
            user.email = address
    except IntegrityError as error:  # somebody registered it in this very moment
        raise RuleError("address_taken") from error


def take_back_address(key: str, *, password_hash: str, now: dt.datetime) -> User:
    """The old box says that it was not the person: the old address counts again and whoever did it is shut out.

    Every session ends, the password no longer works (`password_hash` is of a password that nobody knows) and a letter to
    the old box sets a new one; passkeys added since a week before go, as they sign in alone. Later changes end as well: a
    second change must not hide the first. Raises RuleError("address_link_ended").
    """
    found = queries.address_change(key)
    if found is None:
        raise RuleError("address_link_ended")
    user = _person(found.user_id)
    row = _locked(key)
    if not row.can_be_taken_back(now):
        raise RuleError("address_link_ended")
    if row.old_email != user.email:
        _move(user, row.old_email, now)
    user.password, user.fs_uniquifier = password_hash, secrets.token_hex(16)
    sessions.end_sessions_of(user.id, now=now)
    since = row.asked_at - OLD_ADDRESS_KEPT
    current_session().execute(delete(Passkey).where(Passkey.user_id == user.id, Passkey.create_datetime >= since))
    _end(user.id, now=now, since_id=row.id)
    people.ask_for_letter("reset", user.email, language=user.language, now=now)
    audit.record("accounts.take_back_address", user, actor=Actor(user_id=user.id), at=now)
    return user


def forget_addresses(*, now: dt.datetime) -> int:
    """Forget changes that nobody can confirm or take back any more, with the addresses in them; returns how many."""
    last = func.coalesce(AddressChange.ended_at, AddressChange.confirmed_at, AddressChange.asked_at)
    gone = current_session().execute(delete(AddressChange).where(last <= now - OLD_ADDRESS_KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE has one, which Result does not say
