"""The primitive questions of `reading.Reading`, answered by one index on the cluster."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from search_index import spelling
from search_index.documents import ListingDocument, from_facts
from search_index.elastic.client import Client, complete, understood
from search_index.elastic.queries import Query, as_filter, translate
from search_index.fields import ORDER_KEYS
from search_index.frequencies import FrequencyTable
from search_index.paging import read_cursor, write_cursor
from search_index.plan import Bool, Node, OneOf, Plan, Worth
from search_index.reading import BEYOND, FACET_VALUES, Page, Wanted, settled
from search_index.requests import SearchRequest
from search_index.spelling import Near

# Scores are counted over all shards, so that a listing is worth the same wherever it lies; half an answer is refused.
_HOW: Final[Query] = {"search_type": "dfs_query_then_fetch", "allow_partial_search_results": False}
# Beyond so many hits only their numbers are read first.
_WITH_FACTS: Final = 450
_SHARD_VALUES: Final = 1000
# Keys of an order are unique; nothing of the same key is wanted again.
_AFTER_ALL: Final = 1 << 40
_NEAR_WORDS: Final = 100
_INSPECTED: Final = 20
_ANY_FREQUENCY: Final = 1_000_000_000
_NO_REGEX: Final = frozenset('.?+*|{}[]()"\\#@&<>~^-')

Hits = list[tuple[float, int, int]]


@dataclass(frozen=True, slots=True)
class IndexReading:
    """See `reading.Reading`."""

    client: Client
    index: str
    table: FrequencyTable
    records: dict[int, Query] = field(default_factory=dict)

    # -- asking

    def _search(self, body: Query) -> Query:
        found = self.client.ask(lambda es: es.search(index=self.index, **_HOW, **body))
        return complete(found)

    def _together(self, bodies: Sequence[Query]) -> list[Query]:
        """Several questions in one call."""
        if len(bodies) == 1:
            return [self._search(bodies[0])]
        lines = [line for body in bodies for line in (_HOW, {_WIRE.get(name, name): value for name, value in body.items()})]
        found = self.client.ask(lambda es: es.msearch(index=self.index, searches=lines))
        with understood():
            answers = list(found["responses"])
        return [complete(answer) for answer in answers]

    # -- pages

    def page(self, plan: Plan, request: SearchRequest) -> Page:
        body: Query = {
            "query": self._scored(plan) if request.sort == "relevance" else _counted(plan),
            "track_total_hits": True,
            "aggs": _facets(plan, request),
            "preference": f"q{zlib.crc32(request.query.encode('utf-8', 'replace')):x}",
        }
        if plan.chosen:
            body["post_filter"] = {"bool": {"filter": [as_filter(node) for node in plan.chosen.values()]}}
        return self._by_score(body, request) if request.sort == "relevance" else self._by_key(body, request)

    def _scored(self, plan: Plan) -> Query:
        """Scores times the listing's own factor."""
        factor = {"field": "rank", "factor": 1, "modifier": "none"}
        return {"function_score": {"query": _counted(plan), "field_value_factor": factor, "boost_mode": "multiply"}}

    def _by_score(self, body: Query, request: SearchRequest) -> Page:
        start, end = (request.page - 1) * request.per_page, request.page * request.per_page
        first = self._search(body | _by_score(end + BEYOND))
        again = {name: value for name, value in body.items() if name != "aggs"}

        def read(limit: int) -> Hits:
            return self._hits(first if limit == end + BEYOND else self._search(again | _by_score(limit)))

        with understood():
            places = settled(read, end)[start:]
            total, counts = int(first["hits"]["total"]["value"]), _counts(first, request)
        found = self._fetched([seq for _, seq in places])
        ranked = [(score, found[seq]) for score, seq in places if seq in found]
        return Page(total, ranked, None, counts)

    def _by_key(self, body: Query, request: SearchRequest) -> Page:
        key = ORDER_KEYS[request.sort]
        order: Query = {"sort": [{key: "desc"}, {"seq": "asc"}], "size": request.per_page + 1, "source": True}
        if request.cursor is None:
            order["from_"] = (request.page - 1) * request.per_page
        else:
            order["search_after"] = [read_cursor(request.cursor, key), _AFTER_ALL]
        found = self._search(body | order)
        with understood():
            hits = found["hits"]["hits"][: request.per_page]
            more = len(found["hits"]["hits"]) > request.per_page
            cursor = write_cursor(int(hits[-1]["sort"][0]), key) if more else None
            ranked = [(0.0, _document(hit)) for hit in hits]
            return Page(int(found["hits"]["total"]["value"]), ranked, cursor, _counts(found, request))

    def _hits(self, answer: Query) -> Hits:
        """(key, number, number) of each; what came with facts is kept."""
        with understood():
            found: Hits = []
            for hit in answer["hits"]["hits"]:
                key, seq = hit["sort"]
                if "_source" in hit:
                    self.records[seq] = hit
                found.append((float(key), int(seq), int(seq)))
            return found

    def _fetched(self, seqs: Sequence[int]) -> dict[int, ListingDocument]:
        """By number, in the given order; one that was dropped between two questions is left out."""
        missing = [seq for seq in seqs if seq not in self.records]
        if missing:
            query = as_filter(OneOf("seq", tuple(missing)))
            found = self._search({"query": query, "size": len(missing), "sort": [{"seq": "asc"}], "source": True})
            with understood():
                self.records.update({int(hit["sort"][0]): hit for hit in found["hits"]["hits"]})
        with understood():
            return {seq: _document(self.records[seq]) for seq in seqs if seq in self.records}

    # -- the others

    def totals(self, nodes: Sequence[Node]) -> list[int]:
        found = self._together([{"query": as_filter(node), "size": 0, "track_total_hits": True} for node in nodes])
        with understood():
            return [int(answer["hits"]["total"]["value"]) for answer in found]

    def top(self, wanted: Sequence[Wanted], limit: int) -> list[ListingDocument]:
        answers = self._together([_first(one) for one in wanted])
        ranked = [self._best(one, answer) for one, answer in zip(wanted, answers, strict=True)]
        distinct = dict.fromkeys(seq for seqs in ranked for seq in seqs)
        return list(self._fetched(list(distinct)[:limit]).values())

    def _best(self, wanted: Wanted, first: Query) -> list[int]:
        if wanted.freshest:
            return [seq for _, seq, _ in self._hits(first)]
        body = {"query": translate(wanted.node), "track_total_hits": False}

        def read(limit: int) -> Hits:
            return self._hits(first if limit == wanted.limit + BEYOND else self._search(body | _by_score(limit)))

        return [seq for _, seq in settled(read, wanted.limit)]

    def completions(self, typed: str, shown: Node, limit: int) -> list[tuple[str, int]]:
        start = "".join(f"\\{character}" if character in _NO_REGEX else character for character in typed)
        values = {
            "terms": {
                "field": "keyword",
                "include": f"{start}.*",
                "size": limit,
                "shard_size": limit * 2,
                "order": [{"_count": "desc"}, {"_key": "asc"}],
            }
        }
        filters = [as_filter(shown), {"prefix": {"keyword": {"value": typed}}}]
        found = self._search({"query": {"bool": {"filter": filters}}, "size": 0, "aggs": {"terms": values}})
        with understood():
            return [(str(one["key"]), int(one["doc_count"])) for one in found["aggregations"]["terms"]["buckets"]]

    def near(self, word: str) -> list[Near]:
        options = {
            "field": "word",
            "max_edits": spelling.slips_allowed(word),
            "prefix_length": 0,
            "min_word_length": 1,
            "suggest_mode": "always",
            "sort": "frequency",
            "accuracy": 0.0,
            "max_term_freq": _ANY_FREQUENCY,
            "size": _NEAR_WORDS,
            "shard_size": _NEAR_WORDS,
            "max_inspections": _INSPECTED,
        }
        found = self._search({"size": 0, "suggest": {"near": {"text": word, "term": options}}})
        with understood():
            words = [(str(one["text"]), int(one["freq"])) for part in found["suggest"]["near"] for one in part["options"]]
        return spelling.near(word, words)


# The client's names of parts of a search, where the wire has others.
_WIRE: Final[Mapping[str, str]] = {"source": "_source", "from_": "from"}


def _by_score(limit: int) -> Query:
    """Equal scores by number, so that what is read of a tie is the right part of it."""
    return {"sort": [{"_score": "desc"}, {"seq": "asc"}], "size": limit, "source": limit <= _WITH_FACTS}


def _first(wanted: Wanted) -> Query:
    if wanted.freshest:
        order: Query = {"sort": [{"fresh_key": "desc"}, {"seq": "asc"}], "size": wanted.limit, "source": True}
        return {"query": as_filter(wanted.node), "track_total_hits": False, **order}
    return {"query": translate(wanted.node), "track_total_hits": False, **_by_score(wanted.limit + BEYOND)}


def _counted(plan: Plan) -> Query:
    """Everything but the chosen facets, which narrow the hits only."""
    return translate(Bool(must=(plan.scored, *(Worth(node, 0.0) for node in plan.base))))


def _facets(plan: Plan, request: SearchRequest) -> Query:
    """Each facet counted with the other chosen filters applied, all in the one question."""
    found: Query = {}
    for name in request.facets:
        values = {"terms": {"field": name, "size": FACET_VALUES, "shard_size": _SHARD_VALUES}}
        others = [as_filter(node) for other, node in plan.chosen.items() if other != name]
        found[name] = {"filter": {"bool": {"filter": others}}, "aggs": {"values": values}} if others else values
    return found


def _counts(answer: Query, request: SearchRequest) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name in request.facets:
        counted = answer["aggregations"][name]
        found[name] = {str(one["key"]): int(one["doc_count"]) for one in counted.get("values", counted)["buckets"]}
    return found


def _document(hit: Query) -> ListingDocument:
    return from_facts(hit["_source"]["facts"])
