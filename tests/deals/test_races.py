"""A double click is one enquiry: shown first with the unique token taken away, then with it, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from marketplace.core import clock
from marketplace.core.db import current_session, db, transaction
from marketplace.deals import queries, services
from marketplace.deals.models import Enquiry, Message
from marketplace.deals.states import Purpose
from tests.factories.deals import Pair, token

INDEXES = {index.name: index for table in (Enquiry, Message) for index in table.__table__.indexes if index.unique}


@contextmanager
def without_unique_tokens() -> Iterator[None]:
    """The defence off. The test's database outlives the test on PostgreSQL, so it gets its indexes back, empty or not."""
    current_session().rollback()
    for index in INDEXES.values():
        index.drop(db.engine)
    try:
        yield
    finally:
        current_session().rollback()
        with transaction() as session:
            for table in ("enquiry_reads", "enquiry_messages", "enquiries"):
                session.execute(db.metadata.tables[table].delete())
        for index in INDEXES.values():
            index.create(db.engine)


def at_once(app, *calls) -> list:
    """Run the calls in threads of their own that start together; returns their results, errors included."""
    current_session().rollback()
    barrier = threading.Barrier(len(calls))
    results: list = [None] * len(calls)

    def run(number: int) -> None:
        with app.app_context():
            try:
                barrier.wait(timeout=30)
                with transaction():
                    results[number] = calls[number]()
            except BaseException as error:
                results[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def blind(monkeypatch):
    """Both posts look before either has written: what the look-up finds is nothing."""
    seen: list[int] = []

    def look(user_id: int, form_token: str):
        seen.append(user_id)
        return None if len(seen) <= 2 else real(user_id, form_token)

    real = queries.sent_by
    monkeypatch.setattr(queries, "sent_by", look)


def same_form(pair: Pair):
    form_token = token()
    asker, listing_id, org_id = pair.asker, pair.listing.id, pair.asker_org.id

    def send() -> int:
        row = services.send(
            listing_id,
            as_org_id=org_id,
            purpose=Purpose.TRIAL,
            body="双击",
            form_token=form_token,
            actor=asker,
            now=clock.now(),
        )
        return row.id

    return send


@pytest.mark.both
def test_two_posts_of_one_form_make_two_enquiries_without_the_defence(app, blind):
    pair = Pair()
    send = same_form(pair)
    with without_unique_tokens():
        results = at_once(app, send, send)
        assert len(set(results)) == 2
        assert current_session().scalar(select(func.count(Enquiry.id))) == 2


@pytest.mark.both
def test_two_posts_of_one_form_make_one_enquiry_with_it(app, blind):
    pair = Pair()
    send = same_form(pair)
    results = at_once(app, send, send)
    assert len(set(results)) == 1, results
    assert current_session().scalar(select(func.count(Enquiry.id))) == 1
    assert current_session().scalar(select(func.count(Message.id))) == 1


@pytest.mark.both
def test_one_form_may_be_sent_again_later(app):
    pair = Pair()
    send = same_form(pair)
    with transaction():
        first = send()
    with transaction():
        assert send() == first


@pytest.mark.both
def test_a_message_of_one_form_is_written_once(app, monkeypatch):
    pair = Pair()
    row = pair.send()
    monkeypatch.setattr(queries, "written_by", lambda _user_id, _token: None)
    form_token, owner = token(), pair.owner

    def write() -> int:
        return services.write(row.id, body="可以", form_token=form_token, actor=owner, now=clock.now()).id

    assert set(at_once(app, write, write)) == {row.id}
    assert current_session().scalar(select(func.count(Message.id))) == 2


@pytest.mark.both
def test_a_made_up_token_of_somebody_else_opens_nothing(app):
    pair, other = Pair(), Pair()
    form_token = token()
    pair.send(form_token=form_token)
    with pytest.raises(Exception, match="form_used"):
        other.send(form_token=form_token)
    current_session().rollback()
    assert current_session().scalar(select(func.count(Enquiry.id))) == 1


@pytest.mark.both
def test_answer_and_close_at_once_leave_a_sound_enquiry(app):
    from marketplace.core import invariants
    from marketplace.deals.states import Outcome

    pair = Pair()
    row = pair.send()
    owner, asker = pair.owner, pair.asker
    results = at_once(
        app,
        lambda: services.write(row.id, body="可以", form_token=token(), actor=owner, now=clock.now()).id,
        lambda: (
            services.close(row.id, outcome=Outcome.NO_LONGER_NEEDED, note="", form_token=token(), actor=asker, now=clock.now()).id
        ),
    )
    assert row.id in results
    assert not any(finding.problems for finding in invariants.run(queries.INVARIANTS))


@pytest.mark.both
def test_the_daily_limit_holds_for_two_at_once(app, monkeypatch):
    from marketplace.deals.services import enquiries

    monkeypatch.setattr(enquiries, "MAX_ENQUIRIES_PER_DAY", 1)
    pair = Pair()
    results = at_once(app, same_form(pair), same_form(pair))
    assert sum(isinstance(result, int) for result in results) == 1
    assert current_session().scalar(select(func.count(Enquiry.id))) == 1
