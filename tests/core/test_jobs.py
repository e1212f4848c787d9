"""Events and jobs: only after the commit, at least once, folded where that is meant, never lost."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from huey.registry import Message
from sqlalchemy import select

from marketplace.core import alarm, clock, jobs, outbox
from marketplace.core.db import current_session, transaction
from marketplace.core.outbox import Handler, Job


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[list[dict]]:
    """The payloads that the handlers of "test.happened" were given."""
    calls: list[list[dict]] = []
    one = Handler("test.one", lambda payloads: calls.append([dict(p) for p in payloads]))
    folding = Handler("test.folding", lambda payloads: calls.append([dict(p) for p in payloads]), lambda p: str(p["id"]), 100)

    def fail(_payloads: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(
        outbox, "_events", {"test.happened": (one,), "test.changed": (folding,), "test.bad": (Handler("test.bad", fail),)}
    )
    return calls


@pytest.mark.both
def test_a_handler_hears_after_the_commit_and_once(app, seen):
    with transaction():
        outbox.add("test.happened", id=1)
    assert seen == []
    assert jobs.run_due() == 1
    assert seen[0][0]["id"] == 1
    assert seen[0][0]["event"] == "test.happened"
    assert seen[0][0]["event_id"] > 0
    assert jobs.run_due() == 0


def test_nothing_is_told_when_the_transaction_fails(app, seen):
    with pytest.raises(ZeroDivisionError), transaction():
        outbox.add("test.happened", id=1)
        _ = 1 / 0
    assert jobs.run_due() == 0


def test_an_unknown_event_is_a_mistake(app, seen):
    with transaction(), pytest.raises(outbox.UnknownEvent):
        outbox.add("test.never_heard_of")


@pytest.mark.both
def test_many_changes_of_one_thing_are_one_piece_of_work(app, seen):
    for n in (1, 2, 1, 1):
        with transaction():
            outbox.add("test.changed", id=n)
    assert jobs.run_due() == 4
    assert [sorted(p["id"] for p in call) for call in seen] == [[1, 2]]


@pytest.mark.both
def test_a_failing_job_keeps_its_error_waits_longer_each_time_and_is_kept(app, seen):
    start = clock.now()
    with transaction():
        outbox.add("test.bad")
    moment = start
    for attempt in range(1, jobs.MAX_ATTEMPTS + 1):
        moment += dt.timedelta(seconds=2**attempt)
        with time_machine.travel(moment, tick=False):
            assert jobs.run_due() == 1
        job = current_session().scalars(select(Job).execution_options(populate_existing=True)).one()
        current_session().rollback()
        assert job.attempts == attempt
        assert "no network" in job.last_error
    assert job.state == "failed"
    assert jobs.lag(moment).failed == 1
    assert jobs.retry_failed() == 1
    assert jobs.lag(clock.now()).failed == 0


@pytest.mark.both
def test_a_lease_that_ran_out_is_taken_over(app, seen):
    """What a killed worker leaves behind: a leased row. Before the lease ends nobody else takes it, after it somebody does."""
    with transaction():
        outbox.add("test.happened", id=1)
    with transaction() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.leased_until = "leased", clock.now() + jobs.LEASE
    assert jobs.run_due() == 0
    with time_machine.travel(clock.now() + jobs.LEASE + dt.timedelta(seconds=1), tick=False):
        assert jobs.run_due() == 1
    assert len(seen) == 1


def test_done_work_is_forgotten_after_a_while(app, seen):
    with transaction():
        outbox.add("test.happened", id=1)
    jobs.run_due()
    assert jobs.sweep() == 0
    with time_machine.travel(clock.now() + jobs.KEEP_DONE + dt.timedelta(days=1), tick=False):
        assert jobs.sweep() == 1
    assert current_session().scalars(select(Job)).all() == []


def test_the_wake_up_queue_speaks_json_not_pickle():
    message = Message("id", "run_due", None, 0, 0, (), {}, None, None, None)
    raw = alarm.JsonSerializer().serialize(message)
    assert raw.startswith(b"{")
    assert alarm.JsonSerializer().deserialize(raw).name == "run_due"
    with pytest.raises(ValueError):
        alarm.JsonSerializer().deserialize(b"\x80\x04N.")
