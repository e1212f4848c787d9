"""Puts a script into every text that somebody can have typed, past all forms: what a page then does with it is its own fault."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Text, select, update

from marketplace.core.db import db, transaction
from marketplace.matching.services import index

PAYLOAD = (
    "\"'></textarea></title><script>window.__xss=1</script><img src=x onerror=window.__xss=1><svg onload=window.__xss=1>{{7*191}}"
)
CALCULATED = "1337"  # what a template in the text would become
# Texts of people in short columns; every column of type Text and every JSON text is taken anyway.
SHORT = {
    ("users", "name"), ("organisations", "website"), ("organisation_documents", "name"), ("attachments", "name"),
    ("enquiry_files", "name"), ("ip_rights", "number"), ("user_sessions", "browser"), ("passkeys", "name"),
    ("achievements", "registration_number"),
}  # fmt: skip
OURS = {"calendar_days", "chains", "cities", "strategic_fields", "maturity_levels", "outgoing_mails", "jobs"}
JSON_TEXTS = {
    ("listings", "keywords_zh"), ("listings", "keywords_en"), ("achievements", "benefits"), ("achievements", "people"),
    ("needs", "indicators"), ("listing_drafts", "data"), ("listing_revisions", "content"), ("notifications", "data"),
}  # fmt: skip
_CODE = re.compile(r"[A-Za-z0-9_.:/+-]{0,40}")


def poison() -> list[str]:
    """Poison the database of the present application and its index; returns the columns, as table.column."""
    done = []
    with transaction() as session:
        for table in db.metadata.sorted_tables:
            keys = list(table.primary_key.columns)
            for column in table.columns:
                if not _is_text_of_people(table.name, column):
                    continue
                done.append(f"{table.name}.{column.name}")
                for row in session.execute(select(*keys, column)).all():
                    where = [key == value for key, value in zip(keys, row, strict=False)]
                    session.execute(update(table).where(*where).values({column: _poisoned(row[-1], column)}))
    index.rebuild()
    return done


def _is_text_of_people(table: str, column: Any) -> bool:
    if (table, column.name) in SHORT | JSON_TEXTS:
        return True
    return isinstance(column.type, Text) and table not in OURS and not hasattr(column.type, "enums")


def _poisoned(value: Any, column: Any) -> Any:
    if column.name == "website":
        return "javascript:window.__xss=1//"
    if isinstance(value, dict):
        return {key: _poisoned(part, column) for key, part in value.items()}
    if isinstance(value, list):
        return [_poisoned(part, column) for part in value]
    if not isinstance(value, str) or (isinstance(value, str) and not value):
        return value
    is_json = (column.table.name, column.name) in JSON_TEXTS
    return value if is_json and _CODE.fullmatch(value) else f"{value[:40]}{PAYLOAD}"
