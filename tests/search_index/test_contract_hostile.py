"""Hostile questions get a clear refusal or a quick, harmless answer, on every engine."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_index.engine import SearchEngine
from search_index.requests import InvalidSearch, SearchRequest, SimilarRequest, SuggestRequest, from_dict
from tests.search_index.making import achievement, found, need


@pytest.fixture(autouse=True)
def _filled(engine: SearchEngine) -> None:
    engine.put([achievement(1, "双极板 AND 涂层 title:secret"), need(1, "双极板")])


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"query": "板" * 10_000}, "query_too_long"),
        ({"query": "a " * 50}, "too_many_terms"),
        ({"query": " ".join(f"x{n}" for n in range(500))}, "query_too_long"),
        ({"page": 10**9}, "page_too_deep"),
        ({"page": 0}, "bad_page"),
        ({"page": -5}, "bad_page"),
        ({"per_page": 10**6}, "bad_per_page"),
        ({"per_page": 0}, "bad_per_page"),
        ({"sort": "random()"}, "unknown_sort"),
        ({"filters": {"owner_org": ["1"]}}, "unknown_facet"),
        ({"facets": ("secret",)}, "unknown_facet"),
        ({"filters": {"city": [str(n) for n in range(1000)]}}, "too_many_values"),
        ({"sort": "fresh", "cursor": "A" * 10_000}, "bad_cursor"),
        ({"sort": "fresh", "cursor": "ZnJlc2hfa2V5Oi0x"}, "bad_cursor"),
    ],
)
def test_refusals_have_a_code(engine: SearchEngine, facts: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidSearch) as refused:
        engine.search(SearchRequest.of(**facts))  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize(
    "query",
    [
        'title:secret AND NOT "x"~5 OR [a TO z] ^99 *:*',
        "板) OR (audience:verified",
        "/.*/ {!func} $where",
        "\x00\x01\x1b[31m双极板\u202e",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "\U0001f4a9 \ud800".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"),
        "-" * 200,
        "a" * 200,
        "1.1.1.1.1.1.1.1.1.1-1-1-1-1/1/1/1/1",
    ],
)
def test_syntax_of_engines_is_only_text(engine: SearchEngine, query: str) -> None:
    result = engine.search(SearchRequest.of(query))
    assert result.total <= 2
    assert all(not hit.title_zh or "".join(text for text, _ in hit.title_zh) for hit in result.hits)


def test_control_characters_do_not_hide_a_word(engine: SearchEngine) -> None:
    assert set(found(engine, "\x00\x1b双极板\u202e")) == {"achievement:1", "need:1"}


def test_a_malformed_scope_shows_nothing(engine: SearchEngine) -> None:
    for shape in ({}, {"all": [], "any": []}, {"field": "audience"}, {"not": []}):
        with pytest.raises(InvalidSearch):
            from_dict(shape)
    with pytest.raises(InvalidSearch):
        found(engine, scope=from_dict({"field": "title", "in": ["双极板"]}))


def test_a_long_document_is_bounded(engine: SearchEngine) -> None:
    huge = need(9, "双极板" * 2000, summary_zh="涂层," * 50_000, body_zh="x" * 300_000, keywords=("长" * 5000,))
    started = time.perf_counter()
    engine.put([huge])
    assert "need:9" in found(engine, "双极板")
    assert engine.similar(SimilarRequest(subject=huge, kind="achievement"))
    assert time.perf_counter() - started < 10


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_may_be_searched_and_typed(engine: SearchEngine, text: str) -> None:
    engine.search(SearchRequest.of(text))
    engine.suggest(SuggestRequest(prefix=text))
    engine.assist(SearchRequest.of(text))


def test_any_pathological_run_is_split_quickly(engine: SearchEngine) -> None:
    started = time.perf_counter()
    for query in ("a-" * 100, "1." * 100, "石" * 200, "ab1" * 66, "z" * 199 + "1"):
        with contextlib.suppress(InvalidSearch):
            engine.search(SearchRequest.of(query[:200]))
    assert time.perf_counter() - started < 2
