"""What the database holds, in one fingerprint for each table: to see that nothing changed."""

from __future__ import annotations

import hashlib

from sqlalchemy import text

from marketplace.core.db import db

# Reading may note when a session was last used; nothing else.
MAY_CHANGE = {"user_sessions": {"seen_at"}}


def fingerprint() -> dict[str, str]:
    """For each table a hash over all its rows."""
    found = {}
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in MAY_CHANGE.get(table.name, ()))
            keys = ", ".join(f'"{c.name}"' for c in table.primary_key.columns)
            rows = connection.execute(text(f'SELECT {columns} FROM "{table.name}" ORDER BY {keys}'))
            digest = hashlib.sha256()
            for row in rows:
                digest.update(repr(tuple(row)).encode())
            found[table.name] = digest.hexdigest()
    return found
