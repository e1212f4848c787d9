"""Tries to sign in are counted before anything costly happens, in the database, so that limits hold over all processes.

A try is written down first and struck out when it succeeds. A browser that has signed in to the account before (it
carries a signed cookie) has an account of tries of its own: strangers cannot lock the owner out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select, text

from marketplace.accounts.models import LoginAttempt
from marketplace.core.db import current_session
from marketplace.core.errors import Throttled

WINDOW = dt.timedelta(minutes=15)
KEEP = dt.timedelta(days=1)
_PURGE_EVERY = 64
# Of the limit for one account from one address: from all strangers together, and from one address to all accounts.
ACCOUNT_WIDE_FACTOR = 4
ADDRESS_WIDE_FACTOR = 10


@dataclass(frozen=True, slots=True)
class Caller:
    """Keyed hashes of the account that is tried, of the network address, and of the known device (or "")."""

    account_key: str
    address_key: str
    device_key: str = ""

    @property
    def place_key(self) -> str:
        return self.device_key or self.address_key


def reserve(caller: Caller, *, limit: int, now: dt.datetime, window: dt.timedelta = WINDOW) -> int:
    """Note a try and return its id, or raise Throttled(seconds). `limit`: failures allowed per account and place in `window`."""
    session = current_session()
    if session.get_bind().dialect.name == "postgresql":
        # Two processes must not both see room for the last try; on SQLite the write transaction is that lock.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": caller.account_key})
    since = now - window
    of_account = LoginAttempt.account_key == caller.account_key
    of_place = LoginAttempt.address_key == caller.place_key
    _refuse_over(limit, since, of_account & of_place, now=now, window=window)
    if not caller.device_key:
        _refuse_over(limit * ACCOUNT_WIDE_FACTOR, since, of_account, now=now, window=window)
        _refuse_over(limit * ADDRESS_WIDE_FACTOR, since, of_place, now=now, window=window)
    row = LoginAttempt(account_key=caller.account_key, address_key=caller.place_key, at=now)
    session.add(row)
    session.flush()  # the caller strikes it out by its id
    if row.id % _PURGE_EVERY == 0:
        session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - KEEP))
    return row.id


def _refuse_over(limit: int, since: dt.datetime, which: ColumnElement[bool], *, now: dt.datetime, window: dt.timedelta) -> None:
    recent = (which, LoginAttempt.at > since)
    count, oldest = current_session().execute(select(func.count(), func.min(LoginAttempt.at)).where(*recent)).one()
    if count >= limit:
        raise Throttled(seconds=max(1, int((oldest + window - now).total_seconds())))


def strike_out(attempt_id: int) -> None:
    """The try succeeded: it does not count."""
    current_session().execute(delete(LoginAttempt).where(LoginAttempt.id == attempt_id))
