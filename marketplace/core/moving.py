"""Copies the whole database into an empty one of another make: from SQLite to PostgreSQL when a market grows, and back.

Nothing is interpreted: every row of every table goes over as it is, the audit chain with its hashes too. The source is kept
from changing meanwhile, and the copy is compared with it before it is committed. Files and the search index are not rows:
the folder of files is shared or copied, the index is built anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, Table, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.sql.elements import ColumnElement

from marketplace.core.db import WRITES, db, transaction

BATCH = 1_000
Told = Callable[[str, int], None]


class CannotMove(RuntimeError):
    """The copy is refused; the text says what to do. Nothing was changed."""


def copy_database(target_url: str, *, told: Told = lambda _table, _rows: None) -> int:
    """Copy every row into the database at `target_url`, whose tables exist and are empty; returns how many rows.

    Holds the source's write lock, so web and worker may run but not write. `told` hears of each table with its rows.
    Raises CannotMove for an unreachable, unprepared or filled target, and when the copy does not equal the source.
    """
    engine = _reach(target_url)
    try:
        with transaction() as session, engine.connect().execution_options(**{WRITES: True}) as target, target.begin():
            source = session.connection()
            if source.dialect.name == "postgresql":
                tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
                source.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
            _refuse_unfit(source, target)
            return sum(_copy(table, source, target, told) for table in db.metadata.sorted_tables)
    except DBAPIError as error:  # PostgreSQL takes no zero bytes in texts, a disk may be full
        raise CannotMove(f"The target refused a row, nothing was kept there: {str(error.orig).splitlines()[0]}") from error
    finally:
        engine.dispose()


def _reach(url: str) -> Any:
    try:
        if make_url(url) == make_url(db.engine.url.render_as_string(hide_password=False)):
            raise CannotMove("The target is the database in use. Name another one.")
        engine = create_engine(url)
        engine.connect().close()
    except (ArgumentError, SQLAlchemyError, ModuleNotFoundError) as error:
        raise CannotMove(f"The target database cannot be reached: {str(error).splitlines()[0]}") from error
    return engine


def _refuse_unfit(source: Connection, target: Connection) -> None:
    known = set(inspect(target).get_table_names())
    if missing := [table.name for table in db.metadata.sorted_tables if table.name not in known]:
        advice = "Run `flask --app wsgi db upgrade` with DATABASE_URL set to the target first."
        raise CannotMove(f"The target lacks {len(missing)} tables ({missing[0]}, ...). {advice}")
    revision = text("SELECT version_num FROM alembic_version")
    if inspect(source).has_table("alembic_version") and source.scalar(revision) != target.scalar(revision):
        raise CannotMove("Source and target are at different revisions. Run `flask --app wsgi db upgrade` on both.")
    for table in db.metadata.sorted_tables:
        if target.scalar(select(func.count()).select_from(table)):
            raise CannotMove(f"The target already holds rows ({table.name}). Give an empty database.")


def _copy(table: Table, source: Connection, target: Connection, told: Told) -> int:
    copied = 0
    for rows in _batches(table, source):
        target.execute(table.insert(), rows)
        copied += len(rows)
    _move_counter(table, target)
    for mine, theirs in zip_longest(_batches(table, source), _batches(table, target)):
        if mine != theirs:
            raise CannotMove(f"Table {table.name} does not read the same in the target; nothing was kept there.")
    told(table.name, copied)
    return copied


def _batches(table: Table, connection: Connection) -> Iterator[Sequence[dict[str, Any]]]:
    """The rows in the order of their key, read as Python values, BATCH at a time. Texts of a key sort by their bytes."""
    order = [_plainly(column, connection) for column in table.primary_key]
    result = connection.execute(select(table).order_by(*order).execution_options(yield_per=BATCH))
    for part in result.mappings().partitions(BATCH):
        yield [dict(row) for row in part]


def _plainly(column: ColumnElement[Any], connection: Connection) -> ColumnElement[Any]:
    is_text = column.type.python_type is str
    return column.collate("C") if is_text and connection.dialect.name == "postgresql" else column


def _move_counter(table: Table, target: Connection) -> None:
    """PostgreSQL counts ids beside the table: let it go on after the highest one."""
    column = table.autoincrement_column
    if target.dialect.name != "postgresql" or column is None:
        return
    name = target.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name})
    highest = target.scalar(select(func.max(column)))
    if name and highest:
        target.execute(text("SELECT setval(:name, :highest)"), {"name": name, "highest": highest})
