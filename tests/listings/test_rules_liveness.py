"""When listings are reminded of, fade and leave; and the signed link of the mail."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from marketplace.listings.rules import links, liveness

TERMS = liveness.Terms(confirm_every=180, remind_before=30, expire_after=60)
START = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)


def day(number):
    return START + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("now", "reminded", "is_due"),
    [
        (149, None, False),
        (150, None, True),
        (151, 150, False),
        (172, 150, False),
        (173, 150, True),
        (178, 173, False),
        (179, 173, True),
        (179.5, 179, False),
        (180, 179, False),  # past the end it fades instead
        (179, None, True),  # one letter for all marks that passed while nobody looked
    ],
)
def test_reminders_at_30_7_and_1_days(now, reminded, is_due):
    reminded_at = None if reminded is None else day(reminded)
    assert liveness.is_reminder_due(TERMS, confirmed_at=START, reminded_at=reminded_at, now=day(now)) is is_due


def test_a_reminder_of_the_period_before_does_not_count():
    assert liveness.is_reminder_due(TERMS, confirmed_at=START, reminded_at=day(-1), now=day(150))


def test_later_marks_need_no_place_before_a_short_first_one():
    short = liveness.Terms(confirm_every=30, remind_before=3, expire_after=7)
    due = [d for d in range(30) if liveness.is_reminder_due(short, confirmed_at=START, reminded_at=None, now=day(d))]
    assert due == [27, 28, 29]


@pytest.mark.parametrize(("now", "expected"), [(179, False), (180, True), (400, True)])
def test_fading(now, expected):
    assert liveness.fades(TERMS, confirmed_at=START, now=day(now)) is expected


@pytest.mark.parametrize(
    ("faded", "closes", "now", "expected"),
    [
        (None, None, 900, False),
        (180, None, 239, False),
        (180, None, 240, True),
        (None, 10, 9, False),
        (None, 10, 10, True),
        (180, 500, 239, False),
    ],
)
def test_leaving(faded, closes, now, expected):
    faded_at = None if faded is None else day(faded)
    closes_at = None if closes is None else day(closes)
    assert liveness.leaves(TERMS, faded_at=faded_at, closes_at=closes_at, now=day(now)) is expected


SECRET = "s" * 40
LINK = links.ConfirmLink(7, 3, links.period_of(START))


def test_a_link_is_read_back():
    assert links.read(links.sign(LINK, secret=SECRET), secret=SECRET) == LINK


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "W10.abc.def"])
def test_a_strange_link_is_refused(broken):
    with pytest.raises(links.LinkBroken):
        links.read(broken, secret=SECRET)


def test_a_changed_link_is_refused():
    token = links.sign(LINK, secret=SECRET)
    body, stamp, signature = token.split(".")
    other = links.sign(links.ConfirmLink(8, 3, LINK.period), secret=SECRET).split(".")[0]
    with pytest.raises(links.LinkBroken):
        links.read(f"{other}.{stamp}.{signature}", secret=SECRET)
    with pytest.raises(links.LinkBroken):
        links.read(token, secret="t" * 40)
    assert body != other


def test_a_link_grows_old():
    with time_machine.travel(START, tick=False):
        token = links.sign(LINK, secret=SECRET)
    with time_machine.travel(day(links.LINK_DAYS - 1), tick=False):
        assert links.read(token, secret=SECRET) == LINK
    with time_machine.travel(day(links.LINK_DAYS + 1), tick=False), pytest.raises(links.LinkExpired):
        links.read(token, secret=SECRET)
