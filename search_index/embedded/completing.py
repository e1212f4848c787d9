"""Completions while typing, and help on a page without hits, from a tantivy snapshot's own vocabulary."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from search_index import spelling, tokens
from search_index.embedded.reader import Snapshot
from search_index.highlights import pattern_of, segments
from search_index.plan import Bool, Node, OneOf, Term, Worth, base_filters
from search_index.requests import Assistance, InvalidSearch, Looser, SearchRequest, Suggestion, SuggestRequest

MAX_PREFIX_CHARS: Final = 64
MAX_SUGGESTIONS: Final = 20
_TERMS_READ: Final = 400
_EXPANSIONS: Final = 64
_TITLES_READ: Final = 40
_SPELLINGS: Final = 3
_VOCABULARY_READ: Final = 100_000


def suggest(snapshot: Snapshot, request: SuggestRequest) -> tuple[Suggestion, ...]:
    """Keywords beginning with what is typed (or sounding so), then titles holding it; nothing the scope hides."""
    if not 1 <= request.limit <= MAX_SUGGESTIONS:
        raise InvalidSearch("bad_limit", limit=MAX_SUGGESTIONS)
    typed = tokens.keyword_form(request.prefix[:MAX_PREFIX_CHARS])
    if not typed:
        return ()
    filters = base_filters(request.scope, request.open_at)
    keywords = _keywords(snapshot, typed, filters)[: max(1, request.limit // 2)]
    titles = _titles(snapshot, typed, filters, request.limit - len(keywords))
    return (*keywords, *titles)


def _keywords(snapshot: Snapshot, typed: str, filters: tuple[Node, ...]) -> list[Suggestion]:
    shown = snapshot.query(Bool(must=filters))
    counts: dict[str, tuple[int, str]] = {}
    for term, count in snapshot.searcher.terms_with_prefix("keyword", typed, shown, _TERMS_READ):
        written = term.partition("\t")[2]
        form = tokens.keyword_form(written)
        if form not in counts or count > counts[form][0]:
            counts[form] = (count, written)
    best = sorted(counts.values(), key=lambda item: (-item[0], item[1]))
    pattern = pattern_of([typed])
    return [Suggestion(text=text, kind="keyword", segments=segments(text, pattern), count=count) for count, text in best if count]


def _titles(snapshot: Snapshot, typed: str, filters: tuple[Node, ...], limit: int) -> list[Suggestion]:
    node = _typed_node(snapshot, typed)
    if node is None or limit < 1:
        return []
    query = snapshot.query(Bool(must=(Worth(node, 0.0), *(Worth(part, 0.0) for part in filters))))
    hits = snapshot.searcher.search(query, _TITLES_READ, count=False, order_by_field="fresh_key").hits
    found = [snapshot.document(address) for _, address in hits]
    pattern = pattern_of([typed, *(unit.surface for unit in tokens.units(typed))])
    titled = [(document.title_zh or document.title_en, document) for document in found]
    if typed.isascii():
        titled = [(d.title_en if typed in d.title_en.lower() else text, d) for text, d in titled]
    titled.sort(key=lambda item: not tokens.normalise(item[0]).startswith(typed))
    return [
        Suggestion(text=text, kind="title", segments=segments(text, pattern), id=document.id) for text, document in titled[:limit]
    ]


def _typed_node(snapshot: Snapshot, typed: str) -> Node | None:
    """All words but the last as they are; the last may go on, in letters or in sound."""
    found = tokens.units(typed)
    if not found:
        return None
    *whole, last = found
    parts: list[Node] = [Bool(must=tuple(Term("title", token) for token in unit.must)) for unit in whole]
    ways: list[Node] = [_starting(snapshot, "title", last.surface), Bool(must=tuple(Term("title", t) for t in last.must))]
    if last.pinyin:
        ways.append(_starting(snapshot, "pinyin", last.pinyin))
    if tokens.is_han(last.surface):
        ways.append(Bool(must=tuple(Term("pairs", pair) for pair in last.pairs)))
    return Bool(must=(*parts, Bool(should=tuple(ways), minimum=1)))


def _starting(snapshot: Snapshot, field: str, start: str) -> Node:
    found = snapshot.searcher.terms_with_prefix(field, start, None, _EXPANSIONS)
    return OneOf(field, tuple(term for term, _ in found) or (start,))


def assist(snapshot: Snapshot, request: SearchRequest) -> Assistance:
    """Corrected spellings that do find something under the same filters, filters to let go, and the bare words' total."""
    plan = snapshot.plan(request)
    looser = [
        Looser(facet=name, values=values, total=snapshot.total(plan.matching(without=name))) for name, values in request.filters
    ]
    bare = Bool(must=(plan.scored, *(Worth(node, 0.0) for node in plan.base)))
    return Assistance(
        spellings=tuple(_spellings(snapshot, request)),
        looser=tuple(sorted((one for one in looser if one.total), key=lambda one: (-one.total, one.facet))),
        without_filters=snapshot.total(bare) if request.filters else 0,
    )


def _spellings(snapshot: Snapshot, request: SearchRequest) -> Iterable[tuple[str, int]]:
    """A correction is offered only when the reader's own scope holds every word of it."""

    def vocabulary() -> list[tuple[str, int]]:
        read = snapshot.searcher.terms_with_prefix
        return list(snapshot.counts.once(("vocabulary",), lambda: read("word", "", None, _VOCABULARY_READ)))

    def is_known(unit: tokens.Unit) -> bool:
        return _shown(snapshot, request, unit)

    for query in spelling.corrections(request.query, vocabulary, is_known=is_known)[:_SPELLINGS]:
        corrected = replace(request, query=query, page=1, cursor=None)
        total = snapshot.total(snapshot.plan(corrected).matching())
        if total and all(_shown(snapshot, request, unit) for unit in tokens.units(query)):
            yield query, total


def _shown(snapshot: Snapshot, request: SearchRequest, unit: tokens.Unit) -> bool:
    holds = Bool(must=tuple(Term("text", token) for token in unit.must))
    return snapshot.total(Bool(must=(holds, *base_filters(request.scope, request.open_at)))) > 0
