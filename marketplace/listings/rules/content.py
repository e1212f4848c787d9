"""The content of a listing as one plain JSON value, its sections, its limits, and what it must hold to be shown.

The same value is what a revision keeps, what a draft is read into and what is written to the columns. Bilingual texts
are {"zh", "en"}, money is integer fen, months are "YYYY-MM", days ISO dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marketplace.core.errors import RuleError
from marketplace.listings.rules import numbers
from marketplace.listings.states import Comparison, IpKind, ListingKind

Content = dict[str, Any]

ACHIEVEMENT_SECTIONS: dict[str, tuple[str, ...]] = {
    "identity": ("title", "category", "nature", "form", "started_month", "finished_month", "registration_number"),
    "purpose": ("summary", "description", "application"),
    "benefits": ("benefits",),
    "maturity": ("maturity", "stage", "maturity_evidence", "maturity_confirmed_by", "level"),
    "ip": ("ip",),
    "people": ("people",),
    "transfer": ("modes", "money_min", "money_max", "first_kind"),
    "place": ("fields", "city", "keywords"),
    "files": ("attachments",),
    "audience": ("audience", "verified_detail"),
}
NEED_SECTIONS: dict[str, tuple[str, ...]] = {
    "problem": ("title", "description", "tried"),
    "targets": ("indicators", "maturity"),
    "terms": ("money_min", "money_max", "modes", "closes_on"),
    "place": ("site", "fields", "city", "keywords"),
    "files": ("attachments",),
    "audience": ("audience", "is_anonymous", "verified_detail"),
}
SECTIONS = {ListingKind.ACHIEVEMENT: ACHIEVEMENT_SECTIONS, ListingKind.NEED: NEED_SECTIONS}

# Most characters per language, and most rows. Shown beside the fields and checked again by the service.
MOST_CHARACTERS = {
    "title": 120,
    "summary": 600,
    "description": 4000,
    "application": 1500,
    "tried": 1500,
    "site": 300,
    "maturity_evidence": 500,
    "verified_detail": 2000,
    "row": 200,
    "keyword": 30,
    "note": 120,
    "unit": 20,
}
MOST_ROWS = {"benefits": 8, "indicators": 10, "people": 15, "ip": 20, "attachments": 10}
MOST_KEYWORDS = 10
MOST_FIELDS = 3
MOST_DAYS_TO_CLOSE = 730

_BILINGUAL = ("title", "summary", "description", "verified_detail")
_BILINGUAL_OF = {
    ListingKind.ACHIEVEMENT: (*_BILINGUAL, "application", "maturity_evidence"),
    ListingKind.NEED: (*_BILINGUAL, "tried", "site"),
}
_PLAIN_OF = {
    ListingKind.ACHIEVEMENT: (
        "category",
        "nature",
        "form",
        "level",
        "stage",
        "registration_number",
        "maturity_confirmed_by",
        "benefits",
        "people",
        "first_kind",
        "started_month",
        "finished_month",
    ),
    ListingKind.NEED: ("indicators", "is_anonymous"),
}
# A registration number: place or department, year, class letter, serial (登记号, 12 characters).
_REGISTRATION = re.compile(r"\d{3}(?:19|20)\d{2}[A-Z]\d{4}")


@dataclass(frozen=True, slots=True)
class Known:
    """The codes of the current taxonomy that a listing may use, and the stage each maturity level belongs to."""

    fields: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    stage_of: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why content may not be shown yet: a code with words in labels, at a field ("benefits", row 2, part "value")."""

    name: str
    code: str
    row: int | None = None
    part: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


def empty(kind: ListingKind) -> Content:
    """Content in which nothing is given."""
    content: Content = {name: {"zh": "", "en": ""} for name in _BILINGUAL_OF[kind]}
    content |= {"audience": "public", "city": "", "fields": [], "keywords": {"zh": [], "en": []}, "modes": []}
    content |= {"maturity": None, "money_min": None, "money_max": None, "attachments": []}
    if kind is ListingKind.NEED:
        return content | {"indicators": [], "closes_on": None, "is_anonymous": False}
    content |= {"category": None, "nature": None, "form": None, "level": "not_evaluated", "stage": None}
    content |= {"registration_number": "", "maturity_confirmed_by": "self", "benefits": [], "people": [], "ip": []}
    return content | {"first_kind": None, "started_month": "", "finished_month": ""}


def content_of(listing: Any) -> Content:
    """The content readers see, from a listing with its fields, rights and attachments loaded."""
    kind = ListingKind(listing.kind)
    content: Content = {name: getattr(listing, name).as_dict() for name in _BILINGUAL_OF[kind]}
    for name in ("audience", "city", "modes", "maturity", "money_min", "money_max", *_PLAIN_OF[kind]):
        content[name] = _plain(getattr(listing, name))
    content["fields"] = list(listing.field_codes)
    content["keywords"] = {"zh": list(listing.keywords_zh), "en": list(listing.keywords_en)}
    content["attachments"] = [attachment_row(a) for a in listing.attachments if a.is_shown]
    if kind is ListingKind.NEED:
        content["closes_on"] = listing.closes_on.isoformat() if listing.closes_on else None
    else:
        content["ip"] = [{"kind": str(r.kind), "status": str(r.status), "number": r.number} for r in listing.ip_rights]
    return content


def attachment_row(attachment: Any) -> dict[str, Any]:
    """How content names an attached file."""
    return {"id": attachment.id, "name": attachment.name, "note": attachment.note, "tier": str(attachment.tier)}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def section_of(kind: ListingKind, name: str) -> str:
    """The editor's section in which a field is written."""
    return next(section for section, names in SECTIONS[kind].items() if name in names)


def problems(kind: ListingKind, content: Content, *, known: Known, today: dt.date) -> list[Problem]:
    """Everything that keeps `content` from being shown; empty when it may be."""
    own = _achievement if kind is ListingKind.ACHIEVEMENT else _need
    return [*_shared(content, known), *_lengths(content), *own(content, known, today)]


def _shared(content: Content, known: Known) -> Iterator[Problem]:
    if not _has(content["title"]):
        yield Problem("title", "title_missing")
    yield from _fields(content["fields"], known)
    if content["city"] not in known.cities:
        yield Problem("city", "city_missing" if not content["city"] else "city_unknown")
    if not content["modes"]:
        yield Problem("modes", "modes_missing")
    low, high = content["money_min"], content["money_max"]
    if low is not None and high is not None and low > high:
        yield Problem("money_max", "money_order")
    for words in content["keywords"].values():
        if len(words) > MOST_KEYWORDS:
            yield Problem("keywords", "keywords_many", params={"most": MOST_KEYWORDS})


def _fields(codes: list[str], known: Known) -> Iterator[Problem]:
    if not codes:
        yield Problem("fields", "fields_missing")
    if len(set(codes)) != len(codes):
        yield Problem("fields", "fields_double")
    if len(codes) > MOST_FIELDS:
        yield Problem("fields", "fields_many", params={"most": MOST_FIELDS})
    if any(code not in known.fields for code in codes):
        yield Problem("fields", "fields_unknown")


def _lengths(content: Content) -> Iterator[Problem]:
    for name, most in MOST_CHARACTERS.items():
        if any(len(text) > most for text in content.get(name, {}).values()):
            yield Problem(name, "text_long", params={"most": most})
    for name, most in MOST_ROWS.items():
        if len(content.get(name, ())) > most:
            yield Problem(name, "rows_many", params={"most": most})


def _achievement(content: Content, known: Known, _today: dt.date) -> Iterator[Problem]:
    if not _has(content["summary"]):
        yield Problem("summary", "summary_missing")
    for name in ("category", "nature", "form"):
        if not content[name]:
            yield Problem(name, f"{name}_missing")
    started, finished = content["started_month"], content["finished_month"]
    if started and finished and started > finished:
        yield Problem("finished_month", "months_order")
    if content["registration_number"] and not _REGISTRATION.fullmatch(content["registration_number"]):
        yield Problem("registration_number", "registration_form")
    yield from _maturity(content, known)
    yield from _rows("benefits", content["benefits"], ("name", "value"))
    yield from _rows("people", content["people"], ("name",))
    yield from _ip(content["ip"])


def _maturity(content: Content, known: Known) -> Iterator[Problem]:
    level, stage = content["maturity"], content["stage"]
    if level not in known.stage_of:
        yield Problem("maturity", "maturity_missing")
    elif stage and known.stage_of[level] != stage:
        yield Problem("stage", "stage_contradicts", params={"level": level})
    if content["maturity_confirmed_by"] != "self" and not _has(content["maturity_evidence"]):
        yield Problem("maturity_evidence", "evidence_missing")


def _ip(rows: list[dict[str, Any]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, row in enumerate(rows):
        try:
            number = numbers.ip_number(IpKind(row["kind"]), row["number"])
        except RuleError as error:
            yield Problem("ip", error.code, position, "number", error.params)
            continue
        if number and number in seen:
            yield Problem("ip", "ip_number_double", position, "number")
        seen.add(number)


def _need(content: Content, known: Known, today: dt.date) -> Iterator[Problem]:
    if not _has(content["description"]):
        yield Problem("description", "problem_missing")
    if content["maturity"] is not None and content["maturity"] not in known.stage_of:
        yield Problem("maturity", "maturity_missing")
    yield from _indicators(content["indicators"])
    if content["closes_on"]:
        closes_on = dt.date.fromisoformat(content["closes_on"])
        if closes_on < today:
            yield Problem("closes_on", "closes_past")
        elif closes_on > today + dt.timedelta(days=MOST_DAYS_TO_CLOSE):
            yield Problem("closes_on", "closes_far", params={"days": MOST_DAYS_TO_CLOSE})


def _indicators(rows: list[dict[str, Any]]) -> Iterator[Problem]:
    yield from _rows("indicators", rows, ("name", "value"))
    for position, row in enumerate(rows):
        if row["op"] != Comparison.RANGE:
            continue
        low, high = numbers.as_decimal(row["value"]), numbers.as_decimal(row["value_to"] or "")
        if high is None:
            yield Problem("indicators", "range_end_missing", position, "value_to")
        elif low is not None and low >= high:
            yield Problem("indicators", "range_order", position, "value_to")


def _rows(name: str, rows: list[dict[str, Any]], needed: tuple[str, ...]) -> Iterator[Problem]:
    for position, row in enumerate(rows):
        for part in needed:
            if not _has(row[part]):
                yield Problem(name, f"{part}_missing", position, part)
        for part, value in row.items():
            most = MOST_CHARACTERS["row"]
            if max(map(len, value.values() if isinstance(value, dict) else [str(value)])) > most:
                yield Problem(name, "text_long", position, part, {"most": most})


def _has(value: Any) -> bool:
    return any(value.values()) if isinstance(value, dict) else bool(value)


def keywords_of(typed: str) -> list[str]:
    """Key words from one line, parted by commas, semicolons or the Chinese list comma; doubles fall together."""
    parts = (numbers.half_width(part)[: MOST_CHARACTERS["keyword"]] for part in re.split(r"[,;，；、\n]+", typed))
    return list(dict.fromkeys(part for part in parts if part))
