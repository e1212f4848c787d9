"""What a start needs, in order, each step quick when it is done already: schema, words, lists,
demonstration, index.

`flask market prepare` runs them; a step returns a line to print, or nothing when there was nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from flask_security import hash_password

from marketplace.core import catalogue, clock, search
from marketplace.core.db import db, transaction
from marketplace.core.policy import SYSTEM
from marketplace.demo import queries as demo_queries
from marketplace.demo import services as demo
from marketplace.demo.labels import PASSWORD, login_table
from marketplace.listings import queries as listing_queries
from marketplace.matching.services import index as indexing
from marketplace.taxonomy import queries as taxonomy_queries
from marketplace.taxonomy import services as taxonomy
from search_index.rebuild import NOT_BUILT

Step = Callable[[str], str]
# A start that takes more than a few minutes is taken for a failed one.
BUILT_AT_START = 250_000
FOR_NOW = "pages answer from the database for now"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def schema(_host: str) -> str:
    """Bring the database to the newest revision."""
    head = ScriptDirectory(str(Path(current_app.root_path) / "migrations")).get_current_head()
    with db.engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_revision()
    if now == head:
        return ""
    upgrade()
    return f"at revision {head}"


def words(_host: str) -> str:
    """Compile the Chinese catalogue when it is newer than what the site reads."""
    compiled = catalogue.CHINESE.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= catalogue.CHINESE.stat().st_mtime:
        return ""
    try:
        catalogue.compile_all()
    except OSError as error:  # as a service the program's folder is read-only
        told = f"The Chinese catalogue is not compiled and {compiled.parent} cannot be written ({error.strerror})"
        raise click.ClickException(f"{told}; as its owner run: flask --app wsgi i18n compile") from None
    return "compiled"


def lists(_host: str) -> str:
    """Load chains, fields, cities, maturity levels and the working calendar into an empty database."""
    if taxonomy_queries.current().version:
        return ""
    with transaction():
        return f"{taxonomy.load(actor=SYSTEM, now=clock.now())} rows"


def demonstration(host: str) -> str:
    """Load the invented market into an empty database that is no production, and tell its log-ins on a loopback address."""
    if current_app.config["ENV_NAME"] == "production" or demo_queries.real_organisations():
        return ""
    if not demo_queries.demo_organisations():
        demo.load(password_hash=hash_password(PASSWORD), now=clock.now())
    return f"log-ins\n{login_table()}" if host in LOOPBACK else ""


def index(_host: str) -> str:
    """Build the search index when there is none, or one that this program cannot read.

    The site starts all the same where that takes long or cannot be done now: pages then answer from the database.
    """
    found = search.engine().status()
    if not found.is_reachable:
        return f"not looked at, {FOR_NOW} ({found.trouble})"
    if not found.trouble:
        return ""
    if len(listing_queries.indexable_revs(limit=BUILT_AT_START + 1)) > BUILT_AT_START:
        return f"more than {BUILT_AT_START:,} listings, {FOR_NOW}; build it with: flask index rebuild"
    try:
        return f"{indexing.rebuild().documents} documents"
    except NOT_BUILT as error:
        return f"not built, {FOR_NOW} ({error}); then: flask index rebuild"


STEPS: dict[str, Step] = {"Database": schema, "Words": words, "Lists": lists, "Demonstration": demonstration, "Index": index}
