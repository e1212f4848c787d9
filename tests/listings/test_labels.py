"""Every value, error and problem has words; content is told and compared in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import g

from marketplace.core.labels import known_errors
from marketplace.listings import labels, states
from marketplace.listings.rules import content as contents
from marketplace.listings.states import LISTING, ListingKind
from marketplace.taxonomy import queries as taxonomy
from tests.factories.listings import achievement_content, need_content

FEATURE = Path(labels.__file__).resolve().parents[1]
LISTS = {
    "ListingKind": labels.KINDS,
    "ListingState": labels.STATES,
    "Audience": labels.AUDIENCES,
    "AchievementClass": labels.CATEGORIES,
    "Nature": labels.NATURES,
    "Form": labels.FORMS,
    "Level": labels.LEVELS,
    "Stage": labels.STAGES,
    "ConfirmedBy": labels.CONFIRMED_BY,
    "TransferMode": labels.MODES,
    "FirstKind": labels.FIRST_KINDS,
    "IpKind": labels.IP_KINDS,
    "IpStatus": labels.IP_STATUSES,
    "Comparison": labels.COMPARISONS,
}


@pytest.mark.parametrize("name", LISTS)
def test_every_value_has_a_word(name):
    assert set(LISTS[name]) == {str(value) for value in getattr(states, name)}


def test_every_step_has_a_word():
    assert {step.name for step in LISTING.steps} <= set(labels.STEPS)


def test_every_code_raised_has_words():
    """Codes in the sources of rules, services, policy, queries and views."""
    raised = re.compile(
        r"""(?:RuleError|NotFound|Forbidden|EditConflict|deny|hide)\("(\w+)"|Problem\("\w+", f?"(\w+)"|"""
        r"""decide\([^,]+, "(\w+)"\)|_refused\([^)]*"(\w+)"\)"""
    )
    codes = set()
    for path in FEATURE.rglob("*.py"):
        for found in raised.findall(path.read_text()):
            codes |= {code for code in found if code}
    hidden = {"listing", "draft", "revision", "file", "section"}  # answered as "not found", which has its own page
    assert codes - hidden <= known_errors() | {"sign_in"}, codes - hidden - known_errors()
    assert len(codes) > 30


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", list(ListingKind))
def test_all_content_is_told(app, kind, lang):
    content = achievement_content() if kind is ListingKind.ACHIEVEMENT else need_content()
    with app.test_request_context(f"/{lang}/"):
        app.preprocess_request()
        found = {fact.name: fact for fact in labels.facts(kind, content, taxonomy.current())}
        empty = labels.facts(kind, contents.empty(kind), taxonomy.current())
    assert set(found) == set(contents.empty(kind)) - {"money_max"} - (set() if kind is ListingKind.ACHIEVEMENT else {"summary"})
    assert all(fact.label for fact in found.values())
    left_open = {"stage", "registration_number", "first_kind", "attachments"}
    assert {name for name, fact in found.items() if not fact.lines} <= left_open
    told = {fact.name for fact in empty if fact.lines}
    assert told <= {"audience", "level", "maturity_confirmed_by", "is_anonymous"}


def test_differences_are_readable(app):
    old = achievement_content()
    new = old | {
        "money_min": 250_000_000,
        "modes": ["licence"],
        "summary": {**old["summary"], "zh": old["summary"]["zh"].replace("5.8", "4.2")},
    }
    with app.test_request_context("/zh/"):
        found = {change.label: change.parts for change in labels.changes(ListingKind.ACHIEVEMENT, old, new, taxonomy.current())}
    assert set(found) == {"简介", "价格", "转化方式"}
    assert ("gone", "5") in found["简介"]
    assert ("new", "4") in found["简介"]


def test_nothing_changed_nothing_told(app):
    content = need_content()
    with app.test_request_context("/zh/"):
        assert labels.changes(ListingKind.NEED, content, content, taxonomy.current()) == []


@pytest.mark.parametrize(
    ("typed", "zh", "en"),
    [
        (("600", "元/t", ""), "600 元/t", "CNY 600/t"),
        (("1.8", "万元/t", ""), "1.8 万元/t", "CNY 18,000/t"),
        (("12", "元/m²", "15"), "12—15 元/m²", "CNY 12 – 15/m²"),
        (("6", "月", ""), "6 月", "6 months"),
        (("8", "L/亩", ""), "8 L/亩", "8 L/mu"),
        (("3", "次/天", ""), "3 次/天", "3 times/day"),
        (("≥3", "万次", ""), "≥3 万次", "≥3 万次"),  # not a number: nothing is multiplied
        (("152", "kV/µs", ""), "152 kV/µs", "152 kV/µs"),
        (("85", "", ""), "85", "85"),
    ],
)
def test_units_speak_the_readers_language(app, typed, zh, en):
    value, unit, to = typed
    with app.test_request_context("/"):
        for lang, told in (("zh", zh), ("en", en)):
            g.language = lang
            assert labels.amount(value, unit, to=to) == told
