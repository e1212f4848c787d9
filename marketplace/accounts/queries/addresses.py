"""Reads of changes of an e-mail address, and whether an address is to be had."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import exists, or_, select

from marketplace.accounts.models import AddressChange, User
from marketplace.core.db import current_session


def is_registered(email: str, *, kept_since: dt.datetime, but_not: int = 0) -> bool:
    """Does this address (kept in lower case) have an account, or is it kept for somebody who gave it up since then?

    `but_not`: the person who asks; what is kept for oneself is free to oneself.
    """
    address = email.strip().lower()
    has_account = exists().where(User.email == address, User.id != but_not)
    is_kept = exists().where(
        AddressChange.old_email == address,
        AddressChange.confirmed_at > kept_since,
        AddressChange.ended_at.is_(None),
        AddressChange.user_id != but_not,
    )
    return bool(current_session().scalar(select(or_(has_account, is_kept))))


def address_change(key: str) -> AddressChange | None:
    """The change behind a link."""
    return current_session().scalar(select(AddressChange).where(AddressChange.key == key))


def address_change_for_update(change_id: int) -> AddressChange | None:
    """The same, locked and read anew. Whoever changes the person as well locks the person first."""
    query = select(AddressChange).where(AddressChange.id == change_id)
    return current_session().scalar(query.with_for_update().execution_options(populate_existing=True))


def open_address_change(user_id: int, *, now: dt.datetime) -> AddressChange | None:
    """The change that waits for the new box, if any."""
    query = select(AddressChange).where(AddressChange.user_id == user_id, AddressChange.confirmed_at.is_(None))
    row = current_session().scalar(query.where(AddressChange.ended_at.is_(None)))
    return row if row is not None and row.is_open(now) else None
