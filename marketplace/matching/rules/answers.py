"""What people answered to the matches of one listing, and how it re-ranks them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from marketplace.matching.rules.scoring import COMPONENT_NAMES, DEFAULT_WEIGHTS, Components, Weights, score
from marketplace.matching.states import Reason, Verdict

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
