"""Reminded, faded, gone, confirmed: the clockwork over months, on both databases; and the link in the mail."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.accounts.states import OrgState
from marketplace.core import clock, settings
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import RuleError
from marketplace.core.outbox import OutboxEvent
from marketplace.core.policy import SYSTEM
from marketplace.listings import handlers, queries, services
from marketplace.listings.rules import links
from marketplace.listings.states import ListingState
from tests.factories import accounts, listings

START = dt.datetime(2026, 1, 5, 2, tzinfo=dt.UTC)


def day(number):
    return START + dt.timedelta(days=number)


def tick(number):
    return handlers.tick(day(number))


def state(listing_id):
    return listings.reload(listing_id).state


def told(name):
    current_session().rollback()
    return current_session().scalars(select(OutboxEvent.payload).where(OutboxEvent.name == f"listings.{name}")).all()


@pytest.fixture
def shown(app):
    """An achievement published at START, with its owner."""
    user, org = accounts.create_member(kind="university")
    owner = accounts.actor_of(user)
    listing = listings.create_achievement(org, actor=owner, at=START)
    return listing, owner, user


@pytest.mark.both
def test_unconfirmed_it_is_reminded_of_fades_and_leaves(shown):
    listing, _, _ = shown
    tick(149)
    assert told("confirmation_due") == []
    for number in (150, 151, 173, 174, 179):
        tick(number)
    due = told("confirmation_due")
    assert len(due) == 3  # at 30, 7 and 1 days before
    assert due[0]["to_roles"] == ["owner", "editor"]
    assert due[0]["confirm_by"] == day(180).isoformat()
    assert "token" not in str(due)
    assert state(listing.id) == ListingState.PUBLISHED
    tick(180)
    assert state(listing.id) == ListingState.FADING
    assert listings.reload(listing.id).rev == 2
    assert told("faded")[0]["leaves_at"] == day(240).isoformat()
    tick(239)
    assert state(listing.id) == ListingState.FADING
    tick(240)
    assert state(listing.id) == ListingState.EXPIRED
    assert told("expired")[0]["reason"] == "unconfirmed"
    assert tick(400) == {"left": 0, "faded": 0, "reminded": 0}


@pytest.mark.both
def test_confirming_starts_a_new_period(shown):
    listing, owner, _ = shown
    tick(150)
    tick(180)
    with transaction():
        services.confirm(listing.id, actor=owner, now=day(200))
    row = listings.reload(listing.id)
    assert (row.state, row.confirmed_at, row.faded_at, row.reminded_at) == (ListingState.PUBLISHED, day(200), None, None)
    tick(240)
    assert state(listing.id) == ListingState.PUBLISHED
    tick(350)
    assert len(told("confirmation_due")) == 2


@pytest.mark.both
def test_a_tick_late_by_months_still_gives_the_faded_time(shown):
    listing, _, _ = shown
    tick(300)
    assert state(listing.id) == ListingState.FADING
    tick(359)
    assert state(listing.id) == ListingState.FADING
    tick(360)
    assert state(listing.id) == ListingState.EXPIRED


@pytest.mark.both
def test_a_need_leaves_after_its_closing_day(app):
    closes_on = clock.local_day(START) + dt.timedelta(days=20)
    need = listings.create_need(at=START, closes_on=closes_on.isoformat())
    last_minute = clock.end_of_day(closes_on) - dt.timedelta(minutes=1)
    handlers.tick(last_minute)
    assert state(need.id) == ListingState.PUBLISHED
    handlers.tick(clock.end_of_day(closes_on))
    assert state(need.id) == ListingState.EXPIRED
    assert told("expired")[0]["reason"] == "closed"


def test_a_closed_need_cannot_be_confirmed(app):
    user, org = accounts.create_member()
    need = listings.create_need(
        org, actor=accounts.actor_of(user), at=START, closes_on=(clock.local_day(START) + dt.timedelta(days=5)).isoformat()
    )
    with transaction(), pytest.raises(RuleError, match="need_closed"):
        services.confirm(need.id, actor=accounts.actor_of(user), now=day(10))


def test_the_times_come_from_the_settings(shown):
    listing, _, _ = shown
    with transaction():
        settings.change("listings.confirm_every_days", 60, actor=SYSTEM, now=START)
        settings.change("listings.remind_before_days", 10, actor=SYSTEM, now=START)
        settings.change("listings.expire_after_fading_days", 7, actor=SYSTEM, now=START)
    tick(49)
    assert told("confirmation_due") == []
    tick(50)
    assert len(told("confirmation_due")) == 1
    tick(60)
    assert state(listing.id) == ListingState.FADING
    tick(67)
    assert state(listing.id) == ListingState.EXPIRED


def test_a_second_click_confirms_nothing_anew(shown):
    listing, owner, _ = shown
    for minutes in (0, 3):
        with transaction():
            services.confirm(listing.id, actor=owner, now=day(100) + dt.timedelta(minutes=minutes))
    row = listings.reload(listing.id)
    assert row.confirmed_at == day(100)
    assert row.rev == 2


def test_one_listing_that_fails_does_not_keep_the_others(app, monkeypatch):
    user, org = accounts.create_member(kind="university")
    first, second = (listings.create_achievement(org, actor=accounts.actor_of(user), at=START) for _ in range(2))
    real = services.fade

    def fade(listing_id, *, now):
        if listing_id == first.id:
            raise RuntimeError("broken")
        real(listing_id, now=now)

    monkeypatch.setattr(services, "fade", fade)
    tick(180)
    assert [state(row.id) for row in (first, second)] == [ListingState.PUBLISHED, ListingState.FADING]


def test_the_command(app, shown):
    listing, _, _ = shown
    with time_machine.travel(day(181), tick=False):
        result = app.test_cli_runner().invoke(args=["listings", "tick"])
    assert "1 faded" in result.output
    assert state(listing.id) == ListingState.FADING


def test_what_waits_for_confirmation(shown):
    listing, owner, _ = shown
    assert queries.to_confirm(owner, day(149)) == []
    assert [row.id for row in queries.to_confirm(owner, day(151))] == [listing.id]
    waiting = queries.waiting_for(owner, day(151))
    assert [(w.what, w.due_at) for w in waiting] == [("confirm", day(180))]


def token_of(app, listing, user):
    link = links.ConfirmLink(listing.id, user.id, links.period_of(listing.confirmed_at))
    return links.sign(link, secret=app.config["SECRET_KEY"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_click_from_the_mail_without_signing_in(app, browser, shown, lang):
    listing, _, user = shown
    url = f"/{lang}/confirm/{token_of(app, listing, user)}"
    page = browser.get(url)
    assert page.status_code == 200
    assert listing.title.pick(lang) in page.text
    assert listings.reload(listing.id).confirmed_at == START  # looking at it changes nothing
    done = browser.post(url)
    assert done.status_code == 200
    row = listings.reload(listing.id)
    assert row.confirmed_at > START
    assert browser.get(url).status_code == 410  # used
    assert browser.post(url).status_code == 410
    assert listings.reload(listing.id).confirmed_at == row.confirmed_at


def test_the_link_opens_nothing_else(app, browser, shown):
    listing, _, user = shown
    browser.post(f"/zh/confirm/{token_of(app, listing, user)}")
    assert browser.get(f"/zh/listings/{listing.id}").status_code == 302  # to the sign-in page


def test_a_removed_members_link_is_dead(app, browser, shown):
    listing, _, _ = shown
    stranger = accounts.create_user()
    url = f"/zh/confirm/{token_of(app, listing, stranger)}"
    assert browser.get(url).status_code == 410
    assert browser.post(url).status_code == 410
    assert listings.reload(listing.id).confirmed_at == START


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "W10.x.y"])
def test_strange_links_say_so(browser, token):
    assert browser.get(f"/zh/confirm/{token}").status_code == 410


def test_an_old_link_says_so(app, browser, shown):
    listing, _, user = shown
    with time_machine.travel(day(150), tick=False):
        url = f"/zh/confirm/{token_of(app, listing, user)}"
    with time_machine.travel(day(150 + links.LINK_DAYS + 1), tick=False):
        page = browser.get(url)
    assert page.status_code == 410
    assert "过期" in page.text


def test_many_are_confirmed_at_once(app, browser):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    rows = [listings.create_achievement(org, actor=actor, at=clock.now() - dt.timedelta(days=170)) for _ in range(3)]
    foreign = listings.create_achievement(at=clock.now() - dt.timedelta(days=170))
    before = foreign.confirmed_at
    accounts.sign_in(browser.client, user)
    page = browser.get("/zh/listings/confirm")
    assert all(f'value="{row.id}"' in page.text for row in rows)
    assert f'value="{foreign.id}"' not in page.text
    assert browser.post("/zh/listings/confirm", data={"listing": [rows[0].id, rows[1].id]}).status_code == 302
    now = [listings.reload(row.id).confirmed_at for row in rows]
    assert [moment > row.confirmed_at for moment, row in zip(now, rows, strict=True)] == [True, True, False]
    assert browser.post("/zh/listings/confirm", data={"listing": [foreign.id]}).status_code == 422
    assert listings.reload(foreign.id).confirmed_at == before


def test_an_organisation_that_loses_its_verification_takes_its_listings_off(app, shown):
    listing, _, _ = shown
    org = listing.organisation
    handlers.follow_organisation([{"org_id": org.id}])
    assert state(listing.id) == ListingState.PUBLISHED
    with transaction() as session:
        session.get(Organisation, org.id).state = OrgState.DOCUMENT_SEEN
    for _ in range(2):  # handlers may run twice
        handlers.follow_organisation([{"org_id": org.id}])
    assert state(listing.id) == ListingState.WITHDRAWN
    assert len(told("withdrawn")) == 1
