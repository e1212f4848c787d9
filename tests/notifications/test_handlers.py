"""Whom an event reaches, that twice is once, and that letters follow each person's wishes."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from marketplace.core import clock, jobs, outbox
from marketplace.core.db import current_session, db, transaction
from marketplace.core.mail import OutgoingMail
from marketplace.notifications import queries, services
from marketplace.notifications.handlers import notify, settle
from marketplace.notifications.models import Notification
from tests.factories import accounts
from tests.factories.deals import Pair
from tests.notifications.samples import payload


def told() -> set[int]:
    current_session().rollback()
    return set(current_session().scalars(select(Notification.user_id)))


def addresses() -> list[str]:
    current_session().rollback()
    return sorted(current_session().scalars(select(OutgoingMail.to_address)))


@pytest.fixture
def team(app):
    owner, org = accounts.create_member(kind="university")
    people = {"owner": owner}
    for role in ("editor", "viewer"):
        people[role] = accounts.create_user()
        accounts.add_member(people[role], org, role)
    return org, people


@pytest.mark.both
def test_members_by_role_persons_and_administrators(app):
    owner, org = accounts.create_member(kind="university")
    viewer, editor, person = (accounts.create_user() for _ in range(3))
    accounts.add_member(editor, org, "editor")
    accounts.add_member(viewer, org, "viewer")
    admin = accounts.create_admin()
    notify([payload("listings.submitted", event_id=1, to_orgs=[org.id], to_roles=["owner"])])
    assert told() == {owner.id}
    notify([payload("listings.submitted", event_id=2, to_orgs=[org.id])])
    assert told() == {owner.id, editor.id}
    notify([payload("listings.submitted", event_id=3, to_users=[person.id])])
    assert told() == {owner.id, editor.id, person.id}
    notify([payload("deals.reported", event_id=4, to_admins=True)])
    assert told() == {owner.id, editor.id, person.id, admin.id}
    assert viewer.email not in addresses()


def test_the_author_is_not_told_and_each_person_only_once(team):
    org, people = team
    everybody = {"to_orgs": [org.id, org.id], "to_users": [people["editor"].id], "but_not": [people["owner"].id]}
    notify([payload("deals.message_sent", **everybody)])
    assert told() == {people["editor"].id}
    row = current_session().scalars(select(Notification)).one()
    assert (row.org_id, row.endpoint, row.endpoint_args) == (org.id, "deals.enquiry", {"enquiry_id": 7})
    assert not {"to_orgs", "to_users", "but_not", "link", "event", "event_id"} & set(row.data)


@pytest.mark.both
def test_a_repeated_event_tells_nobody_twice(app):
    user = accounts.create_user()
    news = payload("listings.published", to_users=[user.id])
    for _ in range(3):
        notify([news])
    assert current_session().query(Notification).count() == 1
    assert addresses() == [user.email]


@pytest.mark.both
def test_two_workers_with_one_event_tell_once(app):
    user = accounts.create_user()
    news = payload("listings.published", to_users=[user.id])
    current_session().rollback()
    barrier = threading.Barrier(2)

    def run() -> None:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                notify([news])
            except Exception:
                db.session.rollback()  # the unique pair said no: the job is tried again, and finds it done
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    notify([news])
    assert current_session().query(Notification).count() == 1
    assert addresses() == [user.email]


def test_a_muted_kind_is_told_in_the_bell_only(team):
    _org, people = team
    with transaction():
        services.unsubscribe(people["owner"].id, "listings.published", now=clock.now())
    notify([payload("listings.published", event_id=1, to_users=[people["owner"].id])])
    notify([payload("listings.faded", event_id=2, to_users=[people["owner"].id])])
    assert current_session().query(Notification).count() == 2
    assert len(addresses()) == 1


def test_an_event_without_words_is_a_mistake(app):
    with pytest.raises(LookupError):
        notify([{"event": "deals.unheard_of", "event_id": 1, "to_admins": True}])


def test_seeing_a_thread_quiets_its_older_news(team):
    _org, people = team
    user = people["owner"]
    for event_id, subject in ((1, "enquiry:7"), (2, "enquiry:8"), (5, "enquiry:7")):
        notify([payload("deals.message_sent", event_id=event_id, subject=subject, to_users=[user.id])])
    settle([{"event": "deals.enquiry_seen", "event_id": 4, "user_id": user.id, "subject": "enquiry:7"}])
    unread = current_session().scalars(select(Notification.event_id).where(Notification.read_at.is_(None)))
    assert set(unread) == {2, 5}


@pytest.mark.both
def test_an_enquiry_rings_the_owners_bell_and_reading_quiets_it(app):
    """The whole way: service, outbox, worker, handler."""
    from marketplace.deals import services as deals

    pair = Pair()
    row = pair.send()
    jobs.run_due()
    current_session().rollback()
    assert queries.unread_count(pair.owner) == 1
    assert queries.unread_count(pair.asker) == 0
    with transaction():
        deals.see(row.id, actor=pair.owner, now=clock.now())
    jobs.run_due()
    current_session().rollback()
    assert queries.unread_count(pair.owner) == 0
    pair.reply(row)
    jobs.run_due()
    current_session().rollback()
    assert queries.unread_count(pair.asker) == 1
    assert jobs.lag(clock.now()).failed == 0


def test_no_handler_is_left_without_its_event(app):
    assert {"notifications.notify", "notifications.settle"} <= set(outbox.handlers())
