"""Two people at once: exactly one wins, nobody overwrites unseen, the history stays whole. On both databases."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy.orm.exc import StaleDataError

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.errors import MarketError
from marketplace.listings import queries, services
from marketplace.listings.services import applying
from marketplace.listings.states import LISTING, ListingState
from tests.factories import accounts, listings

pytestmark = pytest.mark.both
ROUNDS = 3


def at_once(app, *calls):
    """Run the calls in threads that start together; the answers in order: "done" or the error's name."""
    gate = threading.Barrier(len(calls))
    answers = [""] * len(calls)

    def run(number, call):
        with app.app_context():
            gate.wait(timeout=10)
            try:
                with transaction():
                    call()
                answers[number] = "done"
            except (MarketError, StaleDataError) as error:
                answers[number] = type(error).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers


@pytest.fixture
def pair(app):
    """Two owners of a verified university."""
    user, org = accounts.create_member(kind="university")
    second = accounts.create_user()
    accounts.add_member(second, org, "owner")
    return org, accounts.actor_of(user), accounts.actor_of(second)


def submitted(org, actor):
    content = listings.achievement_content()
    with transaction():
        row = services.start(listings.ListingKind.ACHIEVEMENT, org.id, actor=actor, now=clock.now())
        version = services.write(row.id, content, actor=actor, now=clock.now()).version
        services.submit(row.id, content, version=version, actor=actor, now=clock.now())
    return row.id, content, version


def history(listing_id):
    return [step.step for step in LISTING.history(listing_id)]


def test_publish_and_send_back_at_once(app, pair):
    """Either order is a history that could have happened: an owner may also publish what was just sent back."""
    org, first, second = pair
    for _ in range(ROUNDS):
        listing_id, content, version = submitted(org, first)
        answers = at_once(
            app,
            lambda i=listing_id, c=content, v=version: services.publish(i, c, version=v, actor=first, now=clock.now()),
            lambda i=listing_id: services.send_back(i, note="nein", actor=second, now=clock.now()),
        )
        assert answers[0] == "done"
        ways = {"done": ["submit", "send_back", "submit", "publish"], "StepNotAllowed": ["submit", "publish"]}
        assert history(listing_id) == ways[answers[1]]
        assert queries.INVARIANTS["listings' states follow their history"]() == []


def test_submit_and_submit_at_once(app, pair):
    org, first, second = pair
    for _ in range(ROUNDS):
        listing_id, content, version = submitted(org, first)
        with transaction():
            services.take_back(listing_id, actor=first, now=clock.now())
        answers = at_once(
            app,
            lambda i=listing_id, c=content, v=version: services.submit(i, c, version=v, actor=first, now=clock.now()),
            lambda i=listing_id, c=content, v=version: services.submit(i, c, version=v, actor=second, now=clock.now()),
        )
        assert sorted(answers) == ["StepNotAllowed", "done"]


def test_publish_twice_at_once(app, pair):
    org, first, second = pair
    for _ in range(ROUNDS):
        listing_id, content, version = submitted(org, first)
        answers = at_once(
            app,
            lambda i=listing_id, c=content, v=version: services.publish(i, c, version=v, actor=first, now=clock.now()),
            lambda i=listing_id, c=content, v=version: services.publish(i, c, version=v, actor=second, now=clock.now()),
        )
        assert sorted(answers) == ["StepNotAllowed", "done"]
        assert listings.reload(listing_id).rev == 1
        assert [r.number for r in queries.revisions(listing_id)] == [1]


def test_publish_changes_and_withdraw_at_once(app, pair):
    org, first, second = pair
    for _ in range(ROUNDS):
        listing = listings.create_achievement(org, actor=first)
        content = listings.achievement_content(city="370200")
        with transaction():
            version = services.write(listing.id, content, actor=first, now=clock.now()).version
        answers = at_once(
            app,
            lambda i=listing.id, c=content, v=version: services.publish_changes(i, c, version=v, actor=first, now=clock.now()),
            lambda i=listing.id: services.withdraw(i, actor=second, now=clock.now()),
        )
        assert answers[1] == "done"
        assert answers[0] in ("done", "StepNotAllowed")
        row = listings.reload(listing.id)
        assert row.state == ListingState.WITHDRAWN
        assert history(listing.id)[-1] == "withdraw"
        assert row.rev == (3 if answers[0] == "done" else 2)


def test_one_section_saved_in_two_tabs_at_once(app, pair):
    org, first, second = pair
    with transaction():
        listing_id = services.start(listings.ListingKind.ACHIEVEMENT, org.id, actor=first, now=clock.now()).id
    answers = at_once(
        app,
        lambda: services.save_section(listing_id, "identity", {"title_zh": ["甲"]}, version=1, actor=first, now=clock.now()),
        lambda: services.save_section(listing_id, "identity", {"title_zh": ["乙"]}, version=1, actor=second, now=clock.now()),
    )
    assert sorted(answers) == ["EditConflict", "done"]
    kept = queries.draft(listing_id)
    assert kept.version == 2
    assert kept.data["identity"]["title_zh"] == ["甲" if answers[0] == "done" else "乙"]


def test_different_sections_at_once_are_both_kept(app, pair):
    org, first, second = pair
    with transaction():
        listing_id = services.start(listings.ListingKind.ACHIEVEMENT, org.id, actor=first, now=clock.now()).id
    answers = at_once(
        app,
        lambda: services.save_section(listing_id, "identity", {"title_zh": ["甲"]}, version=1, actor=first, now=clock.now()),
        lambda: services.save_section(
            listing_id, "people", {"people-0-name_zh": ["林"]}, version=1, actor=second, now=clock.now()
        ),
    )
    assert answers == ["done", "done"]
    assert set(queries.draft(listing_id).data) == {"identity", "people"}


def test_confirm_and_fade_at_once(app, pair):
    org, first, _ = pair
    start = clock.now() - dt.timedelta(days=181)
    for _ in range(ROUNDS):
        listing = listings.create_achievement(org, actor=first, at=start)
        answers = at_once(
            app,
            lambda i=listing.id: services.confirm(i, actor=first, now=clock.now()),
            lambda i=listing.id: services.fade(i, now=clock.now()),
        )
        assert answers == ["done", "done"]
        row = listings.reload(listing.id)
        assert row.state == ListingState.PUBLISHED  # a confirmation wins, before or after
        assert row.faded_at is None


def test_without_the_lock_the_rig_shows_the_race_and_the_version_still_stops_it(postgres_app, monkeypatch):
    """The negative control: with the row lock off both read the submitted listing before either writes, which the rig must
    show; then the second door, the row's version, refuses one of them. (SQLite has no row lock to switch off: there a
    writing transaction begins alone.)"""
    with postgres_app.app_context():
        user, org = accounts.create_member(kind="university")
        first = accounts.actor_of(user)
        listing_id, content, version = submitted(org, first)
        both_read = threading.Barrier(2)
        seen = []

        def load(wanted):
            found = (queries.listing(wanted), queries.draft(wanted))
            seen.append(found[0].state)
            both_read.wait(timeout=10)
            return found

        monkeypatch.setattr(applying, "load", load)
        answers = at_once(
            postgres_app,
            lambda: services.publish(listing_id, content, version=version, actor=first, now=clock.now()),
            lambda: services.send_back(listing_id, note="nein", actor=first, now=clock.now()),
        )
        assert seen == [ListingState.SUBMITTED, ListingState.SUBMITTED]
        assert sorted(answers) == ["StaleDataError", "done"]
        assert len(history(listing_id)) == 2
        db.session.remove()
        db.engine.dispose()
