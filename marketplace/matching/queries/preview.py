"""What other weights would do: the newest open needs, ranked under the weights in force and under those proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.core.policy import ANONYMOUS
from marketplace.core.types import Bilingual
from marketplace.listings import queries as listings
from marketplace.listings import search_docs
from marketplace.listings.states import ListingKind
from marketplace.matching import rules
from marketplace.matching.queries.matches import candidates_of
from marketplace.taxonomy import queries as taxonomy

SAMPLE = 5
TOP = 5


@dataclass(frozen=True, slots=True)
class Move:
    """One achievement among the best under either weights: its places (from 1) and its scores."""

    title: Bilingual
    before: int
    after: int
    score_before: float
    score_after: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The change for one need."""

    listing_id: int
    title: Bilingual
    moves: tuple[Move, ...]

    @property
    def is_same_order(self) -> bool:
        return all(move.before == move.after for move in self.moves)


def effects(proposed: rules.Weights, in_force: rules.Weights, now: dt.datetime) -> list[Effect]:
    """The sample under both weights, public listings only. Raises EngineUnavailable."""
    sample = [card.id for card in listings.newest(ListingKind.NEED, ANONYMOUS, SAMPLE)]
    known = taxonomy.current()
    found = []
    for need in listings.listings(sample):
        pairs = candidates_of(search_docs.document(need, known), ANONYMOUS, now)
        components = [(name, parts) for name, (parts, _) in pairs.items()]
        titles = {name: Bilingual(c.document.title_zh, c.document.title_en) for name, (_, c) in pairs.items()}
        found.append(
            Effect(
                need.id, need.title, _moves(rules.rank(components, (), in_force), rules.rank(components, (), proposed), titles)
            )
        )
    return found


def _moves(before: Sequence[rules.Scored], after: Sequence[rules.Scored], titles: dict[str, Bilingual]) -> tuple[Move, ...]:
    old = {one.id: (place, one.score) for place, one in enumerate(before, 1)}
    new = {one.id: (place, one.score) for place, one in enumerate(after, 1)}
    best = dict.fromkeys([one.id for one in after[:TOP]] + [one.id for one in before[:TOP]])
    return tuple(Move(titles[name], old[name][0], new[name][0], old[name][1], new[name][1]) for name in best)
