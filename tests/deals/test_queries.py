"""Inboxes, what waits, and response figures from the database; and how many queries they take."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event

from marketplace.core.clock import SHANGHAI
from marketplace.core.db import current_session, db, transaction
from marketplace.deals import queries, services
from marketplace.deals.states import Outcome
from tests.factories import accounts
from tests.factories.deals import Pair, token, write

MONDAY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def counted():
    """Counts the statements while its `on` is true."""
    statements: list[str] = []
    listen = lambda *args: statements.append(args[2])  # noqa: E731 - removed by identity below
    event.listen(db.engine, "before_cursor_execute", listen)
    yield statements
    event.remove(db.engine, "before_cursor_execute", listen)


@pytest.mark.both
def test_the_inbox_puts_unread_first_then_what_is_due(app):
    pair = Pair()
    seen = pair.send(at=MONDAY)
    late = pair.send(at=MONDAY + HOUR)
    early = pair.send(at=MONDAY - 24 * HOUR * 3)
    with transaction():
        services.see(seen.id, actor=pair.owner, now=MONDAY)
    page = queries.inbox(pair.owner, tab="received", page=1, now=MONDAY)
    assert [row.enquiry.id for row in page.items] == [early.id, late.id, seen.id]
    assert [row.unread for row in page.items] == [1, 1, 0]
    assert [row.days_left for row in page.items] == [2, 3, 3]
    assert page.items[0].name == pair.asker_org.name


@pytest.mark.both
def test_tabs_and_their_numbers(app):
    pair = Pair()
    closed = pair.send(at=MONDAY)
    pair.send(at=MONDAY)
    with transaction():
        services.close(closed.id, outcome=Outcome.PRICE, note="", form_token=token(), actor=pair.owner, now=MONDAY)
    for actor, tab in ((pair.owner, "received"), (pair.asker, "sent")):
        counts = queries.counts(actor)
        assert getattr(counts, tab) == counts.closed == 1
        assert queries.inbox(actor, tab=tab, page=1, now=MONDAY).total == 1
        assert queries.inbox(actor, tab="closed", page=1, now=MONDAY).items[0].enquiry.id == closed.id
    stranger = accounts.actor_of(accounts.create_member()[0])
    assert queries.counts(stranger) == queries.Counts(0, 0, 0)
    assert queries.inbox(stranger, tab="received", page=1, now=MONDAY).items == []


def test_the_inbox_takes_the_same_queries_for_any_number(app, counted):
    pair = Pair()
    pair.send(at=MONDAY)
    owner = pair.owner

    def statements() -> int:
        current_session().expire_all()
        counted.clear()
        for row in queries.inbox(owner, tab="received", page=1, now=MONDAY).items:
            assert row.name
            assert row.enquiry.to_org.name
        return len(counted)

    few = statements()
    for _ in range(5):
        pair.send(at=MONDAY)
    assert statements() == few <= 6


def test_a_thread_takes_the_same_queries_for_any_length(app, counted):
    pair = Pair()
    row = pair.reply(pair.send(at=MONDAY), at=MONDAY)
    owner = pair.owner

    def statements() -> int:
        current_session().expire_all()
        found = queries.enquiry(row.id)
        counted.clear()
        for message in queries.thread(found, actor=owner, now=MONDAY).messages:
            assert message.author.name
            assert message.files == []
        return len(counted)

    few = statements()
    for number in range(4):
        write(row, pair.asker if number % 2 else owner, f"第 {number} 条", at=MONDAY)
    assert statements() == few <= 6


@pytest.mark.both
def test_what_waits(app):
    pair = Pair()
    answered, first, second = (pair.send(at=MONDAY + hours * HOUR) for hours in (-48, 1, 0))
    pair.reply(answered, at=MONDAY)
    owner_waits = queries.waiting_for(pair.owner, now=MONDAY)
    assert [item.kind for item in owner_waits] == ["reply", "reply"]
    assert {item.enquiry_id for item in owner_waits} == {first.id, second.id}
    assert {item.days_left for item in owner_waits} == {3}
    [asker_waits] = queries.waiting_for(pair.asker, now=MONDAY)
    assert (asker_waits.kind, asker_waits.enquiry_id, asker_waits.days_left) == ("unread", answered.id, None)
    viewer = accounts.create_user()
    accounts.add_member(viewer, pair.owner_org, "viewer")
    assert len(queries.waiting_for(accounts.actor_of(viewer), now=MONDAY)) == 3  # all unread to this person
    assert queries.waiting_for(accounts.actor_of(accounts.create_user()), now=MONDAY) == []


@pytest.mark.both
def test_response_figures(app):
    pair, quiet = Pair(), Pair()
    now = MONDAY + dt.timedelta(days=30)
    pair.reply(pair.send(at=MONDAY), at=MONDAY + HOUR)
    pair.reply(pair.send(at=MONDAY), at=MONDAY + 3 * HOUR)
    pair.reply(pair.send(at=MONDAY), at=MONDAY + dt.timedelta(days=10))  # late
    pair.send(at=MONDAY)  # never
    pair.send(at=now)  # not due yet
    pair.send(at=now - dt.timedelta(days=366))  # too long ago
    taken_back = pair.send(at=MONDAY)
    with transaction():
        services.close(taken_back.id, outcome=Outcome.NO_LONGER_NEEDED, note="", form_token=token(), actor=pair.asker, now=MONDAY)
    found = queries.response_figures([pair.owner_org.id, quiet.owner_org.id], now=now)
    figures = found[pair.owner_org.id]
    assert (figures.counted, figures.in_time, figures.percent, figures.promised_days) == (4, 2, 50, 3)
    assert figures.median_hours == 3
    assert not found[quiet.owner_org.id].has_any
    assert queries.response_figures([]) == {}


def test_figures_take_the_same_queries_for_any_number(app, counted):
    pairs = [Pair() for _ in range(3)]
    for pair in pairs:
        pair.reply(pair.send(at=MONDAY), at=MONDAY)
    counted.clear()
    queries.response_figures([pairs[0].owner_org.id], now=MONDAY)
    few = len(counted)
    counted.clear()
    assert len(queries.response_figures([pair.owner_org.id for pair in pairs], now=MONDAY)) == 3
    assert len(counted) == few <= 4
