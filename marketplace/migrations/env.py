"""How Alembic reaches the application's database; run through `flask db ...` only."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text
from sqlalchemy.types import TypeDecorator

database = current_app.extensions["migrate"].db
LOCK_SECONDS = 5


def plain_types(kind: str, thing: object, _context: object) -> str | bool:
    """Write our own types as what the database holds: a migration must not depend on today's classes."""
    return f"sa.{thing.impl_instance!r}" if kind == "type" and isinstance(thing, TypeDecorator) else False


def run() -> None:
    """Apply revisions, each in its own transaction; on PostgreSQL give up quickly rather than queue behind a reader."""
    with database.engine.connect() as connection:
        is_postgres = connection.dialect.name == "postgresql"
        if is_postgres:
            connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
            connection.commit()
        else:
            # Batch mode rebuilds tables; references to them must not cascade meanwhile.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
        context.configure(
            connection=connection,
            target_metadata=database.metadatas[None],
            transaction_per_migration=True,
            compare_type=True,
            render_item=plain_types,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
