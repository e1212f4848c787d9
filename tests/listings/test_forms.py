"""Drafts as typed: the circle content - form values - content, odd input kept, strange names dropped."""

from __future__ import annotations

import datetime as dt

import pytest
from werkzeug.datastructures import MultiDict

from marketplace.listings import forms
from marketplace.listings.rules import raw
from marketplace.listings.states import ListingKind
from tests.factories.listings import achievement_content, need_content

A, N = ListingKind.ACHIEVEMENT, ListingKind.NEED
TODAY = dt.date(2026, 11, 24)


@pytest.fixture
def zh(app):
    with app.test_request_context("/zh/"):
        yield


def pairs(values):
    return MultiDict([(name, text) for name, texts in values.items() for text in texts])


def read(kind, **sections):
    return forms.read(kind, sections, files=[], today=TODAY)


@pytest.mark.parametrize("kind", [A, N])
def test_content_survives_the_form(zh, kind):
    content = achievement_content() if kind is A else need_content()
    draft = raw.draft_of(kind, content)
    reading = forms.read(kind, draft, files=[], today=TODAY)
    assert reading.wrong_sections == []
    assert reading.content == content
    for section, values in draft.items():
        assert forms.values_of(forms.form_class(kind, section), pairs(values)) == values


def test_strange_names_are_dropped(zh):
    typed = pairs(
        {
            "title_zh": ["膜"],
            "state": ["published"],
            "org_id": ["9"],
            "csrf_token": ["x"],
            "ip-0-validate": ["x"],
            "quality": ["100"],
        }
    )
    assert forms.values_of(forms.form_class(A, "identity"), typed) == {"title_zh": ["膜"]}
    typed = pairs({"ip-0-number": ["CN117654321A"], "ip-0-listing_id": ["9"], "ip-x-number": ["1"], "ip-0-_fields": ["1"]})
    assert forms.values_of(forms.form_class(A, "ip"), typed) == {"ip-0-number": ["CN117654321A"]}


def test_rows_are_numbered_without_gaps_and_blank_ones_left_out(zh):
    typed = pairs({"people-0-name_zh": [""], "people-2-name_zh": ["林"], "people-7-name_en": ["Wang"]})
    kept = forms.values_of(forms.form_class(A, "people"), typed)
    assert kept == {"people-0-name_zh": ["林"], "people-1-name_en": ["Wang"]}


def test_line_ends_are_made_one_kind(zh):
    kept = forms.values_of(forms.form_class(A, "purpose"), pairs({"summary_zh": ["一\r\n二"]}))
    assert kept == {"summary_zh": ["一\n二"]}


@pytest.mark.parametrize(("typed", "fen"), [("２６０", 260_000_000), ("1，200.5", 1_200_500_000), ("", None)])
def test_money_is_read_from_full_width_digits(zh, typed, fen):
    reading = read(A, transfer={"money_min": [typed]})
    assert reading.content["money_min"] == fen
    assert reading.forms["transfer"].money_min._value() == typed  # shown as it was typed


@pytest.mark.parametrize("typed", ["abc", "1.23456", "-3", "12万人"])
def test_wrong_money_keeps_what_was_typed(zh, typed):
    reading = read(A, transfer={"money_min": [typed]})
    field = reading.forms["transfer"].money_min
    assert reading.content["money_min"] is None
    assert field.errors
    assert field._value() == typed


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("2021-03", "2021-03"),
        ("2021.3", "2021-03"),
        ("2021年3月", "2021-03"),
        ("２０２１－０３", "2021-03"),
        ("", ""),
        ("2021-13", ""),
    ],
)
def test_months(zh, typed, month):
    reading = read(A, identity={"started_month": [typed]})
    assert reading.content["started_month"] == month
    assert bool(reading.forms["identity"].started_month.errors) == (typed == "2021-13")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-12-31", "2026-12-31"),
        ("2026年12月1日", "2026-12-01"),
        ("2026/2/3", "2026-02-03"),
        ("2026-02-30", None),
        ("soon", None),
    ],
)
def test_days(zh, typed, day):
    reading = read(N, terms={"closes_on": [typed]})
    assert reading.content["closes_on"] == day
    assert bool(reading.forms["terms"].closes_on.errors) == (day is None or day < "2026-11-24")


@pytest.mark.parametrize(
    ("section", "values", "field"),
    [
        ("identity", {"category": ["state"]}, "category"),
        ("identity", {"form": ["<script>"]}, "form"),
        ("maturity", {"maturity": ["10"]}, "maturity"),
        ("transfer", {"modes": ["transfer", "steal"]}, "modes"),
        ("place", {"field_1": ["F99"]}, "field_1"),
        ("place", {"city": ["110000"]}, "city"),
        ("audience", {"audience": ["nobody"]}, "audience"),
    ],
)
def test_answers_that_were_not_offered(zh, section, values, field):
    assert read(A, **{section: values}).forms[section][field].errors


def test_a_merged_city_is_taken_as_its_successor(zh):
    reading = read(A, place={"city": ["371200"], "field_1": ["F11"]})
    assert reading.content["city"] == "370100"
    assert not reading.forms["place"].city.errors


def test_problems_of_rows_hang_on_their_row(zh):
    values = {
        "ip-0-number": ["CN117654321A"],
        "ip-1-number": ["202410123456.5"],
        "ip-0-kind": ["invention"],
        "ip-1-kind": ["invention"],
    }
    form = read(A, ip=values).forms["ip"]
    assert not form.ip.entries[0].form.number.errors
    assert "0" in form.ip.entries[1].form.number.errors[0]
    assert form.errors


def test_a_blank_row_before_does_not_shift_the_problem(zh):
    values = {"people-0-name_zh": [""], "people-1-contribution_zh": ["配方"]}
    form = read(A, people=values).forms["people"]
    assert not form.people.entries[0].form.errors
    assert form.people.entries[1].form.name_zh.errors


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x00", "\x1b"])
def test_control_and_direction_characters_go(zh, hidden):
    assert read(A, identity={"title_zh": [f"膜{hidden}片"]}).content["title"]["zh"] == "膜片"


def test_a_file_of_another_listing_is_not_taken(zh):
    values = {"attachments-0-id": ["5"], "attachments-0-tier": ["public"]}
    assert read(A, files=values).content["attachments"] == []


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 40, "1; drop"])
def test_junk_for_a_file_id_is_no_error_page(zh, junk):
    assert read(A, files={"attachments-0-id": [junk]}).content["attachments"] == []
