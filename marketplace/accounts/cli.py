"""Commands for the people of a market: `flask accounts create-admin`, `flask accounts grant`."""

from __future__ import annotations

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_security import hash_password

from marketplace.accounts import queries, services
from marketplace.accounts.rules import passwords
from marketplace.accounts.states import SiteRoleName
from marketplace.core import clock
from marketplace.core.cli import Group
from marketplace.core.db import transaction
from marketplace.core.errors import MarketError
from marketplace.core.labels import error_text
from marketplace.core.policy import Actor

accounts_cli = Group("accounts", help="People of this market.")
# The command line is in the operator's hands: it may do what an administrator may.
OPERATOR = Actor(name="command line", is_system=True)


@accounts_cli.command("create-admin")
@click.argument("email")
@click.option("--name", default="Administrator", show_default=True)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.password_option(help="Asked for when not given.")
def create_admin(email: str, name: str, language: str, password: str) -> None:
    """Make a confirmed account with the administrator's role. The first sign-in asks to set up a second factor."""
    try:
        email = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise click.ClickException(str(error)) from error
    if problems := passwords.problems(password, about=[name, email.split("@", maxsplit=1)[0]]):
        raise click.ClickException(" ".join(error_text(code) for code in problems))
    plain = current_app.extensions["security"].password_util.normalize(password)
    password_hash = hash_password(plain)
    try:
        with transaction():
            services.create_administrator(
                email=email, name=name, password_hash=password_hash, language=language, actor=OPERATOR, now=clock.now()
            )
    except MarketError as error:
        raise click.ClickException(error_text(error.code, **error.params)) from error
    click.echo(f"{email} is an administrator; the first sign-in sets up the second factor.")


@accounts_cli.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in SiteRoleName]))
def grant(email: str, role: str) -> None:
    """Give a site role to an existing account."""
    person = queries.person_by_email(email)
    if person is None:
        raise click.ClickException(f"There is no account with the address {email}.")
    with transaction():
        services.grant(person.id, role, actor=OPERATOR, now=clock.now())
    click.echo(f"{person.email} has the role {role}.")
