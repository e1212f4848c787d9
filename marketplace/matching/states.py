"""The closed lists of what people may answer to a match."""

from __future__ import annotations

import enum


class Verdict(enum.StrEnum):
    """Does this match help?"""

    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"


class Reason(enum.StrEnum):
    """Why a match does not help."""

    FIELD = "field"
    MATURITY = "maturity"
    PRICE = "price"
    PLACE = "place"
    OTHER = "other"
