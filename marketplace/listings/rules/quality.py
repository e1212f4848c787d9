"""The quality meter: how much of what a reader needs to decide a record holds, 0 to 100, and what would add most.

The parts answer known complaints: claims without a number, no comparison with the best rival, no patent number, needs
too vague to answer. The score is shown, lifts the rank a little, and never keeps a record from being published.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marketplace.listings.rules.content import Content, section_of
from marketplace.listings.states import ListingKind

# A digit that measures something, not the "2" of CO2: preceded by no letter.
_NUMBER = re.compile(r"(?<![A-Za-z])\d")
_EMPTY_WORDS = re.compile(
    r"新型|先进|领先|一流|高性能|突破性|\bnovel\b|\badvanced\b|\bleading\b|\binnovative\b|world-class", re.IGNORECASE
)
# What counts as told rather than hinted at: Chinese says as much in about two fifths of the letters.
_TOLD_ZH, _TOLD_EN = 80, 200


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a good record holds: its code (words in labels), where it is written, what it adds."""

    code: str
    section: str
    anchor: str
    gain: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """The score and its parts, the largest missing gain first."""

    score: int
    items: tuple[Item, ...]

    @property
    def missing(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not item.is_done)


Test = Callable[[Content], bool]


def assess(kind: ListingKind, content: Content) -> Quality:
    """The quality of `content`; works on drafts in which anything may be missing."""
    parts = _ACHIEVEMENT if kind is ListingKind.ACHIEVEMENT else _NEED
    items = [Item(code, section_of(kind, name), _anchor(name), gain, bool(test(content))) for code, name, gain, test in parts]
    items.sort(key=lambda item: (item.is_done, -item.gain))
    return Quality(sum(item.gain for item in items if item.is_done), tuple(items))


def _anchor(name: str) -> str:
    """The id of the form field that belongs to a content field."""
    if name in ("benefits", "ip", "people", "indicators", "modes", "attachments"):
        return name
    if name == "fields":
        return "field_1"
    bilingual = ("title", "summary", "description", "application", "maturity_evidence", "tried", "site", "keywords")
    return f"{name}_zh" if name in bilingual else name


def _text(value: dict[str, str]) -> str:
    return f"{value['zh']} {value['en']}"


def _is_told(value: dict[str, str]) -> bool:
    return len(value["zh"]) >= _TOLD_ZH or len(value["en"]) >= _TOLD_EN


def _has_number(value: dict[str, str]) -> bool:
    return bool(_NUMBER.search(_text(value)))


def _any(name: str, *parts: str) -> Test:
    """Some row of `name` gives all of `parts`."""
    return lambda content: any(all(_given(row[part]) for part in parts) for row in content[name])


def _given(value: Any) -> bool:
    return any(value.values()) if isinstance(value, dict) else bool(value)


def _is_plain(content: Content) -> bool:
    title = content["title"]
    return any(title.values()) and not _EMPTY_WORDS.search(_text(title))


def _in_both(*names: str) -> Test:
    return lambda content: all(content[name]["zh"] and content[name]["en"] for name in names)


def _keywords(content: Content) -> bool:
    return max(len(words) for words in content["keywords"].values()) >= 3


_MONEY: Test = lambda content: content["money_min"] is not None or content["money_max"] is not None  # noqa: E731
# code, content field, gain, test. The gains of each list add up to 100.
_ACHIEVEMENT: tuple[tuple[str, str, int, Test], ...] = (
    ("no_comparison", "benefits", 13, _any("benefits", "value", "rival_value", "rival")),
    ("few_benefits", "benefits", 11, lambda content: len(content["benefits"]) >= 2),
    ("no_number", "summary", 10, lambda content: _has_number(content["summary"])),
    ("no_evidence", "maturity_evidence", 10, lambda content: _given(content["maturity_evidence"])),
    ("no_ip_number", "ip", 10, _any("ip", "number")),
    ("short_description", "description", 7, lambda content: _is_told(content["description"])),
    ("no_application", "application", 6, lambda content: _given(content["application"])),
    ("no_benefit_evidence", "benefits", 6, _any("benefits", "evidence")),
    ("self_confirmed", "maturity_confirmed_by", 5, lambda content: content["maturity_confirmed_by"] != "self"),
    ("one_language", "title", 5, _in_both("title", "summary")),
    ("no_price", "money_min", 5, _MONEY),
    ("no_file", "attachments", 3, lambda content: bool(content["attachments"])),
    ("no_people", "people", 3, lambda content: bool(content["people"])),
    ("few_keywords", "keywords", 3, _keywords),
    ("empty_title", "title", 3, _is_plain),
)
_NEED: tuple[tuple[str, str, int, Test], ...] = (
    ("vague_need", "description", 16, lambda content: _is_told(content["description"])),
    ("no_indicator", "indicators", 15, lambda content: bool(content["indicators"])),
    ("no_number_in_problem", "description", 11, lambda content: _has_number(content["description"])),
    ("no_unit", "indicators", 10, _any("indicators", "value", "unit")),
    ("no_budget", "money_min", 10, _MONEY),
    ("nothing_tried", "tried", 8, lambda content: _given(content["tried"])),
    ("no_site", "site", 6, lambda content: _given(content["site"])),
    ("no_must", "indicators", 5, _any("indicators", "must")),
    ("no_closing_day", "closes_on", 5, lambda content: bool(content["closes_on"])),
    ("no_wanted_maturity", "maturity", 5, lambda content: content["maturity"] is not None),
    ("one_language", "title", 5, _in_both("title", "description")),
    ("few_keywords", "keywords", 4, _keywords),
)
