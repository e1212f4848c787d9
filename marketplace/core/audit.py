"""The append-only record of who did what, as a hash chain.

Entries are gathered during a transaction and sealed just before its commit, so the chain's lock is held for the
shortest time. The database itself refuses UPDATE and DELETE (triggers); `verify` recomputes every link.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import DDL, Index, String, event, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.core.db import Base, before_commit, current_session, notes
from marketplace.core.policy import Actor
from marketplace.core.types import Json, UtcDateTime

GENESIS = "0" * 64
_PENDING = "audit"
# Any constant does; it only has to be the same in every process that seals entries on PostgreSQL.
_CHAIN_LOCK = 0x5D_41_55_44


class AuditEntry(Base):
    """One fact. `hash` covers the content and the hash before it."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_object", "object_type", "object_id"),
        Index("ix_audit_entries_actor_id", "actor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64))
    object_type: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


_SQLITE_GUARD = """CREATE TRIGGER audit_entries_no_{verb} BEFORE {verb_upper} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END"""
_POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION audit_entries_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$ LANGUAGE plpgsql"""
_POSTGRES_GUARD = """CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()"""
GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(_SQLITE_GUARD.format(verb=v, verb_upper=v.upper()) for v in ("update", "delete")),
    "postgresql": (_POSTGRES_FUNCTION, _POSTGRES_GUARD),
}
for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        # DDL() interpolates %-signs; ours has none, and the trigger text must reach the server as written.
        event.listen(AuditEntry.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class _Pending:
    at: dt.datetime
    actor_id: int | None
    action: str
    thing: Any
    object_type: str
    data: dict[str, Any]


def record(action: str, thing: Any, *, actor: Actor, at: dt.datetime, **data: Any) -> None:
    """Note that `actor` did `action` ("feature.verb") to `thing` (a row, or ("type", id)).

    `data` must be plain JSON and hold no secret: no password, token, message text or hidden field.
    """
    object_type = thing[0] if isinstance(thing, tuple) else thing.__tablename__
    pending = _Pending(at, actor.user_id, action, thing, object_type, data)
    notes().setdefault(_PENDING, []).append(pending)
    before_commit(_seal)


def _seal(session: Session) -> None:
    """Chain the gathered entries. Runs last before commit; the chain's end is read under a lock."""
    pending: list[_Pending] = notes().pop(_PENDING, [])
    session.flush()  # new rows need their ids before they are named in the record
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    last = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)) or GENESIS
    for item in pending:
        object_id = str(item.thing[1] if isinstance(item.thing, tuple) else item.thing.id)
        entry = AuditEntry(
            at=item.at,
            actor_id=item.actor_id,
            action=item.action,
            object_type=item.object_type,
            object_id=object_id,
            data=item.data,
            previous_hash=last,
            hash="",
        )
        entry.hash = last = link(entry)
        session.add(entry)
        session.flush()  # one by one, so that ids follow the chain


def link(entry: AuditEntry) -> str:
    """The SHA-256 of one entry's content together with the hash before it, as 64 hex digits."""
    content = [
        entry.previous_hash,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.data,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify` found: how many entries are sound and the first that is not."""

    checked: int
    broken_at: int | None

    @property
    def is_sound(self) -> bool:
        return self.broken_at is None


def verify() -> ChainReport:
    """Recompute the whole chain; stops at the first broken link."""
    previous = GENESIS
    checked = 0
    rows = current_session().scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000))
    for entry in rows:
        if entry.previous_hash != previous or entry.hash != link(entry):
            return ChainReport(checked, entry.id)
        previous = entry.hash
        checked += 1
    return ChainReport(checked, None)
