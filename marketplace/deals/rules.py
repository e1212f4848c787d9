"""Pure calculations of conversations: office hours that a reply took, and how an organisation answers."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.core import clock
from marketplace.taxonomy.queries import WorkCalendar

DAY_STARTS = dt.time(9)
DAY_ENDS = dt.time(17)
OFFICE_HOURS = 8.0
MAX_ENQUIRIES_PER_DAY = 20
MAX_REPORTS_PER_DAY = 20
MAX_FILES = 5
MAX_MESSAGE = 4_000
FIGURES_OVER = dt.timedelta(days=365)


def working_hours(start: dt.datetime, end: dt.datetime, calendar: WorkCalendar) -> float:
    """Office hours (9:00 to 17:00 on working days, Shandong time) within [start, end); never negative."""
    first, last = clock.local_day(start), clock.local_day(end)
    seconds = 0.0
    for offset in range((last - first).days + 1):
        day = first + dt.timedelta(days=offset)
        if clock.is_working_day(day, calendar.holidays, calendar.workdays):
            opens = max(start, dt.datetime.combine(day, DAY_STARTS, clock.SHANGHAI))
            shuts = min(end, dt.datetime.combine(day, DAY_ENDS, clock.SHANGHAI))
            seconds += max(0.0, (shuts - opens).total_seconds())
    return seconds / 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What counts of one enquiry: when it came, when a reply was due, when the owner's side reacted (None: not yet)."""

    sent_at: dt.datetime
    due_at: dt.datetime
    reacted_at: dt.datetime | None
    replied_at: dt.datetime | None
    was_taken_back: bool = False


@dataclass(frozen=True, slots=True)
class ResponseFigures:
    """How an organisation answers, over the enquiries it received in the last 365 days.

    Replied in time = the owner's side wrote, or closed the enquiry with a reason, before the end of the promised working
    day; divided by all enquiries whose promised day has ended or that were answered before it. An enquiry that the
    enquirer took back before its day counts nowhere. Median reply time = office hours (9:00 to 17:00 on working days)
    from the enquiry to the first message of the owner's side, over the enquiries that got one.
    """

    promised_days: int
    counted: int = 0
    in_time: int = 0
    median_hours: float | None = None

    @property
    def has_any(self) -> bool:
        return self.counted > 0

    @property
    def percent(self) -> int | None:
        """Replied in time, in whole percent, rounded down so that 100 means all; None without enquiries."""
        return self.in_time * 100 // self.counted if self.counted else None

    @property
    def median_days(self) -> float | None:
        """The median in working days of eight office hours."""
        return None if self.median_hours is None else round(self.median_hours / OFFICE_HOURS, 1)


def figures(answers: Iterable[Answer], *, promised_days: int, now: dt.datetime, calendar: WorkCalendar) -> ResponseFigures:
    """Work out the figures as their docstring defines them."""
    rows = list(answers)
    counted = [row for row in rows if row.reacted_at is not None or (row.due_at <= now and not row.was_taken_back)]
    in_time = [row for row in counted if row.reacted_at is not None and row.reacted_at < row.due_at]
    hours = [working_hours(row.sent_at, row.replied_at, calendar) for row in rows if row.replied_at is not None]
    return ResponseFigures(promised_days, len(counted), len(in_time), statistics.median(hours) if hours else None)
