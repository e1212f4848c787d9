"""Completions while typing, and help on a page without hits, on any engine, from the words its listings really hold."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from search_index import spelling, tokens
from search_index.highlights import marker_of, segments
from search_index.paging import plan_for
from search_index.plan import Bool, Node, Prefix, Term, Worth, base_filters
from search_index.reading import Reading, Wanted
from search_index.requests import Assistance, InvalidSearch, Looser, SearchRequest, Suggestion, SuggestRequest

MAX_PREFIX_CHARS: Final = 64
MAX_SUGGESTIONS: Final = 20
_TERMS_READ: Final = 400
_TITLES_READ: Final = 40
_SPELLINGS: Final = 3


def suggest(reading: Reading, request: SuggestRequest) -> tuple[Suggestion, ...]:
    """Keywords beginning with what is typed (or sounding so), then titles holding it; nothing the scope hides."""
    if not 1 <= request.limit <= MAX_SUGGESTIONS:
        raise InvalidSearch("bad_limit", limit=MAX_SUGGESTIONS)
    typed = tokens.keyword_form(request.prefix[:MAX_PREFIX_CHARS])
    if not typed:
        return ()
    filters = base_filters(request.scope, request.open_at)
    keywords = _keywords(reading, typed, filters, max(1, request.limit // 2))
    titles = _titles(reading, typed, filters, request.limit - len(keywords))
    return (*keywords, *titles)


def _keywords(reading: Reading, typed: str, filters: tuple[Node, ...], limit: int) -> list[Suggestion]:
    counts: dict[str, tuple[int, str]] = {}
    for term, count in reading.completions(typed, Bool(must=filters), _TERMS_READ):
        written = term.partition("\t")[2]
        form = tokens.keyword_form(written)
        if form not in counts or count > counts[form][0]:
            counts[form] = (count, written)
    best = sorted((item for item in counts.values() if item[0]), key=lambda item: (-item[0], item[1]))[:limit]
    marked = segments([text for _, text in best], marker_of([typed]))
    return [
        Suggestion(text=text, kind="keyword", segments=cut, count=count) for (count, text), cut in zip(best, marked, strict=True)
    ]


def _titles(reading: Reading, typed: str, filters: tuple[Node, ...], limit: int) -> list[Suggestion]:
    node = _typed_node(typed)
    if node is None or limit < 1:
        return []
    both = Bool(must=(Worth(node, 0.0), *(Worth(part, 0.0) for part in filters)))
    found = reading.top([Wanted(both, _TITLES_READ, freshest=True)], _TITLES_READ)
    marker = marker_of([typed, *(unit.surface for unit in tokens.units(typed))])
    titled = [(document.title_zh or document.title_en, document) for document in found]
    if typed.isascii():
        titled = [(d.title_en if typed in d.title_en.lower() else text, d) for text, d in titled]
    titled.sort(key=lambda item: not tokens.normalise(item[0]).startswith(typed))
    shown = titled[:limit]
    marked = segments([text for text, _ in shown], marker)
    return [
        Suggestion(text=text, kind="title", segments=cut, id=document.id)
        for (text, document), cut in zip(shown, marked, strict=True)
    ]


def _typed_node(typed: str) -> Node | None:
    """All words but the last as they are; the last may go on, in letters or in sound."""
    found = tokens.units(typed)
    if not found:
        return None
    *whole, last = found
    parts: list[Node] = [Bool(must=tuple(Term("title", token) for token in unit.must)) for unit in whole]
    ways: list[Node] = [Prefix("title", last.surface), Bool(must=tuple(Term("title", t) for t in last.must))]
    if last.pinyin:
        ways.append(Prefix("pinyin", last.pinyin))
    if tokens.is_han(last.surface):
        ways.append(Bool(must=tuple(Term("pairs", pair) for pair in last.pairs)))
    return Bool(must=(*parts, Bool(should=tuple(ways), minimum=1)))


def assist(reading: Reading, request: SearchRequest) -> Assistance:
    """Corrected spellings that do find something under the same filters, filters to let go, and the bare words' total."""
    plan = plan_for(reading, request)
    bare = Bool(must=(plan.scored, *(Worth(node, 0.0) for node in plan.base)))
    ways = [bare, *(plan.matching(without=name) for name, _ in request.filters)] if request.filters else []
    without, *totals = reading.totals(ways) if ways else [0]
    looser = [
        Looser(facet=name, values=values, total=total)
        for (name, values), total in zip(request.filters, totals, strict=True)
        if total
    ]
    return Assistance(
        spellings=tuple(_spellings(reading, request)),
        looser=tuple(sorted(looser, key=lambda one: (-one.total, one.facet))),
        without_filters=without,
    )


def _spellings(reading: Reading, request: SearchRequest) -> Iterable[tuple[str, int]]:
    """A correction is offered only when the reader's own scope holds every word of it."""

    def shown(units: Sequence[tokens.Unit]) -> list[bool]:
        return _shown(reading, request, units)

    for query in spelling.corrections(request.query, reading.near, are_known=shown)[:_SPELLINGS]:
        corrected = plan_for(reading, replace(request, query=query, page=1, cursor=None))
        total = reading.totals([corrected.matching()])[0]
        if total and all(shown(tokens.units(query))):
            yield query, total


def _shown(reading: Reading, request: SearchRequest, units: Sequence[tokens.Unit]) -> list[bool]:
    """For each word: may the reader see a listing that holds it?"""
    filters = base_filters(request.scope, request.open_at)
    holding = [Bool(must=(*(Term("text", token) for token in unit.must), *filters)) for unit in units]
    return [total > 0 for total in reading.totals(holding)] if holding else []
