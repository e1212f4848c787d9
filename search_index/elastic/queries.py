"""Translates the neutral query tree of `plan` into Elasticsearch's, node by node. It decides nothing.

Filters score nothing there as well: what is worth nothing goes into filter context, which the server may keep.
"""

from typing import Any, Final

from search_index.plan import (
    AtLeast,
    Below,
    Best,
    Bool,
    Everything,
    Node,
    Nothing,
    OneOf,
    Prefix,
    Scaled,
    Term,
    Worth,
)

Query = dict[str, Any]
_NUMBERS: Final = frozenset({"owner_org", "seq"})


def translate(node: Node) -> Query:
    """The query of a node and all beneath it."""
    match node:
        case Nothing():
            return {"match_none": {}}
        case Term(field, value, boost):
            return {"term": {field: {"value": value, "boost": boost}}}
        case Everything() | OneOf() | Prefix() | AtLeast() | Below():
            return _constant(_filter(node), 0.0)
        case Bool():
            return _bool(node)
        case _:
            return _wrapped(node)


def _wrapped(node: Worth | Scaled | Best) -> Query:
    match node:
        case Worth(part, score):
            return _constant(as_filter(part), score)
        case Scaled(part, factor):
            return {"bool": {"must": [translate(part)], "boost": factor}}
        case Best(parts):
            return {"dis_max": {"queries": [translate(part) for part in parts]}}


def as_filter(node: Node) -> Query:
    """The same for a place where scores do not count."""
    match node:
        case Everything() | OneOf() | Prefix() | AtLeast() | Below():
            return _filter(node)
        case Worth(part, _) | Scaled(part, _):
            return as_filter(part)
        case _:
            return translate(node)


def _filter(node: Everything | OneOf | Prefix | AtLeast | Below) -> Query:
    match node:
        case Everything():
            return {"match_all": {}}
        case Prefix(field, start):
            return {"prefix": {field: {"value": start}}}
        case AtLeast(field, low):
            return {"range": {field: {"gte": low}}}
        case Below(field, high):
            return {"range": {field: {"lt": high}}}
        case OneOf(field, values):
            return {"terms": {field: [int(value) if field in _NUMBERS else str(value) for value in values]}}


def _constant(query: Query, score: float) -> Query:
    return {"constant_score": {"filter": query, "boost": score}}


def _bool(node: Bool) -> Query:
    free = [part for part in node.must if _scores_nothing(part)]
    scored = [part for part in node.must if not _scores_nothing(part)]
    found: dict[str, Any] = {
        "must": [translate(part) for part in scored],
        "filter": [as_filter(part) for part in free],
        "should": [translate(part) for part in node.should],
        "must_not": [as_filter(part) for part in node.never],
    }
    query = {name: parts for name, parts in found.items() if parts}
    if node.should:
        query["minimum_should_match"] = node.minimum or (0 if node.must else 1)
    return {"bool": query}


def _scores_nothing(node: Node) -> bool:
    match node:
        case Everything() | OneOf() | Prefix() | AtLeast() | Below() | Worth(_, 0.0):
            return True
        case _:
            return False
