"""What the market keeps about one person: named sections that each feature contributes, and what no section may miss.

A section tells the person no more than the pages do: it is given the actor and asks the policies. wiring.py lists the
sections; accounts writes them into one file; a test compares them with every column that points to a person.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Integer, MetaData

from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual

# Columns that name a person without a foreign key are known by their names.
_NAMES = ("user_id", "actor_id", "author_id", "_by")


@dataclass(frozen=True, slots=True)
class Section:
    """One key of the file. `read` answers with plain JSON; `covers` names the columns ("table.column") it follows."""

    name: str
    read: Callable[[Actor], Any]
    covers: tuple[str, ...] = ()


def plain(value: Any) -> Any:
    """A value as JSON has it: instants in UTC, bilingual texts as {"zh", "en"}, words for states."""
    if isinstance(value, Bilingual):
        return value.as_dict()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, enum.Enum) else value


def facts(row: Any, *names: str) -> dict[str, Any]:
    """These attributes of a row, plain."""
    return {name: plain(getattr(row, name)) for name in names}


def gather(sections: Iterable[Section], actor: Actor) -> dict[str, Any]:
    """Every section for this person, in the order of the list."""
    return {section.name: section.read(actor) for section in sections}


def pointing_to_people(metadata: MetaData) -> set[str]:
    """Every column of the database that names a person, as "table.column"."""
    columns = (column for table in metadata.tables.values() for column in table.columns)
    return {f"{column.table.name}.{column.name}" for column in columns if _names_a_person(column)}


def _names_a_person(column: Column[Any]) -> bool:
    if column.foreign_keys:
        return any(key.column.table.name == "users" for key in column.foreign_keys)
    return isinstance(column.type, Integer) and column.name.endswith(_NAMES)


def missed(metadata: MetaData, sections: Iterable[Section], exceptions: Mapping[str, str]) -> set[str]:
    """Columns that name a person and that neither a section follows nor an exception explains."""
    followed = {name for section in sections for name in section.covers}
    return pointing_to_people(metadata) - followed - set(exceptions)
