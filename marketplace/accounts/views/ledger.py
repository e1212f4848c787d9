"""What Flask-Security changes in the middle of a request is written at the request's end, in one write transaction.

The library changes objects and "commits" whenever it likes. Here its commit does nothing; `settle` takes what was changed,
opens a transaction, loads and locks each row anew, refuses if somebody else changed it meanwhile, and writes. So no
write lock is held while a password is hashed, and no read transaction is turned into a writing one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import g
from flask_security import SQLAlchemyUserDatastore
from sqlalchemy import inspect

from marketplace.accounts.models import Passkey, SiteRole, User
from marketplace.core import audit, clock
from marketplace.core.db import current_session, db, transaction
from marketplace.core.errors import EditConflict
from marketplace.core.policy import Actor

Write = Callable[[], object]
_MAX_EXTENSIONS = 255  # the column; nobody reads them back, they only show what the browser reported
_UNKNOWN = object()  # the attribute was not loaded when it was set
_Change = tuple[type, int, dict[str, tuple[Any, Any]]]


def later(write: Write) -> None:
    """Do this in the transaction at the end of the request (records, letters, rows of our own)."""
    g.setdefault("pending_writes", []).append(write)


def begin() -> None:
    """From here on nothing is flushed by accident: a flush would turn the read transaction into a writing one."""
    g.pop("pending_writes", None)
    current_session().autoflush = False


def settle() -> None:
    """Write everything that has gathered. Raises EditConflict when a row is no longer what the request saw."""
    session = current_session()
    changes, deleted = _changes(), [(type(row), row.id) for row in session.deleted]
    new = list(session.new)
    for row in new:
        session.expunge(row)
    writes: list[Write] = g.pop("pending_writes", [])
    if not (changes or deleted or new or writes):
        return
    session.rollback()  # also forgets the changes; they are in our hands now
    session.autoflush = True
    with transaction():
        for change in changes:
            _apply(*change)
        for kind, row_id in deleted:
            session.delete(session.get_one(kind, row_id))
        session.add_all(new)
        for write in writes:
            write()


def _changes() -> list[_Change]:
    found = []
    for row in current_session().dirty:
        state = inspect(row)
        columns = state.mapper.column_attrs.keys()
        changed = {key: state.attrs[key].history for key in columns if state.attrs[key].history.has_changes()}
        values = {
            key: (history.deleted[0] if history.deleted else _UNKNOWN, getattr(row, key)) for key, history in changed.items()
        }
        if values:
            found.append((type(row), row.id, values))
    return found


def _apply(kind: type, row_id: int, values: dict[str, tuple[Any, Any]]) -> None:
    row: Any = current_session().get_one(kind, row_id, with_for_update={"of": kind}, populate_existing=True)
    for key, (before, after) in values.items():
        if before is not _UNKNOWN and getattr(row, key) != before:
            raise EditConflict
        setattr(row, key, after)


def _record(action: str, user: Any) -> None:
    thing, actor, now = ("users", user.id), Actor(user_id=user.id), clock.now()
    later(lambda: audit.record(action, thing, actor=actor, at=now))


class MarketDatastore(SQLAlchemyUserDatastore):
    """People and passkeys as Flask-Security sees them; nothing here commits."""

    def __init__(self) -> None:
        super().__init__(db, User, SiteRole, Passkey)

    def commit(self) -> None:
        """The library's commits mean "write this": `settle` does, once."""

    def mf_set_recovery_codes(self, user: Any, rcs: list[str] | None) -> None:
        """New codes are news for the record; the library sends no signal."""
        super().mf_set_recovery_codes(user, rcs)
        _record("accounts.make_recovery_codes", user)

    def mf_delete_recovery_code(self, user: Any, idx: int) -> bool:
        """A new list instead of a changed one, so that the old value is known when it is written: a code works once."""
        codes = list(user.mf_recovery_codes or ())
        if idx >= len(codes):
            return False
        del codes[idx]
        user.mf_recovery_codes = codes
        _record("accounts.use_recovery_code", user)
        return True

    def create_webauthn(  # type: ignore[override]
        self, user: User, credential_id: bytes, public_key: bytes, name: str, **values: Any
    ) -> None:
        """Add a passkey by the user's id: a row that hangs on a loaded user could not be carried into another transaction."""
        now = clock.now()
        row = Passkey(user_id=user.id, credential_id=credential_id, public_key=public_key, name=name, create_datetime=now)
        row.lastuse_datetime = now
        for key in ("sign_count", "usage", "backup_state", "transports"):
            setattr(row, key, values.get(key))
        row.device_type = str(getattr(values.get("device_type"), "value", values.get("device_type")))
        row.extensions = json.dumps(values.get("extensions") or {})[:_MAX_EXTENSIONS]
        self.db.session.add(row)
