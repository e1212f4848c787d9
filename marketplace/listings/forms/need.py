"""The editor's sections of a need: it starts from the problem, not from the technology."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList
from wtforms.fields.choices import SelectChoice

from marketplace.listings import labels
from marketplace.listings.forms.achievement import maturity_choices
from marketplace.listings.forms.fields import (
    DayField,
    NumberField,
    Pair,
    PickField,
    Row,
    line,
    pair_of,
    rows,
    words_as_choices,
)
from marketplace.listings.forms.sections import AudienceForm, FilesForm, MoneyAndModes, PlaceForm, Section
from marketplace.listings.rules.content import MOST_CHARACTERS, Content

FIELDS = labels.FIELDS


class ProblemForm(Section):
    """The problem in the words of the shop floor."""

    section = "problem"
    _title = Pair(
        "title", FIELDS["title"], description=_l("The problem in one line, in your own words. You need not know the technology.")
    )
    title_zh, title_en = _title.zh, _title.en
    _problem = Pair(
        "description",
        FIELDS["problem"],
        lines=True,
        description=_l("What happens, where, how often, what it costs, under which conditions."),
    )
    description_zh, description_en = _problem.zh, _problem.en
    _tried = Pair(
        "tried", FIELDS["tried"], lines=True, description=_l("And why it is not enough. It saves you answers you already have.")
    )
    tried_zh, tried_en = _tried.zh, _tried.en

    def content(self) -> Content:
        return {name: pair_of(self, name) for name in ("title", "description", "tried")}


class IndicatorRow(Row):
    """One wanted result that can be measured."""

    _name = Pair("row", _l("What is measured"))
    name_zh, name_en = _name.zh, _name.en
    op = PickField(_l("Must be"), choices=words_as_choices(labels.COMPARISONS), default="ge")
    value = NumberField(_l("Value"))
    value_to = NumberField(_l("Upper end of a range"))
    unit = line(_l("Unit"), most=MOST_CHARACTERS["unit"])
    must = BooleanField(_l("This is a must, not only nice to have"))

    def content(self) -> dict[str, Any]:
        op = self.op.data or "ge"
        return {
            "name": pair_of(self, "name"),
            "op": op,
            "value": self.value.data or "",
            "value_to": (self.value_to.data or None) if op == "range" else None,
            "unit": self.unit.data or "",
            "must": bool(self.must.data),
        }


class TargetsForm(Section):
    """What would solve it: indicators, and how mature the answer must be."""

    section = "targets"
    indicators: FieldList = rows(
        IndicatorRow,
        "indicators",
        FIELDS["indicators"],
        description=_l("Numbers by which you would know that the problem is solved."),
    )
    maturity = PickField(
        FIELDS["wanted_maturity"],
        choices=[],
        description=_l("How far an answer must have come. Leave it open if you would also develop together."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.maturity.choices = [SelectChoice("", _l("Not stated")), *maturity_choices()]

    def content(self) -> Content:
        level = self.maturity.data or ""
        return {"indicators": self.row_contents("indicators"), "maturity": int(level) if level.isdigit() else None}


class TermsForm(MoneyAndModes):
    """Budget band, ways of working together, closing day."""

    section = "terms"
    closes_on = DayField(FIELDS["closes_on"], description=_l("Such as 2026-12-31. The need leaves the search after this day."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.modes.label.text = FIELDS["need_modes"]
        self.money_min.description = _l(
            "Budget in ten thousand yuan (万元). A band is enough; answers far outside spare you their time."
        )

    def content(self) -> Content:
        return super().content() | {"closes_on": self.closes_on.data}


class SiteForm(PlaceForm):
    """Where it happens, fields, city and key words."""

    _site = Pair("site", FIELDS["site"], description=_l("Plant, line, conditions. Leave out names if you stay anonymous."))
    site_zh, site_en = _site.zh, _site.en

    def content(self) -> Content:
        return super().content() | {"site": pair_of(self, "site")}


class NeedAudienceForm(AudienceForm):
    """The same, and whether the public learns who asks."""

    is_anonymous = BooleanField(
        _l("Do not show the public who we are"),
        description=_l("Readers see your trade and city only, such as “an equipment maker in Weifang”."),
    )

    def content(self) -> Content:
        return super().content() | {"is_anonymous": bool(self.is_anonymous.data)}


FORMS: tuple[type[Section], ...] = (ProblemForm, TargetsForm, TermsForm, SiteForm, FilesForm, NeedAudienceForm)
