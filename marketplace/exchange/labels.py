"""Headings of exported tables."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

COLUMNS: tuple[LazyString, ...] = (
    _l("Kind"),
    _l("Title (Chinese)"),
    _l("Title (English)"),
    _l("Organisation"),
    _l("City"),
    _l("Strategic fields"),
    _l("Maturity (a need: the wanted one)"),
    _l("Transfer modes"),
    _l("Price or budget from, yuan"),
    _l("Price or budget to, yuan"),
    _l("Published"),
    _l("Last confirmed"),
    _l("Open until"),
    _l("Address"),
)
