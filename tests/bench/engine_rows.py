"""The questions of `bench_engines`: what a visitor asks an engine, and the whole page around it.

Questions differ from one another, and each is asked for an hour of its own, so that no count is answered from memory.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from marketplace.core import clock, search
from marketplace.core.policy import ANONYMOUS
from marketplace.listings import queries as listing_queries
from marketplace.matching import rules
from marketplace.matching.queries.matches import matches_of
from search_index import tokens
from search_index.documents import ListingDocument
from search_index.engine import EngineUnavailable
from search_index.requests import SearchRequest, SimilarRequest, SuggestRequest, Terms
from tests.bench.bench_page import asking
from tests.bench.bench_search import SHOWN_MATCHES, needs
from tests.bench.figures import Row, row_of
from tests.bench.generator import listing
from tests.bench.replay import Clock, alone, compare, tape_of

PUBLIC = Terms("audience", ("public",))
CHOSEN = {"kind": ["achievement"], "city": ["370100", "370200"]}
NARROWED: tuple[dict[str, str], ...] = ({}, {"kind": "achievement"}, {"city": "370200"}, {"kind": "need", "sort": "fresh"})
WARMING = 300
# A page speaks one language, and asks for hits marked in that one.
SPOKEN = ("zh",)

Question = Callable[[int], object]


def typed(size: int, total: int, *, seed: int) -> list[str]:
    """What people type, no two alike: a keyword, two, a title's beginning, English words, a model, a keyword by its sound."""
    draw = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < size:
        one = listing(draw.randrange(1, total + 1))
        first, second, model = one.keywords
        sounds = tokens.whole_pinyin(first)
        words = (first, f"{first} {second}", one.title_zh[:6], " ".join(one.title_en.split()[:2]), model, *sounds[:1])
        made |= dict.fromkeys(words)
    return list(made)[:size]


def measured(app: Flask, total: int, size: int) -> Iterator[tuple[str, Row]]:
    """Every row by its name. The page comes first: the recorder is not yet in its way."""
    with app.app_context():
        engine: Any = search.engine()
    failures = watch(engine)
    yield "page", pages(app, failures, total, size)
    with app.app_context():
        yield "matches_page", matching(failures, max(40, size // 4))
        yield from engine_rows(engine, total, size)


# -- whole pages


def pages(app: Flask, failures: list[str], total: int, size: int) -> Row:
    """Outside any context: what a page keeps for itself, its time for questions above all, must end with it."""
    for address in addresses(typed(WARMING, total, seed=1)):
        asking(app, address)()
    failures.clear()
    page = alone(asking(app, address) for address in addresses(typed(size, total, seed=2)))
    page.unanswered = len(failures)
    return row_of(page)


def addresses(words: list[str]) -> list[str]:
    """Searches as visitors make them: words, words with a filter, the newest needs with the words."""
    return [
        f"/{('zh', 'en')[number % 2]}/search?{urlencode({'q': one, **NARROWED[number // 2 % 4]})}"
        for number, one in enumerate(words)
    ]


def watch(engine: Any) -> list[str]:
    """Names what an engine could not answer: a page without it comes from the database and must not count as fast."""
    failures: list[str] = []

    def watched(name: str, question: Callable[..., object]) -> Callable[..., object]:
        def ask(*given: Any, **more: Any) -> object:
            try:
                return question(*given, **more)
            except EngineUnavailable:
                failures.append(name)
                raise

        return ask

    for name in ("search", "similar", "explain"):
        setattr(engine, name, watched(name, getattr(engine, name)))
    return failures


def matching(failures: list[str], size: int) -> Row:
    """Ten explained matches for the owner's page, from the database to the words."""
    now = clock.now()
    cards = listing_queries.newest("need", ANONYMOUS, size)  # type: ignore[arg-type]
    needs = [listing_queries.listing(card.id) for card in cards]
    failures.clear()
    found = alone(partial(matches_of, one, ANONYMOUS, now, language="zh") for one in needs if one)
    found.unanswered = len(failures)
    return row_of(found)


# -- the engine alone


def engine_rows(engine: Any, total: int, size: int) -> Iterator[tuple[str, Row]]:
    tape, hours = tape_of(engine), Clock()

    def of(words: list[str], **more: Any) -> Iterator[Question]:
        return (
            (lambda hour, one=one: engine.search(SearchRequest.of(one, scope=PUBLIC, open_at=hour, languages=SPOKEN, **more)))  # type: ignore[misc]
            for one in words
        )

    compare(tape, hours, of(typed(WARMING, total, seed=3)), once=True)
    yield "facets", row_of(compare(tape, hours, of(typed(size, total, seed=4)), once=True))
    yield "filtered", row_of(compare(tape, hours, of(typed(size, total, seed=5), filters=CHOSEN, per_page=10), once=True))
    yield "plain", row_of(compare(tape, hours, of(typed(size, total, seed=6), facets=()), once=True))
    yield "suggest", row_of(compare(tape, hours, suggestions(engine, typed(size, total, seed=7))))
    subjects = needs(max(40, size // 4))
    yield "similar", row_of(compare(tape, hours, (lambda hour, s=s: similar(engine, s, hour) for s in subjects)))  # type: ignore[misc]
    yield "matches", row_of(alone((lambda s=s, n=n: explained(engine, s, 3600 * n)) for n, s in enumerate(subjects)))  # type: ignore[misc]


def suggestions(engine: Any, words: list[str]) -> Iterator[Question]:
    draw = random.Random(3)
    for one in words:
        start = one[: draw.choice((1, 2, 3))]
        yield lambda hour, start=start: engine.suggest(SuggestRequest(prefix=start, scope=PUBLIC, open_at=hour))  # type: ignore[misc]


def similar(engine: Any, subject: ListingDocument, hour: int) -> Any:
    return engine.similar(SimilarRequest(subject=subject, kind="achievement", scope=PUBLIC, open_at=hour))


def explained(engine: Any, subject: ListingDocument, hour: int) -> None:
    """Candidates, all scored, and the reasons of those a page shows."""
    found = {one.document.id: one for one in similar(engine, subject, hour)}
    ranked = rules.rank([(name, rules.compare(subject, c.document, c.text.value)) for name, c in found.items()])
    for one in ranked[:SHOWN_MATCHES]:
        other = found[one.id].document
        rules.reasons(subject, other, engine.explain(subject, other))
