"""`flask demo load` brings the invented market; `flask demo logins` prints who may sign in."""

from __future__ import annotations

import click
from flask import current_app
from flask_security import hash_password

from marketplace.core import clock
from marketplace.core.cli import Group
from marketplace.core.errors import RuleError
from marketplace.core.labels import error_text
from marketplace.demo import labels, services

demo_cli = Group("demo", help="The invented market.")


@demo_cli.command("load")
def load() -> None:
    """Load the demonstration; the same again changes nothing. Refused beside real organisations and in production."""
    if current_app.config["ENV_NAME"] == "production":
        raise click.ClickException("The demonstration is not for production.")
    try:
        services.load(password_hash=hash_password(labels.PASSWORD), now=clock.now(), tell=click.echo)
    except RuleError as refused:
        raise click.ClickException(error_text(refused.code)) from None


@demo_cli.command("logins")
def logins() -> None:
    """Print the log-ins of the demonstration."""
    click.echo(labels.login_table())
