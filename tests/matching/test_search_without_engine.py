"""Searching while the engine is missing, broken or odd: the database answers and says so."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from marketplace.core import clock, search
from marketplace.core.policy import ANONYMOUS
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Query
from marketplace.matching.services import index
from tests.factories import listings
from tests.factories.matching import ids_on


def test_without_an_index_the_database_answers_and_says_so(client):
    achievement = listings.create_achievement(title={"zh": "100%钛合金_支架", "en": "Titanium bracket"})
    hidden = listings.create_achievement(audience="verified", title={"zh": "钛合金阀芯", "en": "Titanium spool"})
    page = client.get("/zh/search?q=钛合金").text
    assert ids_on(page) == [("achievement", achievement.id)]
    assert "note wait" in page
    assert hidden.title.zh not in page
    assert ids_on(client.get("/zh/search", query_string={"q": "100%钛合金_"}).text) == [("achievement", achievement.id)]
    assert ids_on(client.get("/zh/search", query_string={"q": "_"}).text) == [("achievement", achievement.id)]
    assert ids_on(client.get("/zh/search", query_string={"q": "%%"}).text) == []
    assert (
        client.get(
            "/zh/search?q=钛&field=F11&chain=C03&city=370100&maturity=4-6&mode=licence&ip=granted&org_kind=university"
        ).status_code
        == 200
    )
    assert client.get("/zh/suggest?q=钛").json == {"items": []}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"], ready.json["checks"]["search"]) == (200, "degraded", "rebuild")
    assert (ready.json["search"]["engine"], ready.json["search"]["state"]) == ("embedded", "rebuild")


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "暂时无法计算匹配"), ("en", "Matches cannot be computed for a moment")],
)
def test_a_record_says_that_its_matches_cannot_be_computed(client, lang, words):
    """Silence would look like no match at all."""
    need = listings.create_need()
    path = f"/{lang}/needs/{need.id}"
    page = client.get(path)
    assert page.status_code == 200
    assert words in page.text
    index.rebuild()
    assert words not in client.get(path).text


@pytest.mark.both
def test_the_database_answers_with_filters(app):
    wanted = listings.create_achievement(fields=["F11"], city="370100", maturity=4, modes=["licence"])
    listings.create_achievement(fields=["F20"], city="370200", maturity=8, modes=["transfer"], ip=[])
    for name, value in {
        "kind": "achievement",
        "chain": "C03",
        "field": "F11",
        "city": "370100",
        "maturity": "4-6",
        "mode": "licence",
        "ip": "granted",
        "org_kind": "university",
    }.items():
        found = searches.find(Query.of({name: [value]}), ANONYMOUS, clock.now())
        assert found.is_degraded
        assert wanted.id in {row.card.id for row in found.rows}, name
        assert found.total == (2 if name in ("kind", "org_kind") else 1), name


def test_a_broken_engine_is_left_alone_after_some_failures(app, monkeypatch):
    listings.create_achievement()
    calls = []

    class Broken:
        within = nullcontext

        def search(self, request):
            calls.append(request)
            raise OSError("disk gone")

    kept = search.kept()
    now = [0.0]
    monkeypatch.setattr(kept, "engine", Broken())
    kept.breaker.monotonic = lambda: now[0]
    for _ in range(10):
        assert searches.find(Query(), ANONYMOUS, clock.now()).is_degraded
    assert len(calls) == search.FAILURES_UNTIL_OPEN
    now[0] = search.OPEN_SECONDS + 1
    searches.find(Query(), ANONYMOUS, clock.now())
    assert len(calls) == search.FAILURES_UNTIL_OPEN + 1


def test_an_odd_question_that_breaks_the_engine_does_not_take_it_from_the_others(app, monkeypatch):
    kept = search.kept()

    class Odd:
        within = nullcontext

        def search(self, request):
            raise ValueError("unforeseen")

    monkeypatch.setattr(kept, "engine", Odd())
    for _ in range(10):
        assert searches.find(Query(), ANONYMOUS, clock.now()).is_degraded
    assert kept.breaker.failures == 0
