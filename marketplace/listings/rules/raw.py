"""Content as form values by section: how a draft begins from a shown listing, an older revision or a copy.

The inverse, reading typed values into content, is forms.reading; a test walks the circle.
"""

from __future__ import annotations

from typing import Any

from marketplace.listings.rules import numbers
from marketplace.listings.rules.content import SECTIONS, Content
from marketplace.listings.states import ListingKind

# One section of a draft: each form field's values as typed, as a browser sends them.
Values = dict[str, list[str]]
Draft = dict[str, Values]
_MONEY = frozenset({"money_min", "money_max"})


def draft_of(kind: ListingKind, content: Content) -> Draft:
    """All sections of a draft that says exactly what `content` says."""
    return {section: _section(content, names) for section, names in SECTIONS[kind].items()}


def _section(content: Content, names: tuple[str, ...]) -> Values:
    values: Values = {}
    for name in names:
        values.update(_values(name, content[name]))
    return {name: texts for name, texts in values.items() if any(texts)}


def _values(name: str, value: Any) -> Values:
    if name == "fields":
        return {f"field_{position}": [code] for position, code in enumerate(value, 1)}
    if name == "keywords":
        return {f"keywords_{lang}": ["、".join(words) if lang == "zh" else ", ".join(words)] for lang, words in value.items()}
    if name in _MONEY:
        return {name: [numbers.wan_of_fen(value)]}
    if isinstance(value, dict):
        return {f"{name}_{lang}": [text] for lang, text in value.items()}
    if isinstance(value, list):
        return {name: list(value)} if not value or isinstance(value[0], str) else _rows(name, value)
    return {name: [_typed(value)]} if value not in (None, "", False) else {}


def _rows(name: str, rows: list[dict[str, Any]]) -> Values:
    values: Values = {}
    for position, row in enumerate(rows):
        for part, value in row.items():
            if name == "attachments" and part == "name":
                continue  # the name belongs to the file, not to what is typed
            prefix = f"{name}-{position}-{part}"
            if isinstance(value, dict):
                values.update({f"{prefix}_{lang}": [text] for lang, text in value.items()})
            elif value not in (None, False):
                values[prefix] = [_typed(value)]
    return values


def _typed(value: Any) -> str:
    return "y" if value is True else str(value)
