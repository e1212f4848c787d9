"""The schema as migrations make it: up from empty, equal to the models, and back down, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import DBAPIError

import config
from marketplace import commands
from marketplace.app import create_app
from marketplace.core import audit, clock
from marketplace.core.db import db, transaction
from marketplace.core.policy import SYSTEM
from marketplace.taxonomy import services as taxonomy

MIGRATIONS = Path(__file__).resolve().parents[2] / "marketplace" / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path) -> Flask:
    """An application whose database has no table."""
    settings = config.Testing(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        name = f"migrations_{tmp_path.name.replace('-', '_').lower()}"[:60]
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        admin.dispose()
        settings.SQLALCHEMY_DATABASE_URI = url.rsplit("/", 1)[0] + f"/{name}"
    app = create_app(settings)
    commands.install(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def differences() -> list:
    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), db.metadata)


def test_there_is_one_head_and_names_are_numbered_words():
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        number, _, words = revision.revision.partition("_")
        assert number.isdigit() and len(number) == 4 and words, revision.revision


def test_up_equals_the_models_and_down_leaves_nothing(empty):
    upgrade()
    assert differences() == []
    assert tables() == set(db.metadata.tables)
    downgrade(revision="base")
    assert tables() == set()
    upgrade()
    assert differences() == []


def test_named_checks_and_guards_are_really_there(empty):
    """compare_metadata does not look at check constraints and triggers; using them does."""
    upgrade()
    with transaction():
        taxonomy.load(actor=SYSTEM, now=clock.now())
    assert audit.verify().checked == 1
    for statement in (
        "UPDATE audit_entries SET action = 'x'",
        "INSERT INTO calendar_days (day, kind, name_zh, name_en, status) VALUES ('2030-01-01', 'party', '', '', 'documented')",
    ):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_going_back_and_forth_keeps_other_peoples_tables(empty):
    """A database shared with another program: only our tables come and go."""
    with db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE theirs (id INTEGER PRIMARY KEY)"))
    upgrade()
    downgrade(revision="base")
    assert tables() == {"theirs"}
