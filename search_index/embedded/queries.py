"""Translates the neutral query tree of `plan` into tantivy queries, node by node. It decides nothing."""

from typing import Final

import tantivy
from tantivy import FieldType, Occur, Query

from search_index.documents import AUDIENCES
from search_index.plan import AtLeast, Below, Best, Bool, Everything, Node, Nothing, OneOf, Prefix, Scaled, Term, Worth

_NUMBERS: Final = frozenset({"owner_org", "seq"})
# Measured at 50,000 and 250,000 listings: up to eight values by themselves are quicker than a set of them, or as quick.
_FEW: Final = 8


def translate(node: Node, schema: tantivy.Schema) -> Query:
    """The tantivy query of a node and all beneath it. Filters score nothing."""
    match node:
        case Everything():
            return _constant(Query.all_query())
        case Nothing():
            return Query.empty_query()
        case Term(field, value, boost):
            found = Query.term_query(schema, field, value, "freq")
            return found if boost == 1.0 else Query.boost_query(found, boost)
        case OneOf() | Prefix() | AtLeast() | Below():
            return _constant(_filter(node, schema))
        case Bool():
            return _bool(node, schema)
        case _:
            return _wrapped(node, schema)


def _wrapped(node: Worth | Scaled | Best, schema: tantivy.Schema) -> Query:
    match node:
        case Worth(part, score):
            return Query.const_score_query(translate(part, schema), score)
        case Scaled(part, factor):
            return Query.boost_query(translate(part, schema), factor)
        case Best(parts):
            return Query.disjunction_max_query([translate(part, schema) for part in parts])


def _filter(node: OneOf | Prefix | AtLeast | Below, schema: tantivy.Schema) -> Query:
    match node:
        case Prefix(field, start):
            # No slip allowed: the same words as by a regular expression, which takes longer to make than to search.
            return Query.fuzzy_term_query(schema, field, start, distance=0, transposition_cost_one=False, prefix=True)
        case AtLeast(field, low):
            return Query.range_query(schema, field, FieldType.Unsigned, low, None)
        case Below(field, high):
            return Query.range_query(schema, field, FieldType.Unsigned, None, high, True, False)
        case OneOf("audience", values):
            return _levels(schema, [level for level, audience in enumerate(AUDIENCES) if audience in values])
        case OneOf(field, values):
            return _one_of(field, [int(value) if field in _NUMBERS else str(value) for value in values], schema)


def _one_of(field: str, values: list[int | str], schema: tantivy.Schema) -> Query:
    """A set is read to its end before the search begins; of a few values only what the other conditions leave is read."""
    if len(values) > _FEW:
        return Query.term_set_query(schema, field, values)
    each = [Query.term_query(schema, field, value, "basic") for value in values]
    return each[0] if len(each) == 1 else Query.boolean_query([(Occur.Should, one) for one in each])


def _levels(schema: tantivy.Schema, levels: list[int]) -> Query:
    """Neighbouring audiences as a range over their numbers (`schema`)."""
    if not levels:
        return Query.empty_query()
    if levels[-1] - levels[0] == len(levels) - 1:
        return Query.range_query(schema, "audience", FieldType.Unsigned, levels[0], levels[-1])
    return Query.term_set_query(schema, "audience", levels)


def _constant(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _bool(node: Bool, schema: tantivy.Schema) -> Query:
    clauses = [(Occur.Must, translate(part, schema)) for part in node.must]
    clauses += [(Occur.MustNot, translate(part, schema)) for part in node.never]
    optional = [(Occur.Should, translate(part, schema)) for part in node.should]
    if not node.minimum:
        return Query.boolean_query(clauses + optional)
    needed = Query.boolean_query(optional, minimum_number_should_match=node.minimum)
    return Query.boolean_query([*clauses, (Occur.Must, needed)]) if clauses else needed
