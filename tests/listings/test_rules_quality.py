"""The quality meter as a table."""

from __future__ import annotations

import pytest

from marketplace.listings.labels.quality import known_codes, quality_text
from marketplace.listings.rules import content as contents
from marketplace.listings.rules import quality
from marketplace.listings.states import ListingKind
from tests.factories.listings import achievement_content, need_content

A, N = ListingKind.ACHIEVEMENT, ListingKind.NEED
FULL = {
    "benefits": [
        {
            "name": {"zh": n, "en": ""},
            "value": "5",
            "unit": "%",
            "rival_value": "9",
            "rival": {"zh": "进口", "en": ""},
            "evidence": {"zh": "报告", "en": ""},
        }
        for n in ("甲", "乙")
    ],
    "attachments": [{"id": 1, "name": "a.pdf", "note": "", "tier": "public"}],
}


def missing(kind, content):
    return {item.code for item in quality.assess(kind, content).missing}


@pytest.mark.parametrize("kind", [A, N])
def test_the_gains_add_up_to_a_hundred(kind):
    assert sum(item.gain for item in quality.assess(kind, contents.empty(kind)).items) == 100


@pytest.mark.parametrize("kind", [A, N])
def test_empty_is_zero_and_everything_is_a_hundred(kind):
    assert quality.assess(kind, contents.empty(kind)).score == 0
    full = achievement_content(**FULL) if kind is A else need_content()
    assert quality.assess(kind, full).score == 100


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"summary": {"zh": "膜寿命很长，效果显著。", "en": "Lasts long, CO2 friendly."}}, "no_number"),
        ({"benefits": [{**FULL["benefits"][0], "rival_value": ""}] * 2}, "no_comparison"),
        ({"benefits": FULL["benefits"][:1]}, "few_benefits"),
        ({"benefits": [{**row, "evidence": {"zh": "", "en": ""}} for row in FULL["benefits"]]}, "no_benefit_evidence"),
        ({"ip": [{"kind": "invention", "status": "pending", "number": ""}]}, "no_ip_number"),
        ({"ip": []}, "no_ip_number"),
        ({"maturity_evidence": {"zh": "", "en": ""}}, "no_evidence"),
        ({"maturity_confirmed_by": "self"}, "self_confirmed"),
        ({"description": {"zh": "短", "en": "short"}}, "short_description"),
        ({"application": {"zh": "", "en": ""}}, "no_application"),
        ({"title": {"zh": "只有中文", "en": ""}}, "one_language"),
        ({"title": {"zh": "新型高性能膜", "en": "A novel membrane"}}, "empty_title"),
        ({"money_min": None, "money_max": None}, "no_price"),
        ({"attachments": []}, "no_file"),
        ({"people": []}, "no_people"),
        ({"keywords": {"zh": ["膜"], "en": ["a", "b"]}}, "few_keywords"),
    ],
)
def test_what_an_achievement_lacks(changes, code):
    found = missing(A, achievement_content(**{**FULL, **changes}))
    assert code in found


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"description": {"zh": "膜坏得快", "en": "fades"}}, "vague_need"),
        ({"description": {"zh": "膜坏得很快" * 20, "en": ""}}, "no_number_in_problem"),
        ({"indicators": []}, "no_indicator"),
        ({"indicators": [{**need_content()["indicators"][0], "unit": ""}]}, "no_unit"),
        ({"indicators": [{**need_content()["indicators"][0], "must": False}]}, "no_must"),
        ({"money_min": None, "money_max": None}, "no_budget"),
        ({"tried": {"zh": "", "en": ""}}, "nothing_tried"),
        ({"site": {"zh": "", "en": ""}}, "no_site"),
        ({"closes_on": None}, "no_closing_day"),
        ({"maturity": None}, "no_wanted_maturity"),
    ],
)
def test_what_a_need_lacks(changes, code):
    assert code in missing(N, need_content(**changes))


@pytest.mark.parametrize("kind", [A, N])
def test_the_largest_gain_comes_first_and_links_to_its_section(kind):
    found = quality.assess(kind, contents.empty(kind)).missing
    assert [item.gain for item in found] == sorted((item.gain for item in found), reverse=True)
    assert all(item.section in contents.SECTIONS[kind] and item.anchor for item in found)


def test_every_part_has_words(app):
    codes = {item.code for kind in (A, N) for item in quality.assess(kind, contents.empty(kind)).items}
    assert codes == known_codes()
    with app.test_request_context("/zh/"):
        assert all(quality_text(code) for code in codes)
