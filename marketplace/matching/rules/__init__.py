"""What a match of a need with an achievement is worth, why, and what people's answers change. Pure.

Which pairs are compared, and in which words reasons are told, others decide.
"""

from marketplace.matching.rules.answers import ANSWER_CEILING, ANSWER_FACTOR, ANSWER_SHARE, Answer, Scored, rank, weights_after
from marketplace.matching.rules.scoring import (
    COMPONENT_NAMES,
    DEFAULT_WEIGHTS,
    NEUTRAL,
    Components,
    Listing,
    Weights,
    budget_value,
    compare,
    field_value,
    maturity_value,
    place_value,
    score,
    sides,
)
from marketplace.matching.rules.telling import Code, MatchReason, Term, reasons

__all__ = [
    "ANSWER_CEILING",
    "ANSWER_FACTOR",
    "ANSWER_SHARE",
    "COMPONENT_NAMES",
    "DEFAULT_WEIGHTS",
    "NEUTRAL",
    "Answer",
    "Code",
    "Components",
    "Listing",
    "MatchReason",
    "Scored",
    "Term",
    "Weights",
    "budget_value",
    "compare",
    "field_value",
    "maturity_value",
    "place_value",
    "rank",
    "reasons",
    "score",
    "sides",
    "weights_after",
]
