"""The few primitive questions from which every answer is built, and so the only ones an engine must know for reading.

Search pages, recall, completions and help are made of these in `paging`, `recall` and `completing`, once for all engines.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from search_index.documents import ListingDocument
from search_index.frequencies import FrequencyTable
from search_index.plan import Node, Plan
from search_index.requests import SearchRequest
from search_index.spelling import Near

# Scores are compared rounded, ties go by id; so many hits beyond the page are read to see where a tie ends.
SCORE_DIGITS: Final = 4
BEYOND: Final = 16
_TIE_LIMIT: Final = 8192
# More values than any facet has.
FACET_VALUES: Final = 200

Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The first `limit` listings a node matches: by score, equal scores by id; or the freshest."""

    node: Node
    limit: int
    freshest: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: how many there are, hits with their scores, and each facet with the other filters applied."""

    total: int
    ranked: Sequence[tuple[float, ListingDocument]]
    next_cursor: str | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Reading(Protocol):
    """One state of an index, as far as an engine can hold one."""

    @property
    def table(self) -> FrequencyTable: ...

    def page(self, plan: Plan, request: SearchRequest) -> Page:
        """A page of the plan in the request's order, with the facets the request names. Raises InvalidSearch."""
        ...

    def totals(self, nodes: Sequence[Node]) -> list[int]:
        """How many listings each node matches."""
        ...

    def top(self, wanted: Sequence[Wanted], limit: int) -> list[ListingDocument]:
        """At most `limit` distinct listings: those of the first wish, then what the next ones add."""
        ...

    def completions(self, typed: str, shown: Node, limit: int) -> list[tuple[str, int]]:
        """Terms of the field `keyword` beginning with `typed`, most listings of `shown` first, then by the alphabet."""
        ...

    def near(self, word: str) -> list[Near]:
        """Words of titles and keywords within a slip or two of this one, likeliest first, as `spelling.near` has it."""
        ...


def settled(read: Callable[[int], list[tuple[float, int, Place]]], end: int) -> list[tuple[float, Place]]:
    """The first `end` places by rounded score, then by sequence number; `read` gives so many (score, number, place).

    A tie across the end is read to its end, so that pages never overlap and no engine's own order shows.
    """
    wanted = end + BEYOND
    while True:
        found = [(round(score, SCORE_DIGITS), seq, place) for score, seq, place in read(wanted)]
        if len(found) <= end or len(found) < wanted or found[end - 1][0] != found[-1][0] or wanted >= _TIE_LIMIT:
            break
        wanted *= 4
    ordered = sorted(found, key=lambda item: (-item[0], item[1]))
    return [(score, place) for score, _, place in ordered[:end]]
