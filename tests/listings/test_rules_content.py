"""What content must hold before it may be shown."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.listings.rules import content as contents
from marketplace.listings.rules.content import Known
from marketplace.listings.states import ListingKind
from tests.factories.listings import achievement_content, need_content

TODAY = dt.date(2026, 11, 24)
STAGES = {1: "early", 2: "early", 3: "early", 4: "middle", 5: "middle", 6: "middle", 7: "mature", 8: "mature", 9: "mature"}
KNOWN = Known(frozenset({"F11", "F12", "F13", "F14"}), frozenset({"370100", "370300"}), STAGES)


def codes(kind, content):
    return [(p.name, p.code, p.row) for p in contents.problems(kind, content, known=KNOWN, today=TODAY)]


def achievement(**changes):
    return codes(ListingKind.ACHIEVEMENT, achievement_content(**changes))


def need(**changes):
    return codes(ListingKind.NEED, need_content(**{"closes_on": "2026-12-31", **changes}))


def test_complete_content_has_no_problem():
    assert achievement() == []
    assert need() == []


def test_empty_content_names_everything_needed():
    found = {code for _, code, _ in codes(ListingKind.ACHIEVEMENT, contents.empty(ListingKind.ACHIEVEMENT))}
    assert found == {
        *("title_missing", "fields_missing", "city_missing", "modes_missing", "summary_missing"),
        *("category_missing", "nature_missing", "form_missing", "maturity_missing"),
    }
    found = {code for _, code, _ in codes(ListingKind.NEED, contents.empty(ListingKind.NEED))}
    assert found == {"title_missing", "problem_missing", "fields_missing", "city_missing", "modes_missing"}


def test_one_language_is_enough():
    assert achievement(title={"zh": "", "en": "Membrane"}, summary={"zh": "", "en": "5 % better"}) == []


ROW = {
    "name": {"zh": "", "en": ""},
    "value": "5",
    "unit": "",
    "rival_value": "",
    "rival": {"zh": "", "en": ""},
    "evidence": {"zh": "", "en": ""},
}
RANGE = {"name": {"zh": "温度", "en": ""}, "op": "range", "value": "8", "value_to": "5", "unit": "℃", "must": True}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"started_month": "2025-12", "finished_month": "2025-11"}, ("finished_month", "months_order", None)),
        ({"money_min": 300, "money_max": 200}, ("money_max", "money_order", None)),
        ({"fields": ["F11", "F12", "F13", "F14"]}, ("fields", "fields_many", None)),
        ({"fields": ["F11", "F11"]}, ("fields", "fields_double", None)),
        ({"fields": ["F99"]}, ("fields", "fields_unknown", None)),
        ({"city": "110000"}, ("city", "city_unknown", None)),
        ({"keywords": {"zh": [f"词{i}" for i in range(11)], "en": []}}, ("keywords", "keywords_many", None)),
        ({"maturity": 4, "stage": "mature"}, ("stage", "stage_contradicts", None)),
        ({"maturity": 0}, ("maturity", "maturity_missing", None)),
        (
            {"maturity_confirmed_by": "expert", "maturity_evidence": {"zh": "", "en": ""}},
            ("maturity_evidence", "evidence_missing", None),
        ),
        ({"registration_number": "123"}, ("registration_number", "registration_form", None)),
        ({"benefits": [ROW]}, ("benefits", "name_missing", 0)),
        ({"benefits": [{**ROW, "name": {"zh": "电耗", "en": ""}, "value": ""}]}, ("benefits", "value_missing", 0)),
        ({"ip": [{"kind": "invention", "status": "granted", "number": "202410123456.5"}]}, ("ip", "ip_number_check", 0)),
        ({"ip": [{"kind": "invention", "status": "granted", "number": "CN117654321A"}] * 2}, ("ip", "ip_number_double", 1)),
        ({"people": [{"name": {"zh": "", "en": ""}, "contribution": {"zh": "配方", "en": ""}}]}, ("people", "name_missing", 0)),
        ({"title": {"zh": "长" * 121, "en": ""}}, ("title", "text_long", None)),
        ({"people": [{"name": {"zh": "长" * 201, "en": ""}, "contribution": {"zh": "", "en": ""}}]}, ("people", "text_long", 0)),
        (
            {"people": [{"name": {"zh": "林", "en": ""}, "contribution": {"zh": "", "en": ""}}] * 16},
            ("people", "rows_many", None),
        ),
    ],
)
def test_achievement_combinations(changes, expected):
    assert expected in achievement(**changes)


@pytest.mark.parametrize("stage", [None, "middle"])
def test_a_stage_that_fits_or_is_open(stage):
    assert achievement(maturity=4, stage=stage) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"closes_on": "2026-11-23"}, ("closes_on", "closes_past", None)),
        ({"closes_on": "2029-01-01"}, ("closes_on", "closes_far", None)),
        ({"indicators": [RANGE]}, ("indicators", "range_order", 0)),
        ({"indicators": [{**RANGE, "value_to": None}]}, ("indicators", "range_end_missing", 0)),
        ({"maturity": 10}, ("maturity", "maturity_missing", None)),
    ],
)
def test_need_combinations(changes, expected):
    assert expected in need(**changes)


@pytest.mark.parametrize(
    "changes", [{"closes_on": "2026-11-24"}, {"closes_on": None}, {"maturity": None}, {"indicators": []}, {"money_min": None}]
)
def test_what_a_need_may_leave_open(changes):
    assert need(**changes) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("膜, 流延；燃料电池、膜", ["膜", "流延", "燃料电池"]),
        ("  ", []),
        ("ＰＥＭ，x", ["PEM", "x"]),
        ("长" * 50, ["长" * 30]),
    ],
)
def test_keywords(typed, words):
    assert contents.keywords_of(typed) == words


@pytest.mark.parametrize("kind", list(ListingKind))
def test_every_field_of_the_content_has_a_section(kind):
    written = {name for names in contents.SECTIONS[kind].values() for name in names}
    # A need has no summary of its own: its problem is what lists show.
    unwritten = set() if kind is ListingKind.ACHIEVEMENT else {"summary"}
    assert written == set(contents.empty(kind)) - unwritten
