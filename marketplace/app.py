"""Builds the application: the only list of features and extensions. The list of command groups is `commands`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Blueprint, Flask
from flask.cli import AppGroup
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Default
from marketplace import wiring
from marketplace.accounts import views as accounts
from marketplace.core import i18n, logs, outbox, search, web
from marketplace.core.db import db
from marketplace.core.web import api
from marketplace.deals import views as deals
from marketplace.exchange import views as exchange
from marketplace.insights.views import bp as insights
from marketplace.listings import api as listings_api
from marketplace.listings import views as listings
from marketplace.matching import api as matching_api
from marketplace.matching.views import bp as matching
from marketplace.notifications import views as notifications
from marketplace.pages.views import bp as pages

if TYPE_CHECKING:
    from marketplace.clockwork import Clockwork

ROOT = Path(__file__).resolve().parent.parent
# Lowest first, as in the contracts of pyproject.toml.
BLUEPRINTS = (accounts.bp, listings.bp, matching, deals.bp, notifications.bp, exchange.bp, exchange.site_bp, insights, pages)
API_BLUEPRINTS: tuple[Blueprint, ...] = (listings_api.bp, matching_api.blp)
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=["600 per minute"])


class Commands(AppGroup):
    """The application's commands, imported when one is asked for; extensions have added theirs before."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app.name, commands=dict(app.cli.commands))
        self._app = app

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._install()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._install()
        return super().get_command(ctx, cmd_name)

    def _install(self) -> None:
        from marketplace import commands

        commands.install(self._app)


def create_app(config: Default) -> Flask:
    """One application from one configuration. Nothing is read from the environment here."""
    app = Flask("marketplace", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_object(config)
    logs.configure(is_quiet=app.testing)
    if app.config["PROXY_HOPS"]:
        hops = app.config["PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    for folder in ("INSTANCE", "FILES"):
        Path(app.config[folder]).mkdir(parents=True, exist_ok=True)
    _install_extensions(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api.install(app, API_BLUEPRINTS)
    app.cli = Commands(app)
    outbox.install(wiring.EVENTS)
    app.extensions["market_invariants"] = wiring.INVARIANTS
    app.extensions["market_personal_data"] = wiring.PERSONAL_DATA
    _install_worker(app)
    return app


def _install_extensions(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    db.init_app(app)
    csrf.init_app(app)
    i18n.init_app(app)
    web.init_app(app)
    limiter.init_app(app)  # after web: its refusal is then a page in the reader's language
    search.init_app(app)
    accounts.init_app(app)


def _install_worker(app: Flask) -> None:
    """A commit with work for the worker wakes it: through the queue, opened by the first of them, or through PostgreSQL."""

    @functools.cache
    def works() -> Clockwork:
        from marketplace import clockwork

        return clockwork.make(app)

    def wake() -> None:
        works().wake()

    app.extensions["market_clockwork"] = works
    is_called_by_database = app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
    outbox.on_commit(None if app.testing or is_called_by_database else wake)
