"""Figures for monitoring: who may read them, what they count, and that they tell nothing a person typed."""

from __future__ import annotations

import pytest

from marketplace.core import metrics, search
from search_index.engine import EngineUnavailable

TOKEN = "only-for-monitoring-0123456789"


def figure(client, name: str, **headers: str) -> float:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    values = {line.rsplit(" ", 1)[0]: line.rsplit(" ", 1)[1] for line in answer.text.splitlines() if not line.startswith("#")}
    return float(values.get(name, "0"))


def test_this_machine_may_read_them_and_another_may_not(client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_in_production_only_the_token_opens_them(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "ENV_NAME", "production")
    assert client.get("/metrics").status_code == 404
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    for wrong in ("", "Bearer ", f"Bearer {TOKEN}x", TOKEN, "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_answers_are_counted_by_the_class_of_their_status(client):
    before = figure(client, 'market_requests_total{status="4xx"}'), figure(client, "market_request_seconds_count")
    client.get("/zh/nowhere-zqsecret?q=zqsecret")
    assert figure(client, 'market_requests_total{status="4xx"}') == before[0] + 1
    assert figure(client, "market_request_seconds_count") >= before[1] + 1
    assert "zqsecret" not in client.get("/metrics").text


def test_searches_fallbacks_and_openings_of_the_breaker_are_counted(app, client):
    def fail(_engine: object) -> None:
        raise EngineUnavailable("down")

    names = ('market_searches_total{answered_by="engine"}', 'market_searches_total{answered_by="database"}')
    opened = "market_search_breaker_opened_total"
    before = [figure(client, name) for name in (*names, opened)]
    search.ask(lambda _engine: 1)
    for _ in range(search.FAILURES_UNTIL_OPEN + 2):  # the last two meet the open breaker
        with pytest.raises(EngineUnavailable):
            search.ask(fail)
    after = [figure(client, name) for name in (*names, opened)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, search.FAILURES_UNTIL_OPEN + 2, 1]


def test_gauges_are_read_at_the_moment_and_one_that_fails_hides_no_other(client, monkeypatch):
    monkeypatch.setattr(metrics, "_gauges", dict(metrics._gauges))
    metrics.gauges(lambda: [42, 43], market_test_good="x", market_test_better="y")
    metrics.gauges(lambda: [1 / 0], market_test_bad="x")
    text = client.get("/metrics").text
    assert "market_test_good 42.0" in text
    assert "market_test_better 43.0" in text
    assert "market_test_bad" not in text
    assert "market_jobs_waiting 0.0" in text
