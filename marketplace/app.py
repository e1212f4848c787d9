"""Builds the application: the only list of features, extensions and command groups."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from huey import crontab
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Default
from marketplace import prepare, wiring
from marketplace.accounts import views as accounts
from marketplace.accounts.cli import accounts_cli
from marketplace.core import cli as core_cli
from marketplace.core import clock, i18n, jobs, logs, outbox, search, web
from marketplace.core.db import db
from marketplace.core.web import api
from marketplace.deals import cli as deals_cli
from marketplace.deals import views as deals
from marketplace.demo.cli import demo_cli
from marketplace.exchange import views as exchange
from marketplace.insights.views import bp as insights
from marketplace.listings import api as listings_api
from marketplace.listings import cli as listings_cli
from marketplace.listings import handlers as listings_handlers
from marketplace.listings import views as listings
from marketplace.matching import api as matching_api
from marketplace.matching import cli as matching_cli
from marketplace.matching.views import bp as matching
from marketplace.notifications import views as notifications
from marketplace.pages.views import bp as pages
from marketplace.taxonomy.cli import taxonomy_cli

ROOT = Path(__file__).resolve().parent.parent
# Lowest first, as in the contracts of pyproject.toml.
BLUEPRINTS = (accounts.bp, listings.bp, matching, deals.bp, notifications.bp, exchange.bp, exchange.site_bp, insights, pages)
API_BLUEPRINTS: tuple[Blueprint, ...] = (listings_api.bp, matching_api.blp)
COMMANDS = (
    core_cli.market_cli,
    core_cli.i18n_cli,
    taxonomy_cli,
    accounts_cli,
    listings_cli.listings_cli,
    matching_cli.index_cli,
    matching_cli.match_cli,
    matching_cli.search_cli,
    deals_cli.deals_cli,
    demo_cli,
)

csrf = CSRFProtect()
migrate = Migrate()
limiter = Limiter(get_remote_address, default_limits=["600 per minute"])


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
    for group in COMMANDS:
        app.cli.add_command(group)
    outbox.install(wiring.EVENTS)
    app.extensions["market_invariants"] = wiring.INVARIANTS
    app.extensions["market_personal_data"] = wiring.PERSONAL_DATA
    app.extensions["market_prepare"] = prepare.STEPS
    _install_worker(app)
    return app


def _install_extensions(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(app.root_path) / "migrations"), render_as_batch=True, compare_type=True)
    csrf.init_app(app)
    limiter.init_app(app)
    i18n.init_app(app)
    web.init_app(app)
    search.init_app(app)
    accounts.init_app(app)


def _install_worker(app: Flask) -> None:
    """Register what Huey runs: the wake-up after a commit and the clockwork. The work itself is rows in our database."""
    huey = jobs.make_huey(Path(app.config["INSTANCE"]))
    app.extensions["market_huey"] = huey

    def run_due() -> None:
        with app.app_context():
            jobs.run_due()

    def every_day() -> None:
        with app.app_context():
            jobs.sweep()
            listings_handlers.tick(clock.now())

    def every_hour() -> None:
        with app.app_context():
            deals_cli.note_overdue()

    nudge = huey.task(name="run_due")(run_due)
    huey.periodic_task(crontab(minute="*"), name="run_due_each_minute")(run_due)
    huey.periodic_task(crontab(minute="17", hour="3"), name="every_day")(every_day)
    huey.periodic_task(crontab(minute="7"), name="every_hour")(every_hour)
    outbox.on_commit(None if app.testing else lambda: nudge() and None)
