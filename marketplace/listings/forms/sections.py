"""What every section of the editor has in common, and the sections achievements and needs share."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, HiddenField
from wtforms.fields.choices import SelectChoice

from marketplace.core.i18n import language
from marketplace.core.web.forms import PartForm
from marketplace.listings import labels
from marketplace.listings.forms.fields import (
    ManyField,
    MoneyField,
    OneField,
    Pair,
    PickField,
    Row,
    line,
    pair_of,
    rows,
    words_as_choices,
)
from marketplace.listings.rules.content import MOST_CHARACTERS, Content, Problem, keywords_of
from marketplace.taxonomy import queries as taxonomy

_KEYWORD_LINE = 400
_HINT_PRICE = _l("In ten thousand yuan (万元). Leave both empty when it is negotiable.")


class Section(PartForm):
    """One page of the editor. `content` answers with plain values, also where some input was wrong."""

    section: ClassVar[str]

    def content(self) -> Content:
        """The part of the content this section writes."""
        raise NotImplementedError

    def row_entries(self, name: str) -> list[Any]:
        """The rows of a group in which something was typed."""
        return [entry for entry in self[name].entries if entry.form.has_input()]

    def row_contents(self, name: str) -> list[dict[str, Any]]:
        """The content of those rows."""
        return [entry.form.content() for entry in self.row_entries(name)]

    def hang(self, problem: Problem, words: str) -> None:
        """Put a problem of the content on the field where it can be mended."""
        if problem.row is not None:
            row = self.row_entries(problem.name)[problem.row].form
            _add(_of(row, problem.part or "name"), words)
            self[problem.name].errors = [entry.errors for entry in self[problem.name].entries]
        else:
            _add(_of(self, problem.name), words)


def _of(form: Form, name: str) -> Any:
    """The form field that belongs to a content field."""
    for candidate in (name, f"{name}_zh", "field_1" if name == "fields" else name):
        if candidate in form:
            return form[candidate]
    return next(iter(form))


def _add(field: Any, words: str) -> None:
    if not field.errors:  # the first thing to mend is enough: "3a" need not also be "missing"
        field.errors = [words]


def _field_choices(blank: LazyString) -> list[SelectChoice]:
    """Strategic fields, grouped by chain, after an empty answer."""
    lang = language()
    chains = taxonomy.current().chains
    offered = [SelectChoice(f.code, f.name.pick(lang), optgroup=chain.name.pick(lang)) for chain in chains for f in chain.fields]
    return [SelectChoice("", blank), *offered]


def _city_choices() -> list[SelectChoice]:
    lang = language()
    cities = taxonomy.current().cities
    return [SelectChoice("", _l("Choose…")), *(SelectChoice(code, name.pick(lang)) for code, name in cities.items())]


class PlaceForm(Section):
    """Strategic fields, city and key words."""

    section = "place"
    field_1 = PickField(_l("Main strategic field"), choices=[], description=_l("Matching looks here first."))
    field_2 = PickField(_l("Second field"), choices=[])
    field_3 = PickField(_l("Third field"), choices=[])
    city = PickField(labels.FIELDS["city"], choices=[])
    keywords_zh = line(
        _l("Key words in Chinese"),
        most=_KEYWORD_LINE,
        description=_l("Up to ten, parted by commas. Words people would search for."),
    )
    keywords_en = line(_l("Key words in English"), most=_KEYWORD_LINE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field_1.choices = _field_choices(_l("Choose…"))
        self.field_2.choices = self.field_3.choices = _field_choices(_l("None"))
        self.city.choices = _city_choices()
        # A place that was merged into another is chosen as its successor.
        if self.city.data:
            self.city.data = taxonomy.current().city_code(self.city.data)

    def content(self) -> Content:
        return {
            "fields": [f.data for f in (self.field_1, self.field_2, self.field_3) if f.data],
            "city": self.city.data or "",
            "keywords": {"zh": keywords_of(self.keywords_zh.data or ""), "en": keywords_of(self.keywords_en.data or "")},
        }


class FileRow(Row):
    """How one attached file is shown; files themselves are uploaded and removed by their own forms."""

    id = HiddenField()
    tier = PickField(_l("Who may download it"), choices=words_as_choices(labels.AUDIENCES))
    note = line(_l("What it is"), most=MOST_CHARACTERS["note"])

    def has_input(self) -> bool:
        return bool(self.id.data)

    def content(self) -> dict[str, Any]:
        number = self.id.data if (self.id.data or "").isascii() and (self.id.data or "").isdigit() else "0"
        return {"id": int(number[:18]), "tier": self.tier.data or "verified", "note": self.note.data or ""}


class FilesForm(Section):
    """Attached files in order."""

    section = "files"
    attachments: FieldList = rows(FileRow, "attachments", labels.FIELDS["attachments"])

    def content(self) -> Content:
        return {"attachments": self.row_contents("attachments")}


class MoneyAndModes(Section):
    """How a listing passes on, and for how much."""

    modes = ManyField(labels.FIELDS["modes"], choices=words_as_choices(labels.MODES))
    money_min = MoneyField(_l("Lower end"), description=_HINT_PRICE)
    money_max = MoneyField(_l("Upper end"))

    def content(self) -> Content:
        return {"modes": list(self.modes.data or []), "money_min": self.money_min.data, "money_max": self.money_max.data}


class AudienceForm(Section):
    """Who may see the listing at all, and the detail kept for verified organisations."""

    section = "audience"
    audience = OneField(labels.FIELDS["audience"], choices=words_as_choices(labels.AUDIENCES), default="public")
    _detail = Pair(
        "verified_detail",
        labels.FIELDS["verified_detail"],
        lines=True,
        description=_l("Cost breakdown, process window, test partner: what a serious partner needs and the public does not."),
    )
    verified_detail_zh, verified_detail_en = _detail.zh, _detail.en

    def content(self) -> Content:
        return {"audience": self.audience.data or "public", "verified_detail": pair_of(self, "verified_detail")}
