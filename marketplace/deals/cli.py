"""`flask deals ...`: what the clock does for conversations."""

from __future__ import annotations

import click

from marketplace.core import clock
from marketplace.core.cli import Group
from marketplace.core.db import transaction
from marketplace.core.policy import SYSTEM
from marketplace.deals import services

deals_cli = Group("deals", help="Conversations.")


@deals_cli.command("tick")
def tick() -> None:
    """Tell of enquiries whose promised day has ended (the worker does it each hour)."""
    click.echo(f"{note_overdue()} enquiries overdue")


def note_overdue() -> int:
    """The hourly duty, in a transaction of its own."""
    with transaction():
        return services.note_overdue(actor=SYSTEM, now=clock.now())
