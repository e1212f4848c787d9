"""What Huey runs: the wake-up after a commit, and what is due each minute, hour and day. The work is rows in our database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from huey import SqliteHuey, crontab

from marketplace.accounts import handlers as accounts_handlers
from marketplace.core import alarm, clock, jobs
from marketplace.deals import cli as deals_cli
from marketplace.listings import handlers as listings_handlers


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The queue for the worker to consume, and the call that wakes it."""

    huey: SqliteHuey
    wake: Callable[[], object]


def make(app: Flask) -> Clockwork:
    """Register the tasks of one application."""
    huey = alarm.make_huey(Path(app.config["INSTANCE"]))

    def run_due() -> None:
        with app.app_context():
            jobs.run_due()

    def every_day() -> None:
        with app.app_context():
            jobs.sweep()
            listings_handlers.tick(clock.now())
            accounts_handlers.tick(clock.now())

    def every_hour() -> None:
        with app.app_context():
            deals_cli.note_overdue()

    wake = huey.task(name="run_due")(run_due)
    huey.periodic_task(crontab(minute="*"), name="run_due_each_minute")(run_due)
    huey.periodic_task(crontab(minute="17", hour="3"), name="every_day")(every_day)
    huey.periodic_task(crontab(minute="7"), name="every_hour")(every_hour)
    return Clockwork(huey, wake)
