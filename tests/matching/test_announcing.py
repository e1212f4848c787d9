"""Who is told of a new match: both owners, once, few at a time, and nothing that one side may not see."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.core import clock, settings
from marketplace.core.db import current_session, transaction
from marketplace.core.outbox import OutboxEvent
from marketplace.matching.models import MatchNotice
from marketplace.matching.services import announcing
from tests.factories import accounts, listings
from tests.factories.matching import index_now, work_now


def announced() -> list[tuple[str, int, list[int], dict[str, str]]]:
    rows = current_session().scalars(
        select(OutboxEvent).where(OutboxEvent.name == "matching.match_found").order_by(OutboxEvent.id)
    )
    return [(p["kind"], p["listing_id"], p["to_orgs"], p["title"]) for p in (row.payload for row in rows)]


def test_a_new_listing_tells_both_owners_once(app):
    need = listings.create_need(is_anonymous=True)
    work_now()
    assert announced() == []
    achievement = listings.create_achievement(maturity=7)
    work_now()
    told = announced()
    assert [(kind, listing_id, orgs) for kind, listing_id, orgs, _ in told] == [
        ("achievement", achievement.id, [achievement.org_id]),
        ("need", need.id, [need.org_id]),
    ]
    name = current_session().get(Organisation, need.org_id).name.zh
    assert all(name not in str(event) for event in told)
    assert announcing.announce_matches(achievement.id, now=clock.now()) == 0
    assert announcing.announce_matches(need.id, now=clock.now()) == 0
    assert len(announced()) == 2


def test_announcements_are_few_and_only_of_strong_matches(app):
    admin = accounts.actor_of(accounts.create_admin())
    for _ in range(4):
        listings.create_need()
    index_now()
    achievement = listings.create_achievement(maturity=7)
    index_now()
    with transaction():
        settings.change("matching.announce_most_per_listing", 2, actor=admin, now=clock.now())
    with transaction():
        settings.change("matching.announce_from_score", 100, actor=admin, now=clock.now())
    assert announcing.announce_matches(achievement.id, now=clock.now()) == 0
    with transaction():
        settings.change("matching.announce_from_score", 60, actor=admin, now=clock.now())
    assert announcing.announce_matches(achievement.id, now=clock.now()) == 2
    assert len(current_session().scalars(select(MatchNotice)).all()) == 2


def test_a_listing_that_many_match_is_told_of_the_first_few_a_day(app):
    need = listings.create_need()
    made = [listings.create_achievement(maturity=7) for _ in range(5)]
    index_now()
    now = clock.now()
    counts = [announcing.announce_matches(row.id, now=now) for row in made]
    assert sum(counts) == settings.whole("matching.announce_most_per_listing") == 3
    assert need.id


def test_what_one_side_may_not_see_is_not_announced(app):
    listings.create_need(audience="verified")
    achievement = listings.create_achievement(maturity=7)
    index_now()
    assert announcing.announce_matches(achievement.id, now=clock.now()) == 1  # a verified organisation may know
    with transaction() as session:
        org = session.get(Organisation, achievement.org_id)
        assert org.is_verified
