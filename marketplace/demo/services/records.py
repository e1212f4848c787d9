"""Turns a row of the data files into the content of a listing and publishes it through the ordinary verbs."""

from __future__ import annotations

import datetime as dt
import zlib
from typing import Any

from marketplace.core import clock
from marketplace.demo import queries
from marketplace.demo.rules import right_number
from marketplace.listings import services
from marketplace.listings.rules import content as contents
from marketplace.listings.rules.content import Content
from marketplace.listings.states import ListingKind

FEN_PER_WAN = 1_000_000
# Listings appear over this many days, so that "newest" and "confirmed" differ.
SPREAD_DAYS = 140


def publish(row: dict[str, Any], *, now: dt.datetime) -> int:
    """Publish one row as its organisation's owner; 1 when it was new, else 0."""
    org = queries.organisation(row["org"])
    if queries.has_listing(org.id, row["title"]["zh"]):
        return 0
    actor = queries.actor(row["org"])
    mark = zlib.crc32(row["key"].encode())  # the same moment for the same row at every load
    at = now - dt.timedelta(days=1 + mark % SPREAD_DAYS, minutes=mark % 977)
    is_need = row["key"].startswith("N-")
    content = _need(row, now) if is_need else _achievement(row, mark)
    kind = ListingKind.NEED if is_need else ListingKind.ACHIEVEMENT
    listing = services.start(kind, org.id, actor=actor, now=at)
    draft = services.write(listing.id, content, actor=actor, now=at)
    services.publish(listing.id, content, version=draft.version, actor=actor, now=at)
    return 1


def _shared(row: dict[str, Any], kind: ListingKind) -> Content:
    names = ("title", "verified_detail", "fields", "city", "keywords")
    content = contents.empty(kind) | {name: row[name] for name in names if name in row}
    return content | {"verified_detail": row["detail_verified"]}


def _achievement(row: dict[str, Any], mark: int) -> Content:
    kept = ("summary", "description", "application", "category", "nature", "form", "level", "maturity", "maturity_evidence")
    content = _shared(row, ListingKind.ACHIEVEMENT) | {
        name: row[name] for name in (*kept, "maturity_confirmed_by", "benefits", "people")
    }
    rights = [
        {
            "kind": right["kind"],
            "status": right["status"],
            "number": right_number(right["kind"], (mark + place) % 10_000_000, is_granted=right["status"] == "granted"),
        }
        for place, right in enumerate(row["ip"])
    ]
    return content | {
        "ip": rights,
        "modes": row["transfer_modes"],
        "money_min": _fen(row["price_min_wan"]),
        "money_max": _fen(row["price_max_wan"]),
        "first_kind": row["first"],
        "started_month": row["started"],
        "finished_month": row["finished"],
    }


def _need(row: dict[str, Any], now: dt.datetime) -> Content:
    closes_on = clock.local_day(now) + dt.timedelta(days=row["deadline_days"])
    return _shared(row, ListingKind.NEED) | {
        "description": row["problem"],
        "tried": row["tried"],
        "site": row["site"],
        "indicators": row["indicators"],
        "maturity": row["wanted_maturity"],
        "money_min": _fen(row["budget_min_wan"]),
        "money_max": _fen(row["budget_max_wan"]),
        "modes": row["modes"],
        "closes_on": closes_on.isoformat(),
        "is_anonymous": row["anonymous"],
    }


def _fen(wan: float | None) -> int | None:
    return None if wan is None else round(wan * FEN_PER_WAN)
