"""The JSON interface: as its own document says, and no more than everybody may see."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from marketplace.core import clock
from marketplace.core.policy import ANONYMOUS
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Query
from tests.factories import accounts, listings
from tests.factories.matching import index_now


def test_search_answers_as_the_page_does(client):
    for city in ("370100", "370200", "370200"):
        listings.create_achievement(city=city, fields=["F11"])
    listings.create_need(city="370300", fields=["F13"])
    index_now()
    answer = client.get("/api/v1/search?q=膜&city=370200", headers={"Accept-Language": "en"})
    body = answer.json
    page = searches.find(Query.of({"q": ["膜"], "city": ["370200"]}), ANONYMOUS, clock.now())
    assert body["total"] == page.total == 2
    assert [item["id"] for item in body["items"]] == [row.card.id for row in page.rows]
    assert body["items"][0]["url"].startswith("http://127.0.0.1:8000/en/achievements/")
    assert body["items"][0]["title"]["zh"]
    assert body["facets"]["city"][0] == {"value": "370200", "label": "Qingdao", "count": 2, "selected": True}
    assert client.get("/api/v1/search", headers={"Accept-Language": "zh"}).json["items"][0]["url"].split("/")[3] == "zh"


def test_a_cursor_walks_through_everything_once(client):
    made = {listings.create_achievement().id for _ in range(25)}
    index_now()
    seen, cursor = [], ""
    for _ in range(3):
        body = client.get("/api/v1/search", query_string={"sort": "fresh", "cursor": cursor}).json
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 25
    assert set(seen) == made


def test_matches_with_score_components_and_reasons(client):
    need = listings.create_need()
    achievement = listings.create_achievement(maturity=7)
    index_now()
    body = client.get(f"/api/v1/needs/{need.id}/matches", headers={"Accept-Language": "en"}).json
    (item,) = body["items"]
    assert (item["id"], item["kind"]) == (achievement.id, "achievement")
    assert 0.5 < item["score"] <= 1
    assert set(item["components"]) == set(body["weights"]) == {"text", "field", "maturity", "budget", "place", "quality"}
    reasons = {reason["code"]: reason["text"] for reason in item["reasons"]}
    assert reasons["maturity_reached"] == "maturity 7, wanted 7: reached"
    back = client.get(f"/api/v1/achievements/{achievement.id}/matches").json
    assert [row["id"] for row in back["items"]] == [need.id]


def test_what_the_public_may_not_see_is_not_there(client):
    need = listings.create_need(audience="verified")
    draft = listings.create_need(published=False)
    user, _ = accounts.create_member()
    accounts.sign_in(client, user)  # who asks makes no difference here
    index_now()
    for listing_id in (need.id, draft.id, 999):
        for kind in ("needs", "achievements"):
            answer = client.get(f"/api/v1/{kind}/{listing_id}/matches")
            assert (answer.status_code, answer.json["code"]) == (404, 404)
    assert client.get("/api/v1/search").json["total"] == 0


def test_errors_are_json_in_words(client):
    listings.create_achievement()
    index_now()
    answer = client.get("/api/v1/search?page=0", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "page" in str(answer.json["errors"])
    long = client.get("/api/v1/search", query_string={"q": " ".join("ab" for _ in range(60))})
    assert long.status_code == 400
    assert client.post("/api/v1/search").status_code in (400, 405)


@pytest.mark.parametrize(
    ("query", "name", "zh", "en"),
    [
        ("page=0", "page", "请给出 1 到 50 之间的整数。", "Give a whole number from 1 to 50."),
        ("page=abc", "page", "请给出整数。", "Give a whole number."),
        ("sort=best", "sort", "请从这些值中选择：relevance, fresh, maturity。", "Choose one of: relevance, fresh, maturity."),
        ("q=" + "a" * 201, "q", "最多 200 个字符。", "Give at most 200 characters."),
        ("city=" + "a" * 99, "city", "最多 40 个字符。", "Give at most 40 characters."),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said_in_the_readers_language(client, query, name, zh, en):
    for lang, words in (("zh-CN", zh), ("en", en)):
        answer = client.get(f"/api/v1/search?{query}", headers={"Accept-Language": lang})
        assert answer.status_code == 422
        assert words in str(answer.json["errors"]["query"][name])


def test_without_an_engine_matches_are_unavailable_and_search_is_degraded(client):
    need = listings.create_need()
    assert client.get(f"/api/v1/needs/{need.id}/matches").status_code == 503
    assert client.get("/api/v1/search").json["is_degraded"] is True


def test_the_interface_keeps_to_its_document(app):
    """Schemathesis writes requests from the OpenAPI document, right and wrong ones; every answer must fit it."""
    listings.create_achievement()
    listings.create_need()
    index_now()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    checks = [check for check in CHECKS.get_all() if check.__name__ in WANTED_CHECKS]
    assert len(checks) == len(WANTED_CHECKS)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        strategy = operation.as_strategy()
        from hypothesis import given

        @given(case=strategy)
        @settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case):
            nonlocal tried
            tried += 1
            case.call_and_validate(checks=checks)

        ask()
    assert tried >= 60


WANTED_CHECKS = {"not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"}
