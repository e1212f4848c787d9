"""A whole market moves from SQLite to PostgreSQL and back: every row the same, the chain sound, and life goes on there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from marketplace.accounts.models import Organisation
from marketplace.core import audit, clock, moving
from marketplace.core.cli import copy_database
from marketplace.core.db import current_session, db, transaction
from marketplace.core.outbox import OutboxEvent
from marketplace.core.policy import SYSTEM
from tests.factories import market as markets


@pytest.fixture
def empty(request, tmp_path, postgres_url):
    """Makes databases with every table and no row: `empty("sqlite")`, `empty("postgresql")` give an address."""

    def make(kind: str, *, with_tables: bool = True) -> str:
        if kind == "sqlite":
            url = f"sqlite:///{tmp_path / 'copy.db'}"
        else:
            name = f"moving_{request.node.name[:40]}".replace("[", "_").replace("]", "").lower()
            admin = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
            admin.dispose()
            url = postgres_url.rsplit("/", 1)[0] + f"/{name}"
        if with_tables:
            engine = sa.create_engine(url)
            db.metadata.create_all(engine)
            engine.dispose()
        return url

    return make


def contents(url: str) -> dict[str, list[tuple[str, ...]]]:
    """Every row of every table, as Python values."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        tables = db.metadata.sorted_tables
        found = {table.name: sorted(tuple(map(repr, row)) for row in connection.execute(sa.select(table))) for table in tables}
    engine.dispose()
    return found


def count(url: str) -> int:
    return sum(map(len, contents(url).values()))


def move_into(app: Flask, url: str) -> None:
    """Let the application live in another database, as a restart with another DATABASE_URL would."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["sqlalchemy"]._app_engines[app][None] = sa.create_engine(url)


@pytest.fixture
def at_home(app):
    engines = app.extensions["sqlalchemy"]._app_engines[app]
    home = engines[None]
    yield app
    db.session.remove()
    engines[None].dispose()
    engines[None] = home


@pytest.mark.timeout(180)
def test_there_and_back_again(at_home, empty):
    markets.build(at_home)
    home = at_home.config["SQLALCHEMY_DATABASE_URI"]
    there, back = empty("postgresql"), empty("sqlite")
    told: list[str] = []
    rows = moving.copy_database(there, told=lambda name, _rows: told.append(name))
    assert contents(there) == contents(home)
    assert rows == count(home) > 300
    assert told == [table.name for table in db.metadata.sorted_tables]
    move_into(at_home, there)
    assert audit.verify().is_sound
    with transaction():  # ids go on after the copied ones
        audit.record("test.moved", current_session().scalars(sa.select(Organisation)).first(), actor=SYSTEM, at=clock.now())
    assert audit.verify().is_sound
    moving.copy_database(back)
    assert contents(back) == contents(there)
    move_into(at_home, back)
    assert audit.verify().is_sound


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nonsense", "cannot be reached"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "cannot be reached"),
        ("sqlite:////nowhere/at/all.db", "cannot be reached"),
    ],
)
def test_a_target_that_is_not_there_is_named_so(app, target, words):
    answer = CliRunner().invoke(copy_database, [target])
    assert answer.exit_code == 1
    assert words in answer.output


def test_the_database_in_use_is_no_target(app):
    with pytest.raises(moving.CannotMove, match="database in use"):
        moving.copy_database(app.config["SQLALCHEMY_DATABASE_URI"])


def test_a_target_without_tables_or_with_rows_is_refused_and_left_alone(app, empty):
    bare = empty("postgresql", with_tables=False)
    with pytest.raises(moving.CannotMove, match="db upgrade"):
        moving.copy_database(bare)
    filled = empty("sqlite")
    moving.copy_database(filled)
    before = contents(filled)
    with pytest.raises(moving.CannotMove, match="already holds rows"):
        moving.copy_database(filled)
    assert contents(filled) == before


def test_a_copy_that_reads_differently_is_not_kept(app, empty, monkeypatch):
    target = empty("sqlite")
    real = moving._move_counter

    def spoil(table, connection):
        real(table, connection)
        if table.name == "cities":
            connection.execute(table.update().values(name_zh="改"))

    monkeypatch.setattr(moving, "_move_counter", spoil)
    with pytest.raises(moving.CannotMove, match="cities"):
        moving.copy_database(target)
    assert count(target) == 0


def test_a_row_that_the_target_cannot_hold_is_told_and_nothing_is_kept(at_home, empty):
    """SQLite holds a zero byte in a text, PostgreSQL does not."""
    with transaction() as session:
        session.add(OutboxEvent(name="a\x00b", payload={}, at=clock.now()))
    target = empty("postgresql")
    with pytest.raises(moving.CannotMove, match="refused a row"):
        moving.copy_database(target)
    assert count(target) == 0


@pytest.mark.parametrize("number", [1, moving.BATCH, moving.BATCH + 1])
def test_rows_that_are_missing_in_the_copy_are_noticed(app, empty, monkeypatch, number):
    """Also where they are as many as a whole batch."""
    target = empty("sqlite")
    with transaction() as session:
        session.add_all(OutboxEvent(name="test", payload={}, at=clock.now()) for _ in range(number))
    real = moving._move_counter

    def lose(table, connection):
        real(table, connection)
        if table.name == "outbox_events":
            connection.execute(table.delete().where(table.c.id > number - min(number, moving.BATCH)))

    monkeypatch.setattr(moving, "_move_counter", lose)
    with pytest.raises(moving.CannotMove, match="outbox_events"):
        moving.copy_database(target)
