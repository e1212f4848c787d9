"""Why a pair matches or does not, as codes with parameters; the page words them."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marketplace.matching.rules.scoring import PROVINCE_DIGITS, Listing, sides, stated_range


class Term(Protocol):
    """A word both texts hold, with its share of the likeness."""

    @property
    def text(self) -> str: ...
    @property
    def weight(self) -> float: ...


class Code(enum.StrEnum):
    """Everything a match can say about itself. Parameters stand behind each."""

    SHARED_TERMS = "shared_terms"  # terms: [{text, weight}]
    SIMILAR_MEANING = "similar_meaning"
    FEW_SHARED_WORDS = "few_shared_words"
    SAME_FIELD = "same_field"  # field
    SHARED_FIELD = "shared_field"  # field
    SAME_CHAIN = "same_chain"  # chain
    OTHER_FIELD = "other_field"
    FIELD_NOT_STATED = "field_not_stated"
    MATURITY_REACHED = "maturity_reached"  # have, wanted
    MATURITY_GAP = "maturity_gap"  # have, wanted
    MATURITY_NOT_STATED = "maturity_not_stated"
    BUDGET_INSIDE = "budget_inside"
    BUDGET_PARTLY = "budget_partly"
    BUDGET_OVER = "budget_over"
    BUDGET_UNDER = "budget_under"
    BUDGET_NOT_STATED = "budget_not_stated"
    SAME_CITY = "same_city"  # city
    SAME_PROVINCE = "same_province"
    OTHER_PROVINCE = "other_province"
    PLACE_NOT_STATED = "place_not_stated"


@dataclass(frozen=True, slots=True)
class MatchReason:
    """One reason: its component, a code, and the parameters a sentence needs."""

    component: str
    code: Code
    params: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return {"component": self.component, "code": str(self.code), "params": dict(self.params)}


def reasons(one: Listing, other: Listing, shared: Sequence[Term], *, by_meaning: bool = True) -> tuple[MatchReason, ...]:
    """Why the pair matches or does not, one reason for each component but quality, in the order of the components.

    `by_meaning`: without shared words it is the meaning (vectors) that holds the pair, not a few characters.
    """
    need, achievement = sides(one, other)
    return (
        _text_reason(shared, by_meaning=by_meaning),
        _field_reason(need, achievement),
        _maturity_reason(need.maturity, achievement.maturity),
        MatchReason("budget", _budget_code(need, achievement), {}),
        _place_reason(need.city, achievement.city),
    )


def _text_reason(shared: Sequence[Term], *, by_meaning: bool) -> MatchReason:
    if not shared:
        return MatchReason("text", Code.SIMILAR_MEANING if by_meaning else Code.FEW_SHARED_WORDS, {})
    return MatchReason("text", Code.SHARED_TERMS, {"terms": [{"text": t.text, "weight": t.weight} for t in shared]})


def _field_reason(need: Listing, achievement: Listing) -> MatchReason:
    if not need.fields or not achievement.fields:
        return MatchReason("field", Code.FIELD_NOT_STATED, {})
    if need.fields[0] == achievement.fields[0]:
        return MatchReason("field", Code.SAME_FIELD, {"field": need.fields[0]})
    if common := [code for code in need.fields if code in achievement.fields]:
        return MatchReason("field", Code.SHARED_FIELD, {"field": common[0]})
    if common := [code for code in need.chains if code in achievement.chains]:
        return MatchReason("field", Code.SAME_CHAIN, {"chain": common[0]})
    return MatchReason("field", Code.OTHER_FIELD, {})


def _maturity_reason(wanted: int | None, reached: int | None) -> MatchReason:
    if wanted is None or reached is None:
        return MatchReason("maturity", Code.MATURITY_NOT_STATED, {})
    code = Code.MATURITY_REACHED if reached >= wanted else Code.MATURITY_GAP
    return MatchReason("maturity", code, {"have": reached, "wanted": wanted})


def _budget_code(need: Listing, achievement: Listing) -> Code:
    budget, price = stated_range(need), stated_range(achievement)
    if budget is None or price is None:
        return Code.BUDGET_NOT_STATED
    if price[0] > budget[1]:
        return Code.BUDGET_OVER
    if price[1] > budget[1]:
        return Code.BUDGET_PARTLY
    return Code.BUDGET_UNDER if price[1] < budget[0] else Code.BUDGET_INSIDE


def _place_reason(city: str, other: str) -> MatchReason:
    if not city or not other:
        return MatchReason("place", Code.PLACE_NOT_STATED, {})
    if city == other:
        return MatchReason("place", Code.SAME_CITY, {"city": city})
    same = city[:PROVINCE_DIGITS] == other[:PROVINCE_DIGITS]
    return MatchReason("place", Code.SAME_PROVINCE if same else Code.OTHER_PROVINCE, {})
