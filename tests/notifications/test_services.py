"""Marks, wishes, and what somebody who left an organisation may still read."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from marketplace.core import clock
from marketplace.core.db import current_session, db, transaction
from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.policy import ANONYMOUS
from marketplace.notifications import policy, queries, services
from marketplace.notifications.handlers import notify
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import LinkBroken, Unsubscription, read, sign
from tests.factories import accounts
from tests.notifications.samples import payload

SECRET = "s" * 40


@pytest.mark.both
def test_object_check_and_sql_agree(app):
    owner, org = accounts.create_member()
    leaver = accounts.create_user()
    accounts.add_member(leaver, org)
    admin = accounts.create_admin()
    notify([payload("deals.message_sent", event_id=1, to_orgs=[org.id])])
    notify([payload("deals.reported", event_id=2, to_admins=True)])
    notify([payload("listings.published", event_id=3, to_users=[owner.id, leaver.id, admin.id])])
    from marketplace.accounts.models import Member

    with transaction() as session:
        session.query(Member).filter_by(user_id=leaver.id).delete()
    rows = current_session().scalars(select(Notification)).all()
    readers = [*(accounts.actor_of(user) for user in (owner, leaver, admin)), ANONYMOUS]
    seen = []
    for actor in readers:
        condition = policy.visible_to(actor)
        by_sql = set(current_session().scalars(select(Notification.id).where(condition.sql(Notification))))
        assert by_sql == {row.id for row in rows if condition.matches(row)} == {r.id for r in rows if policy.can_see(actor, r)}
        seen.append(len(by_sql))
    assert seen == [2, 1, 2, 0]


def test_an_administrator_no_more_reads_no_news_of_the_office(app):
    admin = accounts.create_admin()
    notify([payload("deals.reported", to_admins=True)])
    with transaction() as session:
        session.merge(admin).roles = []
    current_session().expire_all()
    assert queries.unread_count(accounts.actor_of(admin)) == 0


@pytest.mark.both
def test_read_one_and_all_up_to_the_newest_shown(app):
    user, other = accounts.create_user(), accounts.create_user()
    for number in range(4):
        notify([payload("listings.published", event_id=number + 1, to_users=[user.id, other.id])])
    actor = accounts.actor_of(user)
    ids = [row.id for row in queries.inbox(actor, only_unread=True, page=1).items]
    assert ids == sorted(ids, reverse=True)
    with transaction():
        services.read(ids[-1], actor=actor, now=clock.now())
    with transaction():
        assert services.read_all(up_to=ids[1], actor=actor, now=clock.now()) == 2
    assert queries.unread_count(actor) == 1
    assert queries.unread_count(accounts.actor_of(other)) == 4
    with pytest.raises(NotFound), transaction():
        services.read(ids[0], actor=accounts.actor_of(other), now=clock.now())


def test_the_number_at_the_bell_is_one_query(app):
    actor = accounts.actor_of(accounts.create_member()[0])
    statements = []
    listen = lambda *args: statements.append(args[2])  # noqa: E731 - removed by identity
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        queries.unread_count(actor)
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert len(statements) == 1
    assert "count(" in statements[0]


@pytest.mark.both
def test_choosing_mail(app):
    actor = accounts.actor_of(accounts.create_user())
    offered = ["listings.published", "listings.faded", "deals.message_sent"]
    for wanted in (["listings.faded"], ["listings.faded", "deals.message_sent"], offered, []):
        with transaction():
            services.choose_mail(offered=offered, wanted=wanted, actor=actor, now=clock.now())
        assert queries.muted_kinds(actor.user_id) == set(offered) - set(wanted)
    with pytest.raises(Forbidden), transaction():
        services.choose_mail(offered=offered, wanted=[], actor=ANONYMOUS, now=clock.now())


def test_signed_wishes_cannot_be_made_or_changed():
    wish = Unsubscription(7, "deals.message_sent")
    token = sign(wish, secret=SECRET)
    assert read(token, secret=SECRET) == wish
    for bad in (token[:-1] + ("A" if token[-1] != "A" else "B"), token + "x", "", "a.b.c", sign(wish, secret="t" * 40)):
        with pytest.raises(LinkBroken):
            read(bad, secret=SECRET)


def test_unsubscribing_somebody_who_is_gone(app):
    with pytest.raises(NotFound), transaction():
        services.unsubscribe(999, "deals.message_sent", now=clock.now())
