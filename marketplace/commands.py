"""The command groups of the flask command, with what only commands need: migrations and the steps of a start.

`app` imports this when a command is asked for. A web process never does: it would carry Alembic, the demonstration and the
evaluations for nothing.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from marketplace import prepare
from marketplace.accounts.cli import accounts_cli
from marketplace.core import cli as core_cli
from marketplace.core.db import db
from marketplace.deals.cli import deals_cli
from marketplace.demo.cli import demo_cli
from marketplace.listings.cli import listings_cli
from marketplace.matching.cli import index_cli, match_cli, search_cli
from marketplace.taxonomy.cli import taxonomy_cli

GROUPS = (
    core_cli.market_cli,
    core_cli.i18n_cli,
    taxonomy_cli,
    accounts_cli,
    listings_cli,
    index_cli,
    match_cli,
    search_cli,
    deals_cli,
    demo_cli,
)


def install(app: Flask) -> None:
    """Give the application its commands; a second time changes nothing."""
    folder = Path(app.root_path) / "migrations"
    Migrate().init_app(app, db, directory=str(folder), render_as_batch=True, compare_type=True)
    app.extensions["market_prepare"] = prepare.STEPS
    for group in GROUPS:
        app.cli.add_command(group)
