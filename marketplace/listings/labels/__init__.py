"""Words for listings: closed lists, fields, problems, quality, errors; and content told as facts in the reader's language."""

from __future__ import annotations

from marketplace.core.labels import register_errors
from marketplace.listings.labels.facts import Change, Fact, Text, changes, facts, number_text, wanted_amount
from marketplace.listings.labels.problems import ERRORS, problem_text
from marketplace.listings.labels.quality import quality_text
from marketplace.listings.labels.units import amount
from marketplace.listings.labels.words import (
    AUDIENCES,
    CATEGORIES,
    COMPARISONS,
    CONFIRMED_BY,
    FIELDS,
    FIRST_KINDS,
    FORMS,
    IP_KINDS,
    IP_STATUSES,
    KINDS,
    LEVELS,
    MODES,
    NATURES,
    SECTIONS,
    STAGES,
    STATE_SIGNS,
    STATES,
    STEPS,
    VIEWERS,
    WAITING,
    word,
)

register_errors(ERRORS)

__all__ = [
    "AUDIENCES",
    "CATEGORIES",
    "COMPARISONS",
    "CONFIRMED_BY",
    "FIELDS",
    "FIRST_KINDS",
    "FORMS",
    "IP_KINDS",
    "IP_STATUSES",
    "KINDS",
    "LEVELS",
    "MODES",
    "NATURES",
    "SECTIONS",
    "STAGES",
    "STATES",
    "STATE_SIGNS",
    "STEPS",
    "VIEWERS",
    "WAITING",
    "Change",
    "Fact",
    "Text",
    "amount",
    "changes",
    "facts",
    "number_text",
    "problem_text",
    "quality_text",
    "wanted_amount",
    "word",
]
