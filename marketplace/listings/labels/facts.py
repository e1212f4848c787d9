"""Content told as facts: one list for the check page, the record, and the readable differences of two revisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from marketplace.core.i18n import day, language, money_range, month
from marketplace.core.types import Bilingual
from marketplace.listings.labels import words
from marketplace.listings.labels.units import amount
from marketplace.listings.rules.content import SECTIONS, Content
from marketplace.listings.rules.numbers import normal_number, pretty_number
from marketplace.listings.rules.texts import segments
from marketplace.listings.states import IpKind, ListingKind
from marketplace.taxonomy.queries import Taxonomy


@dataclass(frozen=True, slots=True)
class Text:
    """One line of a fact and its language ("" when it is in the reader's)."""

    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer in words; no lines: nothing was given."""

    section: str
    name: str
    label: str
    lines: tuple[Text, ...]

    @property
    def plain(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Change:
    """What differs in one fact, as ("same" | "gone" | "new", text)."""

    label: str
    parts: tuple[tuple[str, str], ...]


def facts(kind: ListingKind, content: Content, taxonomy: Taxonomy) -> list[Fact]:
    """Every answer of a listing in the order of the editor."""
    found = []
    for section, names in SECTIONS[kind].items():
        for name in names:
            if name == "money_max":  # told together with the lower end
                continue
            label = words.FIELDS[_label_of(kind, name)]
            found.append(Fact(section, name, str(label), tuple(_lines(name, content, taxonomy))))
    return found


def _label_of(kind: ListingKind, name: str) -> str:
    """Some fields have another name in a need."""
    is_need = kind is ListingKind.NEED
    if name == "money_min":
        return "budget" if is_need else "price"
    renamed = {"description": "problem", "maturity": "wanted_maturity", "modes": "need_modes"}
    return renamed.get(name, name) if is_need else name


def _lines(name: str, content: Content, taxonomy: Taxonomy) -> Iterable[Text]:
    value = content[name]
    if name in _TELLERS:
        return _TELLERS[name](value, content, taxonomy)
    if isinstance(value, dict):
        return _both(value)
    if isinstance(value, list):
        return [Text(text) for text in value]
    return [Text(str(value))] if value else []


def _both(value: dict[str, str]) -> list[Text]:
    return [Text(text, lang) for lang, text in value.items() if text]


def _pick(value: dict[str, str] | None) -> str:
    return Bilingual.of(value).pick(language()) if value else ""


def _word(list_of_words: words.Words) -> Callable[..., list[Text]]:
    return lambda value, *_: [Text(words.word(list_of_words, value))] if value else []


def _modes(value: list[str], *_rest: Any) -> list[Text]:
    return [Text(words.word(words.MODES, mode)) for mode in value]


def _money(_value: Any, content: Content, _taxonomy: Taxonomy) -> list[Text]:
    low, high = content["money_min"], content["money_max"]
    return [Text(money_range(low, high))] if low is not None or high is not None else []


def _fields(codes: list[str], _content: Content, taxonomy: Taxonomy) -> list[Text]:
    return [Text(taxonomy.field_name(code).pick(language())) for code in codes]


def _city(code: str, _content: Content, taxonomy: Taxonomy) -> list[Text]:
    return [Text(taxonomy.city_name(code).pick(language()))] if code else []


def _keywords(value: dict[str, list[str]], *_rest: Any) -> list[Text]:
    return [Text(("、" if lang == "zh" else ", ").join(found), lang) for lang, found in value.items() if found]


def _maturity(level: int | None, _content: Content, taxonomy: Taxonomy) -> list[Text]:
    item = taxonomy.levels.get(level) if level else None
    if item is None:
        return []
    return [Text(_("Level %(level)s: %(name)s", level=level, name=item.name.pick(language())))]


def _benefits(rows: list[dict[str, Any]], *_rest: Any) -> list[Text]:
    return [Text(_benefit(row)) for row in rows]


def _benefit(row: dict[str, Any]) -> str:
    text = f"{_pick(row['name'])}{_(': ')}{amount(row['value'], row['unit'])}"
    if row.get("rival_value"):
        rival = _pick(row.get("rival")) or _("best rival")
        text += str(_(" (%(more)s)", more=f"{rival}{_(': ')}{amount(row['rival_value'], row['unit'])}"))
    evidence = _pick(row.get("evidence"))
    return f"{text} · {evidence}" if evidence else text


def _indicators(rows: list[dict[str, Any]], *_rest: Any) -> list[Text]:
    return [Text(indicator_text(row)) for row in rows]


def indicator_text(row: dict[str, Any]) -> str:
    """One wanted result in words: name, comparison, value, unit, must or nice to have."""
    weight = _("must") if row["must"] else _("nice to have")
    return f"{_pick(row['name'])}{_(': ')}{wanted_amount(row)}" + str(_(" (%(more)s)", more=weight))


def wanted_amount(row: dict[str, Any]) -> str:
    """What is wanted of an indicator: comparison, value or range, unit."""
    if row["op"] == "range":
        return amount(row["value"], row["unit"], to=row["value_to"])
    return f"{words.word(words.COMPARISONS, row['op'])} {amount(row['value'], row['unit'])}"


def _ip(rows: list[dict[str, Any]], *_rest: Any) -> list[Text]:
    return [Text(ip_text(row)) for row in rows]


def ip_text(row: dict[str, Any]) -> str:
    """One right in words: kind, number, status."""
    kind, status = words.word(words.IP_KINDS, row["kind"]), words.word(words.IP_STATUSES, row["status"])
    return " · ".join(part for part in (kind, number_text(row), status) if part)


def number_text(row: dict[str, Any]) -> str:
    """The number of a right as it is printed."""
    kept = normal_number(IpKind(row["kind"]), row["number"])
    return pretty_number(kept, is_granted=row["status"] == "granted") if kept else str(row["number"])


def _people(rows: list[dict[str, Any]], *_rest: Any) -> list[Text]:
    return [
        Text(str(_(": ")).join(part for part in (_pick(row["name"]), _pick(row.get("contribution"))) if part)) for row in rows
    ]


def _attachments(rows: list[dict[str, Any]], *_rest: Any) -> list[Text]:
    return [
        Text(" · ".join(p for p in (row["name"], words.word(words.AUDIENCES, row["tier"]), row["note"]) if p)) for row in rows
    ]


def _closes_on(value: str | None, *_rest: Any) -> list[Text]:
    return [Text(day(dt.date.fromisoformat(value)))] if value else []


def _month(value: str | None, *_rest: Any) -> list[Text]:
    return [Text(month(value))] if value else []


def _anonymous(value: bool, *_rest: Any) -> list[Text]:
    return [Text(_("The public does not see who asks") if value else _("The organisation is named"))]


_TELLERS: dict[str, Callable[..., Iterable[Text]]] = {
    "audience": _word(words.AUDIENCES),
    "category": _word(words.CATEGORIES),
    "nature": _word(words.NATURES),
    "form": _word(words.FORMS),
    "level": _word(words.LEVELS),
    "stage": _word(words.STAGES),
    "maturity_confirmed_by": _word(words.CONFIRMED_BY),
    "first_kind": _word(words.FIRST_KINDS),
    "modes": _modes,
    "money_min": _money,
    "fields": _fields,
    "city": _city,
    "keywords": _keywords,
    "maturity": _maturity,
    "benefits": _benefits,
    "indicators": _indicators,
    "ip": _ip,
    "people": _people,
    "attachments": _attachments,
    "closes_on": _closes_on,
    "started_month": _month,
    "finished_month": _month,
    "is_anonymous": _anonymous,
}


def changes(kind: ListingKind, old: Content, new: Content, taxonomy: Taxonomy) -> list[Change]:
    """What differs between two contents, fact by fact, with the words that went and came."""
    before = {fact.name: fact for fact in facts(kind, old, taxonomy)}
    return [
        Change(fact.label, tuple(segments(before[fact.name].plain, fact.plain)))
        for fact in facts(kind, new, taxonomy)
        if before[fact.name].plain != fact.plain
    ]
