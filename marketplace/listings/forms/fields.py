"""Form fields of the editor: they keep what was typed, accept full-width digits, and answer in plain values."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from marketplace.core.errors import RuleError
from marketplace.core.labels import error_text
from marketplace.core.web.forms import PartForm
from marketplace.listings.rules import numbers
from marketplace.listings.rules.content import MOST_CHARACTERS, MOST_ROWS

_MONTH = re.compile(r"((?:19|20)\d{2})\s*[-./年]\s*(0?[1-9]|1[0-2])\s*月?")
_DAY = re.compile(r"((?:19|20)\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")


def clean(text: str | None) -> str:
    """What a person typed, without surrounding blanks and without control or direction characters except line ends."""
    kept = (c for c in (text or "").replace("\r\n", "\n") if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "".join(kept).strip()


def clean_line(text: str | None) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def in_chinese(label: LazyString) -> LazyString:
    """The label of the Chinese half of a bilingual text."""
    return _l("%(what)s in Chinese", what=label)


def in_english(label: LazyString) -> LazyString:
    """The label of the English half."""
    return _l("%(what)s in English", what=label)


def line(label: LazyString, *, most: int | None = None, description: Any = "", **options: Any) -> StringField:
    """One line of text; `most` characters are counted beside it (the rule itself is rules.content)."""
    kw = {"maxlength": most} if most else {}
    return StringField(label, filters=[clean_line], description=description, render_kw=kw | options)


def text(label: LazyString, *, most: int, description: Any = "") -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(label, filters=[clean], description=description, render_kw={"maxlength": most})


class Pair:
    """Both halves of a bilingual text of the record: use `Pair("title").zh` and `.en` as two fields of a form."""

    def __init__(self, name: str, label: LazyString, *, description: Any = "", lines: bool = False, most: int = 0) -> None:
        most = most or MOST_CHARACTERS.get(name, MOST_CHARACTERS["row"])
        make: Callable[..., Any] = text if lines else line
        self.zh = make(in_chinese(label), most=most, description=description)
        self.en = make(in_english(label), most=most, description="")


class _Parsed(StringField):
    """Keeps the text as typed for the page and its parsed value as `data`."""

    widget = TextInput()
    nothing: Any = None

    def parse(self, typed: str) -> Any:
        raise NotImplementedError

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.typed = valuelist[0] if valuelist else ""
        self.data = self.nothing
        try:
            self.data = self.parse(clean_line(self.typed))
        except RuleError as error:
            raise ValueError(error_text(error.code, **error.params)) from error

    def _value(self) -> str:
        return getattr(self, "typed", "")


class MoneyField(_Parsed):
    """An amount in 万元; `data` is integer fen or None."""

    def parse(self, typed: str) -> int | None:
        return numbers.fen_of_wan(typed)


class NumberField(_Parsed):
    """One number; `data` is its text in half-width digits, or ""."""

    nothing = ""

    def parse(self, typed: str) -> str:
        return numbers.plain_number(typed)


class MonthField(_Parsed):
    """Year and month; `data` is "YYYY-MM" or ""."""

    nothing = ""

    def parse(self, typed: str) -> str:
        typed = numbers.half_width(typed)
        found = _MONTH.fullmatch(typed)
        if typed and not found:
            raise RuleError("month_form")
        return f"{found.group(1)}-{int(found.group(2)):02d}" if found else ""


class DayField(_Parsed):
    """A day; `data` is an ISO date or None."""

    def parse(self, typed: str) -> str | None:
        typed = numbers.half_width(typed)
        if not typed:
            return None
        found = _DAY.fullmatch(typed)
        try:
            return dt.date(*(int(part) for part in found.groups())).isoformat() if found else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self) -> str:
        raise RuleError("day_form")


def _check(field: Any, values: Sequence[Any]) -> None:
    offered = {choice.value for choice in field.iter_choices()}
    if any(value not in offered for value in values if value not in (None, "")):
        raise ValidationError(error_text("choice_unknown"))


class OneField(RadioField):
    """One answer of a short list, or none."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        _check(self, [self.data])


class PickField(SelectField):
    """One answer of a long list, or none."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        _check(self, [self.data])


class ManyField(SelectMultipleField):
    """Several answers of a list, as checkboxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        _check(self, self.data or [])


def words_as_choices(words: Mapping[str, LazyString], *, blank: LazyString | None = None) -> list[SelectChoice]:
    """A closed word list as choices, with an empty answer before it when asked."""
    choices = [SelectChoice(value, word) for value, word in words.items()]
    return [SelectChoice("", blank), *choices] if blank is not None else choices


class Row(PartForm):
    """One row of a repeated group. A row in which nothing was typed does not count."""

    def has_input(self) -> bool:
        """Was anything typed? Choices alone do not make a row."""
        typed = (f.raw_data[0] if f.raw_data else "" for f in self if not isinstance(f, (SelectField, RadioField, BooleanField)))
        return any(isinstance(value, str) and value.strip() for value in typed)

    def content(self) -> dict[str, Any]:
        """The row as content keeps it."""
        raise NotImplementedError


def rows(row: type[Row], name: str, label: LazyString, *, description: Any = "") -> FieldList:
    """A repeated group with one empty row to begin with."""
    return FieldList(FormField(row), label, description=description, min_entries=1, max_entries=MOST_ROWS[name])


def pair_of(form: Form, name: str) -> dict[str, str]:
    """{"zh", "en"} of the two halves of a bilingual text."""
    return {lang: form[f"{name}_{lang}"].data or "" for lang in ("zh", "en")}
