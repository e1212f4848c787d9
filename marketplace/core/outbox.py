"""Events that reach other features only if the change itself is committed.

`add` writes the event and one job for each handler of `wiring.EVENTS` into the caller's own transaction; running the
jobs is `core.jobs`. Nothing is sent, indexed or mailed before the commit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace.core import clock
from marketplace.core.db import Base, after_commit, before_commit, current_session
from marketplace.core.types import Json, UtcDateTime

CHANNEL = "market_jobs"
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Handler:
    """One reaction to an event.

    `run` takes a list of payloads in the order they happened. A handler with `fold` is given up to `batch` payloads at
    once, the last one for each folded key: it re-reads its objects, so older ones have nothing to add. An error of
    `waits_for` says that something it needs is away: such a job is tried until it is back, and never given up.
    """

    name: str
    run: Callable[[Sequence[Payload]], None]
    fold: Callable[[Payload], str] | None = None
    batch: int = 1
    waits_for: tuple[type[Exception], ...] = ()


Events = Mapping[str, tuple[Handler, ...]]


class OutboxEvent(Base):
    """One thing that happened, as other features are told of it."""

    __tablename__ = "outbox_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Job(Base):
    """One handler's duty for one event: at least once, leased while it runs, kept with its error when it fails."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "state", "run_after", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("outbox_events.id", ondelete="CASCADE"))
    handler: Mapped[str] = mapped_column(String(96))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(8), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class UnknownEvent(RuntimeError):
    """An event that `wiring.EVENTS` does not list: a programmer's mistake, found by the first test that fires it."""


_events: dict[str, tuple[Handler, ...]] = {}
_nudges: list[Callable[[], None]] = []


def install(events: Events) -> None:
    """Take the event table of the application (called once by create_app)."""
    _events.clear()
    _events.update(events)


def on_commit(nudge: Callable[[], None] | None) -> None:
    """What wakes the worker after a commit that added jobs; None switches it off. Losing a nudge loses no job."""
    _nudges[:] = [nudge] if nudge else []


def add(name: str, *, run_after: dt.datetime | None = None, **payload: Any) -> OutboxEvent:
    """Tell that `name` ("feature.thing_happened") happened, in the caller's transaction. `payload` is plain JSON."""
    if name not in _events:
        raise UnknownEvent(name)
    session = current_session()
    at = clock.now()
    event = OutboxEvent(name=name, payload=payload, at=at)
    session.add(event)
    session.flush()  # the jobs need the event's id
    # Handlers learn which event it was; its id is their key against doing the same thing twice.
    told = {**payload, "event": name, "event_id": event.id}
    for handler in _events[name]:
        session.add(Job(event_id=event.id, handler=handler.name, payload=told, run_after=run_after or at, state="queued"))
    before_commit(_call_out)
    after_commit(_nudge)
    return event


def handlers() -> dict[str, Handler]:
    """Every handler of the table by its name."""
    return {handler.name: handler for group in _events.values() for handler in group}


def _call_out(session: Session) -> None:
    """PostgreSQL carries the wake-up to workers on every machine, with the commit itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


def _nudge() -> None:
    for nudge in _nudges:
        nudge()
