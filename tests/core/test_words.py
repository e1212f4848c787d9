"""Money, dates and bilingual text in both languages; the catalogue; working days."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import re

import flask_babel
import pytest
from flask import g

from marketplace.core import catalogue, clock, i18n, labels
from marketplace.core.types import Bilingual
from marketplace.taxonomy import queries as taxonomy
from tests.architecture.test_house import SOURCES

WAN = 1_000_000


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (None, None, "面议", "Negotiable"),
        (200 * WAN, 300 * WAN, "200—300 万元", "CNY 2 million – CNY 3 million"),
        (120 * WAN, 120 * WAN, "120 万元", "CNY 1.2 million"),
        (50 * WAN, 50 * WAN, "50 万元", "CNY 500,000"),
        (12_500 * WAN, None, "12,500 万元起", "from CNY 125 million"),
        (None, 1 * WAN, "1 万元以内", "up to CNY 10,000"),
    ],
)
def test_money(app, low, high, zh, en):
    for language, expected in (("zh", zh), ("en", en)):
        with i18n.speaking(language):
            assert i18n.money_range(low, high) == expected


def test_each_language_keeps_its_own_words(app):
    catalogues = i18n._Catalogues()
    for g.language, word in (("zh", "面议"), ("en", "Negotiable")):
        flask_babel.get_locale()  # remembered for as long as this context lives
        assert catalogues.get_translations().ugettext("Negotiable") == word


def test_a_date_is_a_day_in_shandong(app):
    late = dt.datetime(2026, 11, 24, 17, 30, tzinfo=dt.UTC)
    with i18n.speaking("zh"):
        assert i18n.day(late) == "2026年11月25日"
    with i18n.speaking("en"):
        assert i18n.minute(late) == "25 November 2026 01:30"


def test_bilingual_text_falls_back_and_says_so(app):
    text = Bilingual(zh="膜电极")
    g.language = "en"
    assert str(i18n.pick_marked(text)) == '<span lang="zh-CN">膜电极</span>'
    assert str(i18n.pick_marked(Bilingual("<b>", "<i>"))) == "&lt;i&gt;"
    g.language = "zh"
    assert str(i18n.pick_marked(text)) == "膜电极"


def test_the_chinese_catalogue_is_complete():
    assert catalogue.problems() == []


def test_every_error_code_has_words(app):
    """A code raised anywhere, also as a policy's reason, is a sentence for the reader."""
    importlib.import_module("marketplace.demo.labels")  # registered when a command needs it, not with the web process
    raised = re.compile(r"\b(?:RuleError|UploadRefused|Forbidden|EditConflict|deny)\(\s*\"(\w+)\"")
    decided = re.compile(r"\bdecide\((?:[^()]|\([^()]*\))*?,\s*\"(\w+)\"\)")
    codes = {
        code for path in SOURCES for pattern in (raised, decided) for code in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert codes - labels.known_errors() == set()


DAY = dt.date


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (DAY(2026, 11, 24), 1, DAY(2026, 11, 25)),
        (DAY(2026, 11, 27), 1, DAY(2026, 11, 30)),  # over a weekend
        (DAY(2026, 9, 30), 1, DAY(2026, 10, 8)),  # over National Day
        (DAY(2026, 10, 9), 1, DAY(2026, 10, 10)),  # a made-up working Saturday
        (DAY(2026, 11, 28), 0, DAY(2026, 11, 28)),
    ],
)
def test_working_days(app, start, days, end):
    calendar = taxonomy.work_calendar()
    noon = dt.datetime.combine(start, dt.time(12), clock.SHANGHAI)
    due = calendar.due(noon, days)
    assert due == clock.end_of_day(end)
    assert calendar.days_left(noon, due) == days


@pytest.mark.parametrize(("lang", "told"), [("zh", "2026年11月"), ("en", "November 2026")])
def test_a_month_is_written_out(app, lang, told):
    with app.test_request_context(f"/{lang}/"):
        g.language = lang
        assert i18n.month("2026-11") == told
        assert i18n.month("soon") == "soon"


def test_every_action_of_the_record_has_words(app):
    """Administrators read the record; a bare code tells them nothing."""
    recorded = re.compile(r"\b(?:audit\.record|_record)\(\s*\"([a-z]+\.\w+)\"")
    actions = {action for path in SOURCES for action in recorded.findall(path.read_text(encoding="utf-8"))}
    assert len(actions) > 50
    assert actions - set(labels.ACTIONS) == set()


def test_every_detail_of_the_record_has_words(app):
    calls = [
        call
        for path in SOURCES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record"
    ]
    kept = {given.arg for call in calls for given in call.keywords if given.arg} - {"actor", "at"}
    assert len(kept) > 25
    assert kept - set(labels.DETAILS) == set()
