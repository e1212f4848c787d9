"""For any listings and any choice: each facet count equals the list behind it, and the page equals plain Python."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_index.documents import ListingDocument, fresh_key
from search_index.embedded import EmbeddedEngine
from search_index.engine import SearchEngine
from search_index.requests import FACETS, SearchRequest, Terms
from tests.search_index.making import achievement, need

VALUES: Mapping[str, tuple[str, ...]] = {
    "kind": ("achievement", "need"),
    "chain": ("C01", "C02"),
    "field": ("F01", "F02", "F03"),
    "city": ("370100", "370200"),
    "maturity": ("1-3", "4-6", "7-9"),
    "mode": ("licence", "transfer"),
    "ip_status": ("granted", "pending", "none"),
    "released": ("yes", "no"),
    "org_kind": ("university", "enterprise"),
}
TITLES = ("双极板", "轴承", "双极板轴承")
QUERIES = ("", "双极板")
Chosen = dict[str, list[str]]
facts = st.fixed_dictionaries(
    {
        "is_need": st.booleans(),
        "chains": st.lists(st.sampled_from(VALUES["chain"]), unique=True, max_size=2).map(tuple),
        "fields": st.lists(st.sampled_from(VALUES["field"]), unique=True, max_size=3).map(tuple),
        "city": st.sampled_from(("", *VALUES["city"])),
        "maturity": st.one_of(st.none(), st.integers(1, 9)),
        "modes": st.lists(st.sampled_from(VALUES["mode"]), unique=True, max_size=2).map(tuple),
        "ip_status": st.lists(st.sampled_from(VALUES["ip_status"]), unique=True, max_size=2).map(tuple),
        "released": st.booleans(),
        "org_kind": st.sampled_from(("", *VALUES["org_kind"])),
        "audience": st.sampled_from(("public", "verified")),
        "fresh_at": st.integers(0, 5),
        "title": st.sampled_from(TITLES),
    }
)
choices = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from(values), min_size=1, max_size=2) for name, values in VALUES.items()}
)


def made(number: int, given_facts: dict[str, Any]) -> ListingDocument:
    own = {name: value for name, value in given_facts.items() if name not in ("is_need", "title")}
    return (need if given_facts["is_need"] else achievement)(number, given_facts["title"], **own)


def values_of(document: ListingDocument, facet: str) -> tuple[str, ...]:
    """The same facts read in plain Python."""
    single = {
        "kind": document.kind,
        "city": document.city,
        "maturity": document.maturity_band,
        "released": "yes" if document.released else "no",
        "org_kind": document.org_kind,
    }
    if facet in single:
        return (single[facet],) if single[facet] else ()
    many = {"chain": document.chains, "field": document.fields, "mode": document.modes, "ip_status": document.ip_status}
    return many[facet]


def check(engine: SearchEngine, documents: list[ListingDocument], chosen: Chosen, query: str, *, is_public: bool) -> None:
    scope = Terms("audience", ("public",) if is_public else ("public", "verified"))
    result = engine.search(SearchRequest.of(query, scope=scope, filters=chosen, sort="fresh", per_page=100))
    shown = [d for d in documents if query in d.title_zh and d.audience in scope.values]

    def matching(without: str = "") -> list[ListingDocument]:
        wanted = {name: set(values) for name, values in chosen.items() if name != without}
        return [d for d in shown if all(set(values_of(d, n)) & v for n, v in wanted.items())]

    assert [hit.id for hit in result.hits] == [d.id for d in sorted(matching(), key=fresh_key, reverse=True)]
    assert result.total == len(matching())
    for name in FACETS:
        expected = Counter(value for d in matching(without=name) for value in values_of(d, name))
        assert {c.value: c.count for c in result.facets[name] if c.count} == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(facts, min_size=1, max_size=12), choices, st.sampled_from(QUERIES), st.booleans())
def test_counts_equal_the_lists_behind_them(rows: list[dict[str, Any]], chosen: Chosen, query: str, is_public: bool) -> None:
    documents = [made(number, row) for number, row in enumerate(rows, 1)]
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder))
        try:
            engine.put(documents)
            check(engine, documents, chosen, query, is_public=is_public)
        finally:
            engine.close()


def drawn(number: int) -> ListingDocument:
    """One of many, from a seed: an index on the cluster is made once, not for every example."""
    draw = Random(number)

    def some(facet: str) -> tuple[str, ...]:
        return tuple(draw.sample(VALUES[facet], draw.randrange(len(VALUES[facet]))))

    return made(
        number,
        {
            "is_need": draw.random() < 0.4,
            "chains": some("chain"),
            "fields": some("field"),
            "city": draw.choice(("", *VALUES["city"])),
            "maturity": draw.choice((None, *range(1, 10))),
            "modes": some("mode"),
            "ip_status": some("ip_status"),
            "released": draw.random() < 0.3,
            "org_kind": draw.choice(("", *VALUES["org_kind"])),
            "audience": draw.choice(("public", "verified")),
            "fresh_at": draw.randrange(6),
            "title": draw.choice(TITLES),
        },
    )


@pytest.fixture
def filled(engine: SearchEngine) -> tuple[SearchEngine, list[ListingDocument]]:
    documents = [drawn(number) for number in range(1, 81)]
    engine.put(documents)
    return engine, documents


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=choices, query=st.sampled_from(QUERIES), is_public=st.booleans())
def test_counts_equal_the_lists_behind_them_on_every_engine(
    filled: tuple[SearchEngine, list[ListingDocument]], chosen: Chosen, query: str, is_public: bool
) -> None:
    check(*filled, chosen, query, is_public=is_public)
