"""Loads the demonstration market: invented organisations, people, achievements, needs and conversations, marked 演示.

Refused beside real organisations. What is there already is left alone, so loading again changes nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.core.db import current_session, transaction
from marketplace.core.errors import RuleError
from marketplace.demo import queries
from marketplace.demo.services.conversations import ask_today, hush, talk
from marketplace.demo.services.records import publish
from marketplace.demo.services.society import found

DATA = Path(__file__).resolve().parents[1] / "data"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many of each were new."""

    organisations: int
    listings: int
    enquiries: int


def load(*, password_hash: str, now: dt.datetime, tell: Callable[[str], None] = lambda _line: None) -> Loaded:
    """Bring the whole demonstration market into the database, in several transactions of moderate size.

    Raises RuleError real_organisations when the database holds an organisation that is not of the demonstration.
    """
    if queries.real_organisations():
        raise RuleError("real_organisations")
    with transaction():
        organisations = found(read("organisations.json"), password_hash=password_hash, now=now)
    tell(f"{organisations} organisations")
    listings = sum(_publish(path, now) for path in sorted(DATA.glob("achievements/*.json")))
    listings += sum(_publish(path, now) for path in sorted(DATA.glob("needs/*.json")))
    tell(f"{listings} achievements and needs")
    with transaction():
        enquiries = talk(now=now)
        if enquiries:
            hush()  # the past needs no notification today
        enquiries += ask_today(now=now)
    tell(f"{enquiries} conversations")
    current_session().rollback()
    return Loaded(organisations, listings, enquiries)


def _publish(path: Path, now: dt.datetime) -> int:
    with transaction():
        return sum(publish(row, now=now) for row in json.loads(path.read_text(encoding="utf-8")))


def read(name: str) -> list[dict[str, Any]]:
    """One data file."""
    found: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found
