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


PERSON = sa.text(
    "INSERT INTO users (id, email, name, language, active, is_demo, wants_mail, wants_personal_ranking, created_at,"
    " fs_uniquifier) VALUES (1, 'old@example.org', '演示', 'zh', true, false, true, true, '2026-11-24 09:00:00', 'x')"
)
CHANGE = (
    "INSERT INTO address_changes (user_id, key, old_email, new_email, asked_at, expires_at, confirmed_at)"
    " VALUES (1, '{key}', 'old@example.org', '{new}@example.org', '2026-11-24 09:00:00', '2026-11-24 11:00:00', {confirmed})"
)


def test_changes_of_address_come_and_go_over_people(empty):
    """0002: people made before stay through up, down and up; one wish may be open, and it must be for another address."""
    upgrade(revision="0001_first_tables")
    with db.engine.begin() as connection:
        connection.execute(PERSON)
    upgrade()
    with db.engine.begin() as connection:
        connection.execute(sa.text(CHANGE.format(key="a", new="new", confirmed="'2026-11-24 10:00:00'")))
        connection.execute(sa.text(CHANGE.format(key="b", new="new", confirmed="NULL")))
    for key, new in (("c", "third"), ("d", "old")):
        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            confirmed = "NULL" if key == "c" else "'2026-11-24 10:00:00'"
            connection.execute(sa.text(CHANGE.format(key=key, new=new, confirmed=confirmed)))
    downgrade(revision="0001_first_tables")
    assert "address_changes" not in tables()
    upgrade()
    with db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT email FROM users")) == "old@example.org"
        assert connection.scalar(sa.text("SELECT count(*) FROM address_changes")) == 0
    assert differences() == []
