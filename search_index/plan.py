"""Turns a question into a query tree that belongs to no engine; each engine only translates the nodes.

It decides what matches and how much each kind of hit is worth, so two engines with the same BM25 give the same order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from search_index import tokens
from search_index.documents import KINDS
from search_index.requests import (
    MAX_QUERY_TERMS,
    SCOPE_FIELDS,
    AllOf,
    AnyOf,
    InvalidSearch,
    Scope,
    SearchRequest,
    Terms,
)

_TITLE_BOOST: Final = 2.5
_SYNONYM_WORTH: Final = 0.8
# Constant scores: a substring hit the segmenter missed is worth little, a typed sound about as much as a rare word.
_PAIRS_WORTH: Final = 0.5
_PINYIN_WORTH: Final = 4.0
_LONGEST_SYNONYM: Final = 4
_SHARE_NEEDED: Final = 0.2
# A word of about the average rarity of the query or more stands for the query by itself; a commoner one does not.
_TELLING: Final = 0.9
NEVER: Final = (1 << 40) - 1


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches each listing, scores nothing."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Matches no listing."""


@dataclass(frozen=True, slots=True)
class Term:
    """Scored by BM25 in a text field."""

    field: str
    value: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class OneOf:
    """A filter: the field holds one of the values. Scores nothing."""

    field: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A filter on a text field: it holds a token that begins so. Scores nothing."""

    field: str
    start: str


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A filter on a number: from `low` upwards. Scores nothing."""

    field: str
    low: int


@dataclass(frozen=True, slots=True)
class Below:
    """A filter on a number: under `high`. Scores nothing."""

    field: str
    high: int


@dataclass(frozen=True, slots=True)
class Worth:
    """Whatever matches inside scores exactly this."""

    part: "Node"
    score: float


@dataclass(frozen=True, slots=True)
class Best:
    """The best of its parts."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Bool:
    """All of `must`, at least `minimum` of `should` (0: they only add to the score), none of `never`."""

    must: tuple["Node", ...] = ()
    should: tuple["Node", ...] = ()
    never: tuple["Node", ...] = ()
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Scaled:
    """The part's score times a factor."""

    part: "Node"
    factor: float


Node = Everything | Nothing | Term | OneOf | Prefix | AtLeast | Below | Worth | Best | Bool | Scaled


@dataclass(frozen=True, slots=True)
class Plan:
    """A search, taken apart: what is scored, what always filters, and each chosen facet by itself."""

    scored: Node
    base: tuple[Node, ...]
    chosen: Mapping[str, Node]
    terms: tuple[str, ...]
    is_query: bool
    words: tuple[Node, ...] = ()

    def relaxed(self) -> "Plan":
        """The same with one word enough."""
        return replace(self, scored=Bool(should=self.words, minimum=1))

    def matching(self, *, without: str | None = None) -> Node:
        """Everything that must hold, optionally with one facet let go."""
        filters = tuple(Worth(node, 0.0) for name, node in self.chosen.items() if name != without)
        return Bool(must=(self.scored, *(Worth(node, 0.0) for node in self.base), *filters))


def plan_search(request: SearchRequest, weight: Callable[[tokens.Unit], float]) -> Plan:
    """The tree for a search page. `weight` is a word's rarity, 0 when no listing holds it.

    Raises InvalidSearch when the request is outside its limits.
    """
    request.check()
    found = tokens.units(request.query)
    if len(found) > MAX_QUERY_TERMS:
        raise InvalidSearch("too_many_terms", limit=MAX_QUERY_TERMS)
    is_blank = not found and not tokens.normalise(request.query).strip()
    words = _words(found, _synonyms(request), weight)
    parts = tuple(node for node, _ in words)
    return Plan(
        scored=Everything() if is_blank else _enough(parts, tuple(rarity for _, rarity in words)),
        base=base_filters(request.scope, request.open_at),
        chosen={name: OneOf(name, values) for name, values in request.filters},
        terms=tuple(dict.fromkeys(t for unit in found for t in (unit.surface, *unit.must, *unit.extra))),
        is_query=not is_blank,
        words=parts if len(parts) > 1 else (),
    )


def base_filters(scope: Scope, open_at: int | None) -> tuple[Node, ...]:
    """What holds for any question: the visibility scope, and nothing that closed before `open_at`."""
    parts: list[Node] = [scope_node(scope)]
    if open_at is not None:
        parts.append(AtLeast("closes_at", open_at))
    return tuple(parts)


def scope_node(scope: Scope) -> Node:
    """A visibility filter as a node. An unknown field is refused: a misspelt rule must not widen what is seen."""
    match scope:
        case AllOf(parts):
            return Bool(must=tuple(scope_node(part) for part in parts)) if parts else Everything()
        case AnyOf(parts):
            return Bool(should=tuple(scope_node(part) for part in parts), minimum=1) if parts else Nothing()
        case Terms(name, values):
            if name not in SCOPE_FIELDS:
                raise InvalidSearch("unknown_field", field=name)
            return OneOf(name, values) if values else Nothing()


def _synonyms(request: SearchRequest) -> dict[str, tuple[str, ...]]:
    return {_joined(tokens.units(word)): equals for word, equals in request.synonyms}


def _joined(found: tuple[tokens.Unit, ...]) -> str:
    return " ".join(unit.surface for unit in found)


def _words(
    found: tuple[tokens.Unit, ...], synonyms: Mapping[str, tuple[str, ...]], weight: Callable[[tokens.Unit], float]
) -> list[tuple[Node, float]]:
    """Each word, or run of words that has synonyms, with its rarity."""
    parts: list[tuple[Node, float]] = []
    at = 0
    while at < len(found):
        length, equals = _longest(found[at:], synonyms)
        run = found[at : at + length]
        parts.append((_phrase(run, equals), max(weight(unit) for unit in run)))
        at += length
    return parts


def _longest(found: tuple[tokens.Unit, ...], synonyms: Mapping[str, tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
    for length in range(min(_LONGEST_SYNONYM, len(found)), 0, -1):
        if equals := synonyms.get(_joined(found[:length])):
            return length, equals
    return 1, ()


def _enough(parts: tuple[Node, ...], weights: tuple[float, ...]) -> Node:
    """Two words: both. More: any two (a fifth of a long sentence), or one so rare that it tells what is meant.

    Words no listing holds (weight 0) are not counted, else one strange word would decide.
    """
    if len(parts) <= 2:
        return parts[0] if len(parts) == 1 else Bool(should=parts, minimum=2) if parts else Nothing()
    known = [weight for weight in weights if weight > 0]
    some = Bool(should=parts, minimum=max(1, min(len(known), max(2, round(len(known) * _SHARE_NEEDED)))))
    limit = _TELLING * sum(known) / max(len(known), 1)
    telling = tuple(part for part, rarity in zip(parts, weights, strict=True) if rarity and rarity >= limit)
    return Bool(must=(Worth(Bool(should=(some, *telling), minimum=1), 0.0),), should=parts)


def _phrase(found: tuple[tokens.Unit, ...], equals: tuple[str, ...]) -> Node:
    typed = _all_of(found)
    if not equals:
        return typed
    others = tuple(Scaled(_all_of(other), _SYNONYM_WORTH) for word in equals if (other := tokens.units(word)))
    return Best((typed, *others))


def _all_of(found: tuple[tokens.Unit, ...]) -> Node:
    return unit_node(found[0]) if len(found) == 1 else Bool(must=tuple(unit_node(unit) for unit in found))


@lru_cache(maxsize=2_000)
def unit_node(unit: tokens.Unit) -> Node:
    """One typed word: by its tokens, by its bare characters where a text splits it elsewhere, or by its sound."""
    by_token = Bool(
        must=tuple(Term("text", token) for token in unit.must),
        should=(
            *(Term("title", token, _TITLE_BOOST) for token in (*unit.must, *unit.extra)),
            *(Term("text", token) for token in unit.extra),
        ),
    )
    ways: list[Node] = [by_token]
    if unit.pairs:
        ways.append(Worth(Bool(must=tuple(Term("pairs", pair) for pair in unit.pairs)), _PAIRS_WORTH))
    if unit.pinyin:
        ways.append(Worth(Term("pinyin", unit.pinyin), _PINYIN_WORTH))
    return by_token if len(ways) == 1 else Best(tuple(ways))


def counterpart_filters(*, kind: str, scope: Scope, owner_org: int, open_at: int | None) -> tuple[Node, ...]:
    """Hard conditions for a counterpart: the other kind, visible, open, and not of the same organisation."""
    if kind not in KINDS:
        raise InvalidSearch("unknown_kind", kind=kind)
    apart: tuple[Node, ...] = (Bool(must=(Everything(),), never=(OneOf("owner_org", (owner_org,)),)),) if owner_org else ()
    return (OneOf("kind", (kind,)), *base_filters(scope, open_at), *apart)
