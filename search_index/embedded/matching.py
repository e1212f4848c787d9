"""Candidates for a match from a tantivy snapshot: recalled by words, by character pairs and by field, then compared."""

from collections.abc import Iterable
from typing import Final

import tantivy

from search_index import explanation, similarity
from search_index.documents import ListingDocument, seq_of
from search_index.embedded.reader import Snapshot
from search_index.plan import Bool, Node, OneOf, Term, Worth, counterpart_filters
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


def similar(snapshot: Snapshot, request: SimilarRequest) -> tuple[Candidate, ...]:
    """Likest text first, equal ones by id."""
    if not 1 <= request.limit <= MAX_CANDIDATES:
        raise InvalidSearch("too_many_candidates", limit=MAX_CANDIDATES)
    documents = [snapshot.document(address) for address in _recall(snapshot, request)]
    scores = similarity.text_scores(request.subject, documents, snapshot.table)
    found = [Candidate(document=d, text=score) for d, score in zip(documents, scores, strict=True)]
    return tuple(sorted(found, key=lambda one: (-round(one.text.value, 6), one.document.seq)))


def _recall(snapshot: Snapshot, request: SimilarRequest) -> list[tantivy.DocAddress]:
    subject = request.subject
    owner = 0 if request.only else subject.owner_org
    always = counterpart_filters(kind=request.kind, scope=request.scope, owner_org=owner, open_at=request.open_at)
    if request.only:
        named = OneOf("seq", tuple(seq_of(listing) for listing in request.only))
        return _top(snapshot, (named,), always, len(request.only))
    found: dict[tuple[int, int], tantivy.DocAddress] = {}
    for nodes, share in ((_by_words(snapshot, subject), _BY_WORDS), (_by_pairs(snapshot, subject), _BY_PAIRS)):
        _collect(found, _top(snapshot, nodes, always, round(request.limit * share)))
    fields = (OneOf("field", subject.fields),) if subject.fields else ()
    _collect(found, _freshest(snapshot, fields, always, round(request.limit * _BY_FIELD)))
    return list(found.values())[: request.limit]


def _by_words(snapshot: Snapshot, subject: ListingDocument) -> tuple[Node, ...]:
    words = explanation.best_words(subject, snapshot.table, _WORDS)
    top = max((weight for _, weight in words), default=1.0)
    return tuple(Term("text", word, round(weight / top, 3)) for word, weight in words)


def _by_pairs(snapshot: Snapshot, subject: ListingDocument) -> tuple[Node, ...]:
    return tuple(Term("pairs", pair) for pair in explanation.best_pairs(subject, snapshot.table, _PAIRS))


def _top(snapshot: Snapshot, nodes: tuple[Node, ...], always: tuple[Node, ...], limit: int) -> list[tantivy.DocAddress]:
    if not nodes or not limit:
        return []
    needed = _PAIRS_NEEDED if all(isinstance(node, Term) and node.field == "pairs" for node in nodes) else 1
    node = Bool(must=(Bool(should=nodes, minimum=min(needed, len(nodes))), *(Worth(part, 0.0) for part in always)))
    return [address for _, address in snapshot.searcher.search(snapshot.query(node), limit, count=False).hits]


def _freshest(snapshot: Snapshot, nodes: tuple[Node, ...], always: tuple[Node, ...], limit: int) -> list[tantivy.DocAddress]:
    if not nodes or not limit:
        return []
    query = snapshot.query(Bool(must=(*nodes, *(Worth(part, 0.0) for part in always))))
    return [a for _, a in snapshot.searcher.search(query, limit, count=False, order_by_field="fresh_key").hits]


def _collect(found: dict[tuple[int, int], tantivy.DocAddress], addresses: Iterable[tantivy.DocAddress]) -> None:
    for address in addresses:
        found.setdefault((address.segment_ord, address.doc), address)
