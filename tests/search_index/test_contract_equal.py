"""Both engines give the same answers to the same questions, on one shard and on three: the embedded one is the measure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.matching import rules
from search_index.documents import ListingDocument
from search_index.elastic import ElasticEngine, asking
from search_index.embedded import EmbeddedEngine
from search_index.engine import SearchEngine
from search_index.rebuild import ids, rebuild
from search_index.requests import AllOf, SearchRequest, SearchResult, SimilarRequest, SuggestRequest, Terms
from tests.bench.generator import listings
from tests.search_index.conftest import NOON, Elastics
from tests.search_index.making import achievement, need

PUBLIC = Terms("audience", ("public",))
SHARDS = (1, 3)
LISTINGS = 900


def corpus() -> list[ListingDocument]:
    """Listings with everything in them, and some with hardly anything: empty fields are where engines differ."""
    full = list(listings(LISTINGS))
    bare = [achievement(LISTINGS + n, title_en="Sealing ring") for n in range(1, 30)]
    rare = [need(LISTINGS + n, "密封", keywords=("密封圈",)) for n in range(30, 45)]
    return [*full, *bare, *rare]


@pytest.fixture(scope="module")
def documents() -> list[ListingDocument]:
    return corpus()


@pytest.fixture(scope="module")
def embedded(documents: list[ListingDocument], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    engine = EmbeddedEngine(Path(tmp_path_factory.mktemp("index")))
    rebuild(engine, documents, expected=lambda: ids(documents))
    yield engine
    engine.close()


@pytest.fixture(scope="module", params=SHARDS)
def elastic(request: pytest.FixtureRequest, documents: list[ListingDocument], elastics: Elastics) -> ElasticEngine:
    engine = elastics.open(shards=request.param)
    rebuild(engine, documents, expected=lambda: ids(documents))
    return engine


def queries(documents: list[ListingDocument], size: int) -> list[str]:
    """What people type: keywords, titles and their beginnings, English, sounds, sentences, slips and nonsense."""
    draw = random.Random(7)
    made: list[str] = []
    while len(made) < size:
        one, other = draw.sample(documents, 2)
        if not one.keywords or not other.keywords:
            continue
        english = one.title_en.split()
        made += [
            draw.choice(one.keywords),
            f"{draw.choice(one.keywords)} {draw.choice(other.keywords)}",
            one.title_zh[: draw.randint(2, 8)],
            one.title_zh,
            " ".join(draw.sample(english, min(2, len(english)))),
            draw.choice(("shiyanshi", "mifeng", "gaowen", "sys", "jc", "fdyp")),
            one.summary_zh[:40],
            draw.choice(("密封", "seal", "没有这个词", "6061-T6", "高", "监测 没有这个词", "密丰")),
        ]
    return made[:size]


def told(result: SearchResult) -> tuple[object, ...]:
    """All of an answer but the scores, which are compared by nearness."""
    return tuple(replace(hit, score=0.0) for hit in result.hits), result.total, result.facets, result.relaxed, result.next_cursor


def test_the_same_top_ten_for_200_queries(
    documents: list[ListingDocument], embedded: SearchEngine, elastic: ElasticEngine
) -> None:
    found = 0
    for query in queries(documents, 200):
        request = SearchRequest.of(query, per_page=10, facets=(), scope=PUBLIC)
        here, there = embedded.search(request), elastic.search(request)
        assert [hit.id for hit in there.hits] == [hit.id for hit in here.hits], query
        assert [hit.score for hit in there.hits] == pytest.approx([hit.score for hit in here.hits], abs=2e-4)
        assert told(there) == told(here), query
        found += bool(here.hits)
    assert found > 150


@pytest.mark.parametrize("elastic", [3], indirect=True)
def test_without_counting_over_all_shards_the_order_would_differ(
    documents: list[ListingDocument], embedded: SearchEngine, elastic: ElasticEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_HOW", {"search_type": "query_then_fetch"})
    requests = [SearchRequest.of(query, per_page=10, facets=()) for query in queries(documents, 60)]
    assert any(told(elastic.search(request)) != told(embedded.search(request)) for request in requests)


def test_the_same_pages_with_filters_facets_and_orders(
    documents: list[ListingDocument], embedded: SearchEngine, elastic: ElasticEngine
) -> None:
    draw = random.Random(11)
    narrowed = 0
    for query in [*queries(documents, 40), *[""] * 20]:
        one = draw.choice(documents)
        pool = {"city": one.city, "kind": one.kind, "field": one.fields[0] if one.fields else "", "released": "no"}
        filters = {name: [value] for name, value in pool.items() if value and draw.random() < 0.5}
        request = SearchRequest.of(
            query,
            filters=filters,
            sort=draw.choice(("relevance", "fresh", "maturity")),
            page=draw.choice((1, 1, 2)),
            per_page=draw.choice((5, 20)),
            open_at=NOON,
            scope=draw.choice((PUBLIC, AllOf(), Terms("owner_org", (one.owner_org,)))),
            synonyms={"密封": ["焊接"]},
        )
        here = embedded.search(request)
        assert told(elastic.search(request)) == told(here), request
        if here.next_cursor:
            further = replace(request, page=1, cursor=here.next_cursor)
            assert told(elastic.search(further)) == told(embedded.search(further))
        narrowed += bool(filters and here.hits)
    assert narrowed > 10


def test_deep_pages_are_the_same(embedded: SearchEngine, elastic: ElasticEngine) -> None:
    """Beyond what is read with its facts, and through ties of whole pages."""
    for query in ("seal", "高温", "密封"):
        for page in (3, 7):
            request = SearchRequest.of(query, page=page, per_page=100, facets=())
            assert told(elastic.search(request)) == told(embedded.search(request))


def test_the_same_suggestions(documents: list[ListingDocument], embedded: SearchEngine, elastic: ElasticEngine) -> None:
    draw = random.Random(13)
    typed = [query[: draw.randint(1, 4)] for query in queries(documents, 60)] + ["se", "s", "gw", "6061", "密", ".*", "a|b", "~"]
    suggested = 0
    for prefix in typed:
        request = SuggestRequest(prefix=prefix, scope=PUBLIC, limit=8, open_at=NOON)
        here = embedded.suggest(request)
        assert elastic.suggest(request) == here, prefix
        suggested += bool(here)
    assert suggested > 40


def test_the_same_help_without_hits(documents: list[ListingDocument], embedded: SearchEngine, elastic: ElasticEngine) -> None:
    slips = ["高问", "密丰", "保鲜摸", "monitring", "recovry", "temperatuer", "激光雷打", "没有这个词", "高温 密丰", "seel"]
    helped = 0
    for query in slips:
        for filters in ({}, {"city": ["371700"], "maturity": ["7-9"]}):
            request = SearchRequest.of(query, filters=filters, scope=PUBLIC)
            here = embedded.assist(request)
            assert elastic.assist(request) == here, query
            helped += bool(here.spellings)
    assert helped > 6


@pytest.mark.parametrize("elastic", [3], indirect=True)
def test_the_same_matches_for_50_needs_with_their_components(
    documents: list[ListingDocument], embedded: SearchEngine, elastic: ElasticEngine
) -> None:
    needs = [document for document in documents if document.kind == "need"][:50]
    assert len(needs) == 50
    for subject in needs:
        request = SimilarRequest(subject=subject, kind="achievement", scope=PUBLIC, open_at=NOON)
        here, there = embedded.similar(request), elastic.similar(request)
        assert [one.document for one in there] == [one.document for one in here]
        for mine, other in zip(here, there, strict=True):
            assert other.text.value == pytest.approx(mine.text.value, abs=1e-6)
            parts = [rules.compare(subject, one.document, one.text.value) for one in (mine, other)]
            assert rules.score(parts[1]) == pytest.approx(rules.score(parts[0]), abs=1e-6)
        best = here[0].document
        assert elastic.explain(subject, best, language="zh") == embedded.explain(subject, best, language="zh")


def test_counts_and_versions_are_the_same(embedded: SearchEngine, elastic: ElasticEngine) -> None:
    assert elastic.count(PUBLIC) == embedded.count(PUBLIC) > 0
    assert list(elastic.stream_versions()) == list(embedded.stream_versions())
