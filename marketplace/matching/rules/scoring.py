"""The components of a match in [0, 1] and their weighted sum. What is not stated is neutral: it neither helps nor harms.

How alike the texts are comes from the search index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Protocol

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
PROVINCE_DIGITS = 2


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
# Of weights or of components. `asdict` takes six times as long, and a need is scored against four hundred listings.
_in_order = attrgetter(*COMPONENT_NAMES)
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
    shares = _in_order(weights)
    total = sum(share * (NEUTRAL if value is None else value) for share, value in zip(shares, _in_order(components), strict=True))
    return float(total / sum(shares))


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
    budget, price = stated_range(need), stated_range(achievement)
    if budget is None or price is None:
        return None
    if price[0] > budget[1]:
        return max(0.0, PARTLY_INSIDE_VALUE * (1 - (price[0] - budget[1]) / max(budget[1], 1)))
    if price[1] > budget[1]:
        return PARTLY_INSIDE_VALUE
    return CHEAPER_VALUE if price[1] < budget[0] else 1.0


def stated_range(listing: Listing) -> tuple[int, int] | None:
    """Budget or price from its lower to its upper end; None when neither is stated."""
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
    return SAME_PROVINCE_VALUE if city[:PROVINCE_DIGITS] == other[:PROVINCE_DIGITS] else OTHER_PROVINCE_VALUE
