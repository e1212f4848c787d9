"""What the home page and the page about ranking show, read from the other features' queries; no figures of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from marketplace.core.policy import ANONYMOUS
from marketplace.listings import queries as listings
from marketplace.listings.queries import Card, Counts
from marketplace.listings.states import ListingKind

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Home:
    """What everybody sees on the first page; the same for all visitors, so that it can be kept for some seconds."""

    counts: Counts = field(default_factory=Counts)
    by_field: dict[str, Counts] = field(default_factory=dict)
    achievements: tuple[Card, ...] = ()
    needs: tuple[Card, ...] = ()


def home() -> Home:
    """Counts, counts by field, and the newest of each kind that the public may see."""
    return Home(
        counts=listings.counts(),
        by_field=listings.counts_by_field(),
        achievements=tuple(listings.newest(ListingKind.ACHIEVEMENT, ANONYMOUS, NEWEST)),
        needs=tuple(listings.newest(ListingKind.NEED, ANONYMOUS, NEWEST)),
    )
