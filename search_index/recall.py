"""Candidates for a match, on any engine: recalled by words, by character pairs and by field, then compared."""

from typing import Final

from search_index import explanation, similarity
from search_index.documents import ListingDocument, seq_of
from search_index.plan import Bool, Node, OneOf, Term, Worth, counterpart_filters
from search_index.reading import Reading, Wanted
from search_index.requests import Candidate, InvalidSearch, SimilarRequest

MAX_CANDIDATES: Final = 400
_WORDS: Final = 25
_PAIRS: Final = 20
# Shares of the candidates each way may fill; ways overlap, so together they may exceed the whole.
_BY_WORDS: Final = 0.6
_BY_PAIRS: Final = 0.3
_BY_FIELD: Final = 0.2
# A candidate found by pairs alone shares at least so many, else any common pair would do.
_PAIRS_NEEDED: Final = 2


def similar(reading: Reading, request: SimilarRequest) -> tuple[Candidate, ...]:
    """Likest text first, equal ones by id."""
    if not 1 <= request.limit <= MAX_CANDIDATES:
        raise InvalidSearch("too_many_candidates", limit=MAX_CANDIDATES)
    documents = _recall(reading, request)
    scores = similarity.text_scores(request.subject, documents, reading.table)
    found = [Candidate(document=d, text=score) for d, score in zip(documents, scores, strict=True)]
    return tuple(sorted(found, key=lambda one: (-round(one.text.value, 6), one.document.seq)))


def _recall(reading: Reading, request: SimilarRequest) -> list[ListingDocument]:
    subject = request.subject
    owner = 0 if request.only else subject.owner_org
    always = counterpart_filters(kind=request.kind, scope=request.scope, owner_org=owner, open_at=request.open_at)
    if request.only:
        named = OneOf("seq", tuple(seq_of(listing) for listing in request.only))
        return reading.top([Wanted(_all((named,), 1, always), len(request.only), freshest=True)], len(request.only))
    fields = (OneOf("field", subject.fields),) if subject.fields else ()
    by_words, by_pairs, by_field = (round(request.limit * share) for share in (_BY_WORDS, _BY_PAIRS, _BY_FIELD))
    ways: tuple[tuple[tuple[Node, ...], int, int, bool], ...] = (
        (_by_words(reading, subject), 1, by_words, False),
        (_by_pairs(reading, subject), _PAIRS_NEEDED, by_pairs, False),
        (fields, 1, by_field, True),
    )
    wanted = [Wanted(_all(nodes, needed, always), limit, new) for nodes, needed, limit, new in ways if nodes and limit]
    return reading.top(wanted, request.limit) if wanted else []


def _by_words(reading: Reading, subject: ListingDocument) -> tuple[Node, ...]:
    words = explanation.best_words(subject, reading.table, _WORDS)
    top = max((weight for _, weight in words), default=1.0)
    return tuple(Term("text", word, round(weight / top, 3)) for word, weight in words)


def _by_pairs(reading: Reading, subject: ListingDocument) -> tuple[Node, ...]:
    return tuple(Term("pairs", pair) for pair in explanation.best_pairs(subject, reading.table, _PAIRS))


def _all(nodes: tuple[Node, ...], needed: int, always: tuple[Node, ...]) -> Node:
    """So many of the nodes, and all of the hard conditions."""
    return Bool(must=(Bool(should=nodes, minimum=min(needed, len(nodes))), *(Worth(part, 0.0) for part in always)))
