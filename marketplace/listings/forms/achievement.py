"""The editor's sections of an achievement, after the registration form (domain notes 2.3)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList
from wtforms.fields.choices import SelectChoice

from marketplace.core.i18n import language
from marketplace.listings import labels
from marketplace.listings.forms.fields import (
    MonthField,
    NumberField,
    OneField,
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
from marketplace.taxonomy import queries as taxonomy

FIELDS = labels.FIELDS
_CHOOSE = _l("Choose…")


class IdentityForm(Section):
    """Title and the form's classes."""

    section = "identity"
    _title = Pair(
        "title",
        FIELDS["title"],
        description=_l("What it is and what it is for. One language is enough; both reach more readers."),
    )
    title_zh, title_en = _title.zh, _title.en
    category = OneField(FIELDS["category"], choices=words_as_choices(labels.CATEGORIES))
    nature = OneField(FIELDS["nature"], choices=words_as_choices(labels.NATURES))
    form = PickField(FIELDS["form"], choices=words_as_choices(labels.FORMS, blank=_CHOOSE))
    started_month = MonthField(_l("Started (year and month)"), description=_l("Such as 2021-03."))
    finished_month = MonthField(_l("Finished (year and month)"))
    registration_number = line(
        FIELDS["registration_number"],
        most=12,
        description=_l("Only if it has been registered: 12 characters, such as 3702025Y0123."),
    )

    def content(self) -> Content:
        return {
            "title": pair_of(self, "title"),
            "category": self.category.data or None,
            "nature": self.nature.data or None,
            "form": self["form"].data or None,
            "started_month": self.started_month.data or "",
            "finished_month": self.finished_month.data or "",
            "registration_number": (self.registration_number.data or "").upper(),
        }


class PurposeForm(Section):
    """What it solves, how it works, where it is used."""

    section = "purpose"
    _summary = Pair(
        "summary",
        FIELDS["summary"],
        lines=True,
        description=_l("The problem it solves, the key number, what it replaces. Lists show this."),
    )
    summary_zh, summary_en = _summary.zh, _summary.en
    _description = Pair(
        "description", FIELDS["description"], lines=True, description=_l("Process or structure, conditions, and honest limits.")
    )
    description_zh, description_en = _description.zh, _description.en
    _application = Pair(
        "application", FIELDS["application"], lines=True, description=_l("Which line, product or trade could use it.")
    )
    application_zh, application_en = _application.zh, _application.en

    def content(self) -> Content:
        return {name: pair_of(self, name) for name in ("summary", "description", "application")}


class BenefitRow(Row):
    """One benefit in numbers beside the best rival."""

    _name = Pair("row", _l("What is measured"))
    name_zh, name_en = _name.zh, _name.en
    value = NumberField(_l("Yours"))
    rival_value = NumberField(_l("Best rival's"))
    unit = line(_l("Unit"), most=MOST_CHARACTERS["unit"])
    _rival = Pair("row", _l("Who the best rival is"))
    rival_zh, rival_en = _rival.zh, _rival.en
    _evidence = Pair("row", _l("Evidence"))
    evidence_zh, evidence_en = _evidence.zh, _evidence.en

    def content(self) -> dict[str, Any]:
        row: dict[str, Any] = {name: pair_of(self, name) for name in ("name", "rival", "evidence")}
        return row | {"value": self.value.data or "", "unit": self.unit.data or "", "rival_value": self.rival_value.data or ""}


class BenefitsForm(Section):
    """Benefits and comparison."""

    section = "benefits"
    benefits: FieldList = rows(
        BenefitRow,
        "benefits",
        FIELDS["benefits"],
        description=_l("Numbers a buyer can check, each beside the best that is on the market."),
    )

    def content(self) -> Content:
        return {"benefits": self.row_contents("benefits")}


class MaturityForm(Section):
    """Maturity with evidence and who confirmed it."""

    section = "maturity"
    maturity = OneField(FIELDS["maturity"], choices=[])
    stage = OneField(
        FIELDS["stage"],
        choices=words_as_choices(labels.STAGES, blank=_l("As the level says")),
        default="",
        description=_l("As the registration form asks."),
    )
    _evidence = Pair(
        "maturity_evidence", FIELDS["maturity_evidence"], lines=True, description=_l("Which test or report, where, when.")
    )
    maturity_evidence_zh, maturity_evidence_en = _evidence.zh, _evidence.en
    maturity_confirmed_by = OneField(
        FIELDS["maturity_confirmed_by"], choices=words_as_choices(labels.CONFIRMED_BY), default="self"
    )
    level = PickField(
        FIELDS["level"],
        choices=words_as_choices(labels.LEVELS),
        default="not_evaluated",
        description=_l("Only what an evaluation concluded."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.maturity.choices = maturity_choices()

    def content(self) -> Content:
        return {
            "maturity": int(self.maturity.data) if (self.maturity.data or "").isdigit() else None,
            "stage": self.stage.data or None,
            "maturity_evidence": pair_of(self, "maturity_evidence"),
            "maturity_confirmed_by": self.maturity_confirmed_by.data or "self",
            "level": self.level.data or "not_evaluated",
        }


def maturity_choices() -> list[SelectChoice]:
    """The maturity levels of the taxonomy as "4 – name"."""
    lang = language()
    levels = taxonomy.current().levels.values()
    return [SelectChoice(str(item.level), f"{item.level} – {item.name.pick(lang)}") for item in levels]


class IpRow(Row):
    """One right."""

    kind = PickField(_l("Kind"), choices=words_as_choices(labels.IP_KINDS), default="invention")
    status = PickField(_l("Status"), choices=words_as_choices(labels.IP_STATUSES), default="granted")
    number = line(_l("Number"), most=40)

    def content(self) -> dict[str, Any]:
        return {"kind": self.kind.data or "invention", "status": self.status.data or "granted", "number": self.number.data or ""}

    def has_input(self) -> bool:
        """A right may be named without its number: then the kind was chosen on purpose."""
        return super().has_input() or (self.kind.data or "invention") != "invention" or self.status.data == "pending"


class IpForm(Section):
    """Intellectual property."""

    section = "ip"
    ip: FieldList = rows(
        IpRow,
        "ip",
        FIELDS["ip"],
        description=_l("Application or publication numbers; the check digit is checked. Blanks and dots do not matter."),
    )

    def content(self) -> Content:
        return {"ip": self.row_contents("ip")}


class PersonRow(Row):
    """One person with a contribution."""

    _name = Pair("row", _l("Name"))
    name_zh, name_en = _name.zh, _name.en
    _contribution = Pair("row", _l("Contribution"))
    contribution_zh, contribution_en = _contribution.zh, _contribution.en

    def content(self) -> dict[str, Any]:
        return {"name": pair_of(self, "name"), "contribution": pair_of(self, "contribution")}


class PeopleForm(Section):
    """People in the order of the registration form."""

    section = "people"
    people: FieldList = rows(
        PersonRow,
        "people",
        FIELDS["people"],
        description=_l("In order of contribution. No telephone numbers or addresses: contact goes through the market."),
    )

    def content(self) -> Content:
        return {"people": self.row_contents("people")}


class TransferForm(MoneyAndModes):
    """Ways of transfer, price, and whether it is the first of its kind."""

    section = "transfer"
    first_kind = OneField(FIELDS["first_kind"], choices=words_as_choices(labels.FIRST_KINDS, blank=_l("No")), default="")

    def content(self) -> Content:
        return super().content() | {"first_kind": self.first_kind.data or None}


FORMS: tuple[type[Section], ...] = (
    IdentityForm,
    PurposeForm,
    BenefitsForm,
    MaturityForm,
    IpForm,
    PeopleForm,
    TransferForm,
    PlaceForm,
    FilesForm,
    AudienceForm,
)
