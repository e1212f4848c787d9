"""When a listing must be confirmed, is reminded of, fades and leaves: instants from instants, nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

# After the first reminder (a setting) come these, in days before the date.
LATER_REMINDERS = (7, 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """The market's settings, in days."""

    confirm_every: int
    remind_before: int
    expire_after: int

    def confirm_by(self, confirmed_at: dt.datetime) -> dt.datetime:
        """Until when a listing counts as confirmed."""
        return confirmed_at + dt.timedelta(days=self.confirm_every)

    def asked_since(self, now: dt.datetime) -> dt.datetime:
        """Listings confirmed at this instant or before are due to be confirmed again."""
        return now - dt.timedelta(days=self.confirm_every - self.remind_before)

    def expires_at(self, faded_at: dt.datetime) -> dt.datetime:
        """When a faded listing leaves."""
        return faded_at + dt.timedelta(days=self.expire_after)


def is_reminder_due(terms: Terms, *, confirmed_at: dt.datetime, reminded_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Has a reminder mark passed for which nothing was sent since the last confirmation?"""
    end = terms.confirm_by(confirmed_at)
    days = {terms.remind_before, *(d for d in LATER_REMINDERS if d < terms.remind_before)}
    passed = [mark for mark in (end - dt.timedelta(days=d) for d in days) if mark <= now]
    if not passed or now >= end:
        return False
    last = max(passed)
    return reminded_at is None or reminded_at < max(last, confirmed_at)


def fades(terms: Terms, *, confirmed_at: dt.datetime, now: dt.datetime) -> bool:
    """Has a listing gone unconfirmed for too long?"""
    return now >= terms.confirm_by(confirmed_at)


def leaves(terms: Terms, *, faded_at: dt.datetime | None, closes_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Has a listing been faded for too long, or has its closing day passed?"""
    is_closed = closes_at is not None and now >= closes_at
    return is_closed or (faded_at is not None and now >= terms.expires_at(faded_at))
