"""`flask demo load` brings the invented market; `flask demo logins` prints who may sign in."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import AppGroup
from flask_security import hash_password

from marketplace.core import clock
from marketplace.core.errors import RuleError
from marketplace.demo import queries, services

PASSWORD = "demo-market-2026"  # noqa: S105 - printed at the start; works on a loopback address only
LOGINS = (
    ("u01", "大学（负责人） · university, owner"),
    ("editor", "大学（编辑） · university, editor"),
    ("e01", "企业（负责人） · enterprise, owner"),
    ("b01", "技术经理人 · broker"),
    ("f01", "中试与概念验证 · facility operator"),
    ("c370100", "市科技局 · city office"),
    ("admin", "省级管理员 · administrator"),
)

demo_cli = AppGroup("demo", help="The invented market.")


@demo_cli.command("load")
def load() -> None:
    """Load the demonstration; the same again changes nothing. Refused beside real organisations and in production."""
    if current_app.config["ENV_NAME"] == "production":
        click.echo("The demonstration is not for production.", err=True)
        sys.exit(1)
    try:
        services.load(password_hash=hash_password(PASSWORD), now=clock.now(), tell=click.echo)
    except RuleError:
        click.echo("Refused: this database holds real organisations.", err=True)
        sys.exit(1)


@demo_cli.command("logins")
def logins() -> None:
    """Print the log-ins of the demonstration."""
    click.echo(login_table())


def login_table() -> str:
    """The log-ins as lines, the password last."""
    rows = [f"  {queries.address(key):<28} {words}" for key, words in LOGINS]
    return "\n".join([*rows, f"  password / 密码: {PASSWORD}"])
