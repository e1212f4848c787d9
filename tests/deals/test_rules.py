"""Office hours of a reply, and how an organisation's answers become figures."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.core.clock import SHANGHAI
from marketplace.deals.rules import Answer, figures, working_hours
from marketplace.taxonomy.queries import WorkCalendar

CALENDAR = WorkCalendar(holidays=frozenset({dt.date(2026, 10, 1)}), workdays=frozenset({dt.date(2026, 10, 10)}))


def at(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(11, 23, 10), at(11, 23, 11, 30), 1.5),  # within a Monday
        (at(11, 23, 6), at(11, 23, 22), 8),  # no more than the office is open
        (at(11, 23, 18), at(11, 23, 23), 0),  # in the evening
        (at(11, 27, 16), at(11, 30, 10), 2),  # Friday afternoon to Monday morning
        (at(11, 28, 10), at(11, 29, 15), 0),  # a weekend
        (at(9, 30, 16), at(10, 2, 10), 2),  # over a public holiday
        (at(10, 9, 17), at(10, 12, 9), 8),  # a made-up Saturday counts
        (at(11, 24, 12), at(11, 24, 11), 0),  # never negative
    ],
)
def test_working_hours(start, end, hours):
    assert working_hours(start, end, CALENDAR) == pytest.approx(hours)


SENT, DUE = at(11, 2, 10), at(11, 6, 0)
NOW = at(11, 20, 12)


@pytest.mark.parametrize(
    ("answer", "counted", "in_time"),
    [
        (Answer(SENT, DUE, at(11, 3, 9), at(11, 3, 9)), 1, 1),
        (Answer(SENT, DUE, at(11, 6, 0), at(11, 6, 0)), 1, 0),  # the first instant after the promise is late
        (Answer(SENT, DUE, at(11, 3, 9), None), 1, 1),  # declined with a reason
        (Answer(SENT, DUE, None, None), 1, 0),
        (Answer(SENT, at(11, 25, 0), None, None), 0, 0),  # not due yet
        (Answer(SENT, DUE, None, None, was_taken_back=True), 0, 0),
        (Answer(SENT, at(11, 25, 0), at(11, 3, 9), at(11, 3, 9)), 1, 1),  # answered before it was due
    ],
)
def test_what_counts(answer, counted, in_time):
    found = figures([answer], promised_days=3, now=NOW, calendar=CALENDAR)
    assert (found.counted, found.in_time) == (counted, in_time)


def test_no_enquiries_give_no_rate():
    found = figures([], promised_days=3, now=NOW, calendar=CALENDAR)
    assert not found.has_any
    assert found.percent is None
    assert found.median_hours is None
    assert found.median_days is None


def test_hundred_percent_means_all():
    late = Answer(SENT, DUE, None, None)
    good = Answer(SENT, DUE, at(11, 3, 9), at(11, 3, 9))
    assert figures([good] * 299 + [late], promised_days=3, now=NOW, calendar=CALENDAR).percent == 99
    assert figures([good] * 300, promised_days=3, now=NOW, calendar=CALENDAR).percent == 100


def test_the_median_counts_replies_only():
    rows = [
        Answer(SENT, DUE, at(11, 2, 11), at(11, 2, 11)),
        Answer(SENT, DUE, at(11, 2, 13), at(11, 2, 13)),
        Answer(SENT, DUE, at(11, 2, 12), None),
        Answer(SENT, DUE, at(11, 3, 17), at(11, 3, 17)),
    ]
    found = figures(rows, promised_days=3, now=NOW, calendar=CALENDAR)
    assert found.median_hours == 3
    assert found.median_days == 0.4
