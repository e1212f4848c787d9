"""The only place that reads the clock; everything else is given `now`. Days are counted in Asia/Shanghai."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> dt.datetime:
    """This instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def local_day(instant: dt.datetime) -> dt.date:
    """The calendar day of an instant in Shandong."""
    return instant.astimezone(SHANGHAI).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """The first instant after `day` in Shandong: days are half-open intervals."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI).astimezone(dt.UTC)


def is_working_day(day: dt.date, holidays: Container[dt.date] = (), extra_workdays: Container[dt.date] = ()) -> bool:
    """Monday to Friday, less public holidays, plus made-up working days (调休)."""
    return day in extra_workdays or (day.weekday() < 5 and day not in holidays)


def add_working_days(
    start: dt.date, days: int, *, holidays: Container[dt.date] = (), extra_workdays: Container[dt.date] = ()
) -> dt.date:
    """The day that lies `days` working days after `start` (which itself does not count)."""
    day = start
    while days > 0:
        day += dt.timedelta(days=1)
        if is_working_day(day, holidays, extra_workdays):
            days -= 1
    return day


def working_days_between(
    start: dt.date, end: dt.date, *, holidays: Container[dt.date] = (), extra_workdays: Container[dt.date] = ()
) -> int:
    """Working days in (start, end]; negative when `end` has passed."""
    if end < start:
        return -working_days_between(end, start, holidays=holidays, extra_workdays=extra_workdays)
    span = (start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_working_day(day, holidays, extra_workdays) for day in span)
