"""Runs the jobs that the outbox wrote: at least once, with leases, retries and a sweep.

The rows in our own database are the truth, so a killed worker loses nothing: its leases run out and the sweep finds them.
What wakes the worker is `core.alarm`.
"""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update

from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.outbox import Handler, Job, OutboxEvent, handlers

LEASE = dt.timedelta(minutes=5)
MAX_ATTEMPTS = 8
WAITING_SECONDS = 60
KEEP_DONE = dt.timedelta(days=14)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the work is behind: jobs waiting, jobs given up, seconds the oldest has waited."""

    waiting: int
    failed: int
    oldest_seconds: float


def lag(now: dt.datetime) -> Lag:
    """The state of the queue, for health pages and the doctor."""
    session = current_session()
    due = (Job.state.in_(("queued", "leased")), Job.run_after <= now)
    waiting, oldest = session.execute(select(func.count(Job.id), func.min(Job.run_after)).where(*due)).one()
    failed = session.scalar(select(func.count(Job.id)).where(Job.state == "failed")) or 0
    return Lag(waiting, failed, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)


def unfinished(handler: str) -> tuple[int, int]:
    """Jobs of this handler still to be done, whenever they are due, and those given up."""
    counted = select(
        func.count(Job.id).filter(Job.state != "failed"),
        func.count(Job.id).filter(Job.state == "failed"),
    )
    waiting, failed = current_session().execute(counted.where(Job.handler == handler, Job.state != "done")).one()
    return waiting, failed


def behind(handler: str, now: dt.datetime) -> float:
    """Seconds since the oldest event that this handler has still to work off, also one that it is to try again or gave up."""
    is_due = or_(Job.attempts > 0, Job.run_after <= now)
    query = select(func.min(OutboxEvent.at)).join(Job, Job.event_id == OutboxEvent.id)
    oldest = current_session().scalar(query.where(Job.handler == handler, Job.state != "done", is_due))
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def run_due(*, limit: int = 10_000) -> int:
    """Run every job that is due, oldest first, until none is left; returns how many were run."""
    done = 0
    while done < limit:
        leased = _lease(clock.now())
        if leased is None:
            break
        handler, jobs = leased
        _run(handler, jobs)
        done += len(jobs)
    return done


def _lease(now: dt.datetime) -> tuple[Handler, list[tuple[int, dict[str, Any]]]] | None:
    """Take the oldest due job, with its companions where the handler folds. An expired lease is due again."""
    is_due = or_(Job.state == "queued", (Job.state == "leased") & (Job.leased_until < now))
    with transaction() as session:
        query = select(Job).where(is_due, Job.run_after <= now).order_by(Job.id)
        first = session.scalars(query.limit(1).with_for_update(skip_locked=True)).first()
        if first is None:
            return None
        handler = handlers().get(first.handler)
        if handler is None:
            first.state, first.last_error = "failed", "no such handler"
            return Handler(first.handler, lambda _payloads: None), []
        same = query.where(Job.handler == first.handler).limit(handler.batch)
        rows = list(session.scalars(same.with_for_update(skip_locked=True))) if handler.batch > 1 else [first]
        for row in rows:
            row.state, row.leased_until, row.attempts = "leased", now + LEASE, row.attempts + 1
        return handler, [(row.id, row.payload) for row in rows]


def _run(handler: Handler, jobs: Sequence[tuple[int, dict[str, Any]]]) -> None:
    ids = [job_id for job_id, _ in jobs]
    try:
        payloads = [payload for _, payload in jobs]
        if handler.fold is not None:
            payloads = list({handler.fold(payload): payload for payload in payloads}.values())
        if payloads:
            handler.run(payloads)
    except Exception as error:
        current_session().rollback()
        log.warning("job_failed", handler=handler.name, jobs=ids, exc_info=True)
        _give_back(ids, traceback.format_exc(limit=-3), is_waiting=isinstance(error, handler.waits_for))
    else:
        _finish(ids)


def _finish(ids: Sequence[int]) -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.id.in_(ids)).values(state="done", done_at=clock.now(), leased_until=None))


def _give_back(ids: Sequence[int], error: str, *, is_waiting: bool) -> None:
    """Keep the error and try later, each time later: 2 s, 4 s, ... about 4 minutes; then it stays as failed.

    Waiting for something that is away is no failure: it is looked for each minute, until it comes back.
    """
    now = clock.now()
    with transaction() as session:
        for job in session.scalars(select(Job).where(Job.id.in_(ids))):
            is_over = job.attempts >= MAX_ATTEMPTS and not is_waiting
            job.state = "failed" if is_over else "queued"
            pause = 2 ** min(job.attempts, MAX_ATTEMPTS)
            job.run_after = now + dt.timedelta(seconds=min(pause, WAITING_SECONDS) if is_waiting else pause)
            job.leased_until, job.last_error = None, error[-4000:]


def retry_failed() -> int:
    """Put every failed job back into the queue (an operator's command); returns how many."""
    with transaction() as session:
        values = {"state": "queued", "attempts": 0, "run_after": clock.now()}
        result = session.execute(update(Job).where(Job.state == "failed").values(values))
        return int(result.rowcount)  # type: ignore[attr-defined]


def sweep() -> int:
    """Forget events whose every job was done long ago; returns how many. Run daily by the worker."""
    old = clock.now() - KEEP_DONE
    with transaction() as session:
        unfinished = select(Job.event_id).where(or_(Job.state != "done", Job.done_at >= old))
        gone = delete(OutboxEvent).where(OutboxEvent.at < old, OutboxEvent.id.not_in(unfinished))
        session.execute(delete(Job).where(Job.state == "done", Job.done_at < old, Job.event_id.not_in(unfinished)))
        return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]
