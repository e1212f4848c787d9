"""`flask taxonomy load` brings the lists from the data files into the database."""

from __future__ import annotations

import click

from marketplace.core import clock
from marketplace.core.cli import Group
from marketplace.core.db import transaction
from marketplace.core.policy import SYSTEM
from marketplace.taxonomy import services

taxonomy_cli = Group("taxonomy", help="Chains, fields, cities, maturity levels.")


@taxonomy_cli.command("load")
@click.option("--version", default="v0", show_default=True)
def load(version: str) -> None:
    """Load one VERSION of the lists and make it the current one; the same again changes nothing."""
    with transaction():
        count = services.load(version, actor=SYSTEM, now=clock.now())
    click.echo(f"{count} rows of {version}")
