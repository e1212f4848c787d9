"""Short ways to make documents and read answers in these tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from search_index.documents import ListingDocument
from search_index.engine import SearchEngine
from search_index.rebuild import ids, rebuild
from search_index.requests import SearchRequest


def achievement(number: int, title: str = "", **facts: Any) -> ListingDocument:
    return ListingDocument(**{"id": f"achievement:{number}", "kind": "achievement", "rev": 1, "title_zh": title, **facts})


def need(number: int, title: str = "", **facts: Any) -> ListingDocument:
    return ListingDocument(**{"id": f"need:{number}", "kind": "need", "rev": 1, "title_zh": title, **facts})


def found(engine: SearchEngine, query: str = "", **more: Any) -> list[str]:
    """Ids of the first page, in order."""
    return [hit.id for hit in engine.search(SearchRequest.of(query, **more)).hits]


def facet(engine: SearchEngine, name: str, query: str = "", **more: Any) -> dict[str, int]:
    return {c.value: c.count for c in engine.search(SearchRequest.of(query, **more)).facets[name]}


def joined(segments: Iterable[tuple[str, bool]]) -> str:
    """Segments with hits in brackets."""
    return "".join(f"[{text}]" if is_hit else text for text, is_hit in segments)


def titled(*titles: str, rev: int = 1) -> list[ListingDocument]:
    return [achievement(number, title, rev=rev) for number, title in enumerate(titles, 1)]


def rebuilt(engine: SearchEngine, documents: list[ListingDocument]) -> str:
    """The name of the new generation."""
    return rebuild(engine, documents, expected=lambda: ids(documents)).generation
