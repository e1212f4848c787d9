"""Translates the neutral query tree of `plan` into tantivy queries, node by node. It decides nothing."""

from typing import Final

import tantivy
from tantivy import FieldType, Occur, Query

from search_index.plan import AtLeast, Below, Best, Bool, Everything, Node, Nothing, OneOf, Scaled, Term, Worth

_NUMBERS: Final = frozenset({"owner_org", "seq"})


def translate(node: Node, schema: tantivy.Schema) -> Query:
    match node:
        case Everything():
            return Query.const_score_query(Query.all_query(), 0.0)
        case Nothing():
            return Query.empty_query()
        case Term(field, value, boost):
            term = Query.term_query(schema, field, value, "freq")
            return term if boost == 1.0 else Query.boost_query(term, boost)
        case OneOf():
            return _one_of(node, schema)
        case AtLeast(field, low):
            return _constant(Query.range_query(schema, field, FieldType.Unsigned, low, None))
        case Below(field, high):
            return _constant(Query.range_query(schema, field, FieldType.Unsigned, None, high, True, False))
        case Worth(part, score):
            return Query.const_score_query(translate(part, schema), score)
        case Scaled(part, factor):
            return Query.boost_query(translate(part, schema), factor)
        case Best(parts):
            return Query.disjunction_max_query([translate(part, schema) for part in parts])
        case Bool():
            return _bool(node, schema)


def _constant(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _one_of(node: OneOf, schema: tantivy.Schema) -> Query:
    values = [int(value) for value in node.values] if node.field in _NUMBERS else [str(value) for value in node.values]
    if len(values) == 1:
        return _constant(Query.term_query(schema, node.field, values[0], "basic"))
    return _constant(Query.term_set_query(schema, node.field, values))


def _bool(node: Bool, schema: tantivy.Schema) -> Query:
    clauses = [(Occur.Must, translate(part, schema)) for part in node.must]
    clauses += [(Occur.MustNot, translate(part, schema)) for part in node.never]
    optional = [(Occur.Should, translate(part, schema)) for part in node.should]
    if node.minimum:
        needed = Query.boolean_query(optional, minimum_number_should_match=node.minimum)
        clauses.append((Occur.Must, needed))
    else:
        clauses += optional
    return Query.boolean_query(clauses)
