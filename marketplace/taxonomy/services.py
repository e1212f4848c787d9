"""Loads the lists from the data files: the same files again change nothing."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import update

from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.taxonomy import queries
from marketplace.taxonomy.models import CalendarDay, Chain, City, MaturityLevel, StrategicField, TaxonomyVersion

DATA = Path(__file__).parent / "data"


def load(version: str = "v0", *, actor: Actor, now: dt.datetime, folder: Path = DATA) -> int:
    """Load one version of all lists from the CSV files in `folder` and make it current; returns the rows read.

    The files are ours and trusted; a row that names an unknown chain is refused by the database.
    """
    session = current_session()
    edition = session.get(TaxonomyVersion, version)
    is_new = edition is None
    if edition is None:
        edition = TaxonomyVersion(code=version, loaded_at=now, status="working")
        session.add(edition)
    session.execute(update(TaxonomyVersion).where(TaxonomyVersion.code != version).values(is_current=False))
    edition.is_current = True
    session.flush()  # lists refer to the version
    count = _load_lists(version, folder)
    if is_new:
        audit.record("taxonomy.load", ("taxonomy_versions", version), actor=actor, at=now, rows=count)
    queries.forget()
    return count


def _load_lists(version: str, folder: Path) -> int:
    chains = [
        Chain(
            version=version,
            code=row["code"],
            name=_name(row),
            status=row["status"],
            evidence=row["evidence"],
            position=position,
        )
        for position, row in enumerate(_rows(folder / "chains.csv", version))
    ]
    fields = [
        StrategicField(
            version=version,
            code=row["code"],
            chain_code=row["chain_code"],
            name=_name(row),
            status=row["status"],
            evidence=row["evidence_tags"],
            position=position,
        )
        for position, row in enumerate(_rows(folder / "fields.csv", version))
    ]
    cities = [
        City(version=version, code=row["code"], name=_name(row), former_codes=row["former_codes"])
        for row in _rows(folder / "cities.csv")
    ]
    levels = [
        MaturityLevel(
            version=version,
            level=int(row["level"]),
            name=_name(row),
            stage=row["stage"],
            evidence=Bilingual(row["evidence_zh"], row["evidence_en"]),
        )
        for row in _rows(folder / "maturity.csv", version)
    ]
    return sum(_keep(group) for group in (chains, fields, cities, levels, _calendar(folder)))


def _calendar(folder: Path) -> list[CalendarDay]:
    rows = _rows(folder / "calendar.csv")
    return [
        CalendarDay(day=dt.date.fromisoformat(row["day"]), kind=row["kind"], name=_name(row), status=row["status"])
        for row in rows
    ]


def _keep(rows: list[Any]) -> int:
    session = current_session()
    for row in rows:
        session.merge(row)
    session.flush()  # the next list refers to this one
    return len(rows)


def _name(row: dict[str, str]) -> Bilingual:
    return Bilingual(row["name_zh"], row["name_en"])


def _rows(path: Path, version: str | None = None) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    return [row for row in rows if version is None or row["version"] == version]
