"""What the home page and the page about ranking show, read from the other features' queries; no figures of its own.

Counts and lists are kept for two seconds, as long as a change may take to be found; what costs more (how the whole
market answers, one good match) for two minutes, and a kept match is shown only while both sides are on show.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from marketplace.core import clock
from marketplace.core.policy import ANONYMOUS
from marketplace.deals import queries as deals
from marketplace.deals.rules import ResponseFigures
from marketplace.listings import queries as listings
from marketplace.listings.queries import Card, Counts
from marketplace.listings.states import ListingKind
from marketplace.matching import queries as matching
from marketplace.matching.queries import Matches

T = TypeVar("T")
NEWEST = 5
TRIED = 10
GOOD_SCORE = 0.5
FACTS_SECONDS = 2.0
SLOW_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Home:
    """What everybody sees on the first page; the same for all visitors."""

    counts: Counts
    by_field: dict[str, Counts] = field(default_factory=dict)
    achievements: tuple[Card, ...] = ()
    needs: tuple[Card, ...] = ()
    response: ResponseFigures | None = None
    pair: tuple[Card, Matches] | None = None


_kept: dict[str, tuple[float, Any]] = {}


def _keep(name: str, seconds: float, read: Callable[[], T]) -> T:
    found = _kept.get(name)
    if found is None or time.monotonic() - found[0] > seconds:
        found = (time.monotonic(), read())
        _kept[name] = found
    value: T = found[1]
    return value


def forget() -> None:
    """Read everything anew at the next call."""
    _kept.clear()


def home() -> Home:
    """Counts, the newest of each kind that the public may see, how the market answers, and one match with its reasons."""
    return _keep("home", FACTS_SECONDS, _read_home)


def _read_home() -> Home:
    needs = tuple(listings.newest(ListingKind.NEED, ANONYMOUS, TRIED))
    pair = _keep("pair", SLOW_SECONDS, lambda: _good_match(needs, clock.now()))
    return Home(
        counts=listings.counts(),
        by_field=listings.counts_by_field(),
        achievements=tuple(listings.newest(ListingKind.ACHIEVEMENT, ANONYMOUS, NEWEST)),
        needs=needs[:NEWEST],
        response=_keep("response", SLOW_SECONDS, deals.market_figures),
        pair=pair if pair is not None and _is_on_show(pair) else None,
    )


def _good_match(needs: tuple[Card, ...], now: dt.datetime) -> tuple[Card, Matches] | None:
    """The best match among the newest needs; None when none is good or the engine cannot answer."""
    best: tuple[Card, Matches] | None = None
    for card in needs:
        need = listings.listing(card.id)
        found = matching.matches_of(need, ANONYMOUS, now, limit=1) if need is not None else None
        if found and found.items and found.items[0].score > (best[1].items[0].score if best else GOOD_SCORE):
            best = (card, found)
    return best


def _is_on_show(pair: tuple[Card, Matches]) -> bool:
    need, found = pair
    return len(listings.cards([need.id, found.items[0].card.id], ANONYMOUS)) == len(pair)
