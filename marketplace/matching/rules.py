"""What a match of a need with an achievement is worth: components in [0, 1], their weighted sum, and the reasons as data.

Pure. How alike the texts are comes from the search index; which pairs are compared, and in which words reasons are
told, others decide. What is not stated is neutral: it neither helps nor harms.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

from marketplace.matching.states import Reason, Verdict

NEUTRAL = 0.5
# One field of 29 is primary; the second and third are said in passing.
SHARED_FIELD_VALUE = 0.8
SAME_CHAIN_VALUE = 0.4
# By levels still missing. A proof-of-concept centre or pilot base closes two or three; five is another project.
MATURITY_GAP_VALUES = (1.0, 0.8, 0.6, 0.35, 0.2, 0.1)
CHEAPER_VALUE = 0.9
PARTLY_INSIDE_VALUE = 0.7
SAME_PROVINCE_VALUE = 0.6
OTHER_PROVINCE_VALUE = 0.3
_PROVINCE_DIGITS = 2


class Listing(Protocol):
    """What the score reads of either side; a search document has all of it. Money in fen, maturity 1 to 9."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def chains(self) -> tuple[str, ...]: ...
    @property
    def city(self) -> str: ...
    @property
    def maturity(self) -> int | None: ...
    @property
    def money_min(self) -> int | None: ...
    @property
    def money_max(self) -> int | None: ...
    @property
    def quality(self) -> float: ...


class Term(Protocol):
    """A word both texts hold, with its share of the likeness."""

    @property
    def text(self) -> str: ...
    @property
    def weight(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """The parts of one match; None: not stated on one of the sides."""

    text: float
    field: float | None = None
    maturity: float | None = None
    budget: float | None = None
    place: float | None = None
    quality: float | None = None

    def to_dict(self) -> dict[str, float | None]:
        return {name: None if value is None else round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One version of the weights. They need not sum to one; a score is divided by their sum."""

    version: int = 1
    text: float = 0.60
    field: float = 0.12
    maturity: float = 0.10
    budget: float = 0.06
    place: float = 0.05
    quality: float = 0.07

    @classmethod
    def of(cls, version: int, given: Mapping[str, float]) -> Weights:
        """Weights as an administrator stored them. Raises ValueError for an unknown name, a negative one or none at all."""
        unknown = set(given) - set(COMPONENT_NAMES)
        if unknown:
            raise ValueError(f"unknown weights: {', '.join(sorted(unknown))}")
        made = cls(version=version, **given)
        if min(made.to_dict().values()) < 0 or not sum(made.to_dict().values()):
            raise ValueError("weights must be zero or more, and not all zero")
        return made

    def to_dict(self) -> dict[str, float]:
        return {name: float(getattr(self, name)) for name in COMPONENT_NAMES}


COMPONENT_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Components))
DEFAULT_WEIGHTS = Weights()


def compare(one: Listing, other: Listing, text: float) -> Components:
    """The components of a pair, whichever side is the need; the same from both sides."""
    need, achievement = sides(one, other)
    return Components(
        text=text,
        field=field_value(need, achievement),
        maturity=maturity_value(need.maturity, achievement.maturity),
        budget=budget_value(need, achievement),
        place=place_value(need.city, achievement.city),
        quality=(need.quality + achievement.quality) / 2,
    )


def sides(one: Listing, other: Listing) -> tuple[Listing, Listing]:
    """(need, achievement)."""
    if {one.kind, other.kind} != {"need", "achievement"}:
        raise ValueError(f"{one.id} and {other.id} are no pair of a need and an achievement")
    return (one, other) if one.kind == "need" else (other, one)


def score(components: Components, weights: Weights = DEFAULT_WEIGHTS) -> float:
    """The weighted mean, what is not stated counting as neutral; in [0, 1]."""
    shares = weights.to_dict()
    values = asdict(components)
    total = sum(share * (NEUTRAL if values[name] is None else values[name]) for name, share in shares.items())
    return float(total / sum(shares.values()))


def field_value(need: Listing, achievement: Listing) -> float | None:
    """Same primary field 1, another shared field 0.8, same chain 0.4, else 0."""
    if not need.fields or not achievement.fields:
        return None
    if need.fields[0] == achievement.fields[0]:
        return 1.0
    if set(need.fields) & set(achievement.fields):
        return SHARED_FIELD_VALUE
    return SAME_CHAIN_VALUE if set(need.chains) & set(achievement.chains) else 0.0


def maturity_value(wanted: int | None, reached: int | None) -> float | None:
    """Full when the wanted level is reached or passed, less with each level missing."""
    if wanted is None or reached is None:
        return None
    return MATURITY_GAP_VALUES[min(max(wanted - reached, 0), len(MATURITY_GAP_VALUES) - 1)]


def budget_value(need: Listing, achievement: Listing) -> float | None:
    """Inside the budget 1; partly inside 0.7; cheaper than planned 0.9; dearer falls to 0 at twice the budget."""
    budget, price = _range(need), _range(achievement)
    if budget is None or price is None:
        return None
    if price[0] > budget[1]:
        return max(0.0, PARTLY_INSIDE_VALUE * (1 - (price[0] - budget[1]) / max(budget[1], 1)))
    if price[1] > budget[1]:
        return PARTLY_INSIDE_VALUE
    return CHEAPER_VALUE if price[1] < budget[0] else 1.0


def _range(listing: Listing) -> tuple[int, int] | None:
    low, high = listing.money_min, listing.money_max
    if low is None and high is None:
        return None
    # One stated end of a budget is its ceiling, one stated end of a price its amount.
    if low is None or high is None:
        end = high if high is not None else low or 0
        return (0 if listing.kind == "need" else end, end)
    return min(low, high), max(low, high)


def place_value(city: str, other: str) -> float | None:
    """Same city 1, same province 0.6, else 0.3: nearness helps, distance does not forbid."""
    if not city or not other:
        return None
    if city == other:
        return 1.0
    return SAME_PROVINCE_VALUE if city[:_PROVINCE_DIGITS] == other[:_PROVINCE_DIGITS] else OTHER_PROVINCE_VALUE


# -- reasons: codes and parameters; the page words them --------------------------------------------------------------


class Code(enum.StrEnum):
    """Everything a match can say about itself. Parameters stand behind each."""

    SHARED_TERMS = "shared_terms"  # terms: [{text, weight}]
    SIMILAR_MEANING = "similar_meaning"
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


def reasons(one: Listing, other: Listing, shared: Sequence[Term]) -> tuple[MatchReason, ...]:
    """Why the pair matches or does not, one reason for each component but quality, in the order of the components."""
    need, achievement = sides(one, other)
    return (
        _text_reason(shared),
        _field_reason(need, achievement),
        _maturity_reason(need.maturity, achievement.maturity),
        MatchReason("budget", _budget_code(need, achievement), {}),
        _place_reason(need.city, achievement.city),
    )


def _text_reason(shared: Sequence[Term]) -> MatchReason:
    if not shared:
        return MatchReason("text", Code.SIMILAR_MEANING, {})
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
    budget, price = _range(need), _range(achievement)
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
    same = city[:_PROVINCE_DIGITS] == other[:_PROVINCE_DIGITS]
    return MatchReason("place", Code.SAME_PROVINCE if same else Code.OTHER_PROVINCE, {})


# -- what people answered --------------------------------------------------------------------------------------------

# "Not relevant because of the field" makes the field count more for this need, at most threefold after many answers.
ANSWER_FACTOR = 1.5
ANSWER_CEILING = 3.0
# A pair people confirmed moves three quarters of the way to certain, one they refused keeps a quarter.
ANSWER_SHARE = 0.25
_COMPONENT_OF = {Reason.FIELD: "field", Reason.MATURITY: "maturity", Reason.PRICE: "budget", Reason.PLACE: "place"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said about one counterpart, by its document id."""

    id: str
    verdict: Verdict
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """One counterpart with its components, its score, and what people answered about it."""

    id: str
    components: Components
    score: float
    verdict: Verdict | None = None


def weights_after(answers: Sequence[Answer], weights: Weights = DEFAULT_WEIGHTS) -> Weights:
    """The weights for one listing, after what was answered about its matches. The version stays: it names the formula."""
    named = weights.to_dict()
    for name in COMPONENT_NAMES:
        times = sum(1 for answer in answers if answer.reason is not None and _COMPONENT_OF.get(answer.reason) == name)
        named[name] *= min(ANSWER_FACTOR**times, ANSWER_CEILING)
    return Weights(version=weights.version, **named)


def rank(
    pairs: Iterable[tuple[str, Components]], answers: Sequence[Answer] = (), weights: Weights = DEFAULT_WEIGHTS
) -> tuple[Scored, ...]:
    """Best first, equal scores by id; answers count at once."""
    own = weights_after(answers, weights)
    verdicts = {answer.id: answer.verdict for answer in answers}
    scored = (_scored(listing, components, own, verdicts.get(listing)) for listing, components in pairs)
    return tuple(sorted(scored, key=lambda one: (-round(one.score, 6), one.id)))


def _scored(listing: str, components: Components, weights: Weights, verdict: Verdict | None) -> Scored:
    value = score(components, weights)
    if verdict is Verdict.RELEVANT:
        value = 1 - (1 - value) * ANSWER_SHARE
    elif verdict is Verdict.NOT_RELEVANT:
        value *= ANSWER_SHARE
    return Scored(listing, components, value, verdict)
