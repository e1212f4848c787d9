"""`flask listings ...`: run the clockwork of liveness by hand."""

from __future__ import annotations

import click

from marketplace.core import clock
from marketplace.core.cli import Group
from marketplace.listings import handlers

listings_cli = Group("listings", help="Achievements and needs.")


@listings_cli.command("tick")
def tick() -> None:
    """Remind owners, fade what nobody confirmed, take off what stayed faded or has closed (the worker does it daily)."""
    done = handlers.tick(clock.now())
    click.echo(", ".join(f"{number} {what}" for what, number in done.items()))
