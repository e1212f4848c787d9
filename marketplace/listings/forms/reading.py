"""Reading a draft: typed values into forms, forms into content, problems of the content back onto their fields."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FieldList

from marketplace.listings import queries
from marketplace.listings.forms import achievement, need
from marketplace.listings.forms.sections import Section
from marketplace.listings.labels import problem_text
from marketplace.listings.models import Attachment
from marketplace.listings.rules import content as contents
from marketplace.listings.rules.content import MOST_ROWS, Content
from marketplace.listings.rules.raw import Draft, Values
from marketplace.listings.states import ListingKind

_FORMS: dict[ListingKind, dict[str, type[Section]]] = {
    ListingKind.ACHIEVEMENT: {form.section: form for form in achievement.FORMS},
    ListingKind.NEED: {form.section: form for form in need.FORMS},
}
_ROW_NAME = re.compile(r"([a-z]+)-(\d{1,3})-([a-z_]+)")
# Old browsers and slow hands may send a row or two more than allowed; the rule then says so.
_SPARE_ROWS = 5


def form_class(kind: ListingKind, section: str) -> type[Section] | None:
    """The form of a section, or None when this kind has no such section."""
    return _FORMS[kind].get(section)


def values_of(form: type[Section], typed: MultiDict[str, str], *, keep_blank_rows: bool = False) -> Values:
    """What a browser sent for the fields of `form`, and nothing else: unknown names are dropped, blanks left out, line
    ends made one kind, and rows numbered without gaps."""
    bare = form(MultiDict())
    plain = {name for name, field in bare._fields.items() if not isinstance(field, FieldList)}
    groups = {name: field.entries[0].form for name, field in bare._fields.items() if isinstance(field, FieldList)}
    kept: Values = {}
    grouped: dict[str, dict[int, Values]] = {}  # group, row as numbered by the browser, parts of the row
    for name in typed:
        texts = [text.replace("\r\n", "\n") for text in typed.getlist(name)]
        found = _ROW_NAME.fullmatch(name)
        if name in plain and any(text.strip() for text in texts):
            kept[name] = texts
        elif found and found.group(1) in groups and found.group(3) in groups[found.group(1)]:
            grouped.setdefault(found.group(1), {}).setdefault(int(found.group(2)), {})[found.group(3)] = texts
    for group, rows in grouped.items():
        ordered = [row for _, row in sorted(rows.items())][: MOST_ROWS[group] + _SPARE_ROWS]
        row_class = type(groups[group])
        filled = [row for row in ordered if keep_blank_rows or row_class(MultiDict(_pairs(row))).has_input()]
        kept.update({f"{group}-{i}-{part}": texts for i, row in enumerate(filled) for part, texts in _typed(row).items()})
    return kept


def _typed(row: Values) -> Values:
    """The parts of a row that hold something; a blank row as it is (somebody has just added it)."""
    return {part: texts for part, texts in row.items() if any(text.strip() for text in texts)} or row


@dataclass(frozen=True, slots=True)
class Reading:
    """A draft as read: its content, and its forms with every problem at its field."""

    kind: ListingKind
    content: Content
    forms: Mapping[str, Section]

    def has_errors(self, section: str) -> bool:
        """Does this section keep the listing from being shown?"""
        return bool(self.forms[section].errors)

    @property
    def wrong_sections(self) -> list[str]:
        return [section for section, form in self.forms.items() if form.errors]

    @property
    def is_complete(self) -> bool:
        return not self.wrong_sections


def read(kind: ListingKind, data: Draft, *, files: Iterable[Attachment], today: dt.date) -> Reading:
    """Read all sections of a draft. `files` are the listing's own attachments: others are not taken."""
    forms = {section: form(MultiDict(_pairs(data.get(section, {})))) for section, form in _FORMS[kind].items()}
    content = contents.empty(kind)
    for form in forms.values():
        form.validate()
        content |= form.content()
    content["attachments"] = _own_files(content["attachments"], files)
    reading = Reading(kind, content, forms)
    for problem in contents.problems(kind, content, known=queries.known(), today=today):
        section = contents.section_of(kind, problem.name)
        forms[section].hang(problem, problem_text(problem))
    return reading


def _pairs(values: Values) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in values.items() for text in texts]


def _own_files(rows: list[dict[str, Any]], files: Iterable[Attachment]) -> list[dict[str, Any]]:
    names = {attachment.id: attachment.name for attachment in files}
    seen = {row["id"]: {**row, "name": names[row["id"]]} for row in rows if row["id"] in names}
    return [{key: row[key] for key in ("id", "name", "note", "tier")} for row in seen.values()]
