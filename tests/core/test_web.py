"""Languages in addresses, headers, error pages, safe redirects, health."""

from __future__ import annotations

import pytest
from flask import g, url_for

import config
from marketplace.app import create_app
from marketplace.core.db import db
from marketplace.core.files import MAX_BYTES
from marketplace.core.web import safe_next


@pytest.mark.parametrize(("accepted", "home"), [("en-GB,en;q=0.9", "/en/"), ("zh-CN", "/zh/"), ("fr", "/zh/"), ("", "/zh/")])
def test_the_bare_address_leads_to_the_visitors_language(client, accepted, home):
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert answer.status_code == 302
    assert answer.location == home
    assert "Accept-Language" in answer.headers["Vary"]


def test_headers_hold_for_every_answer(client):
    for path in ("/zh/", "/zh/nowhere", "/healthz", "/static/css/site.css"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-Id"]


def test_a_request_id_from_the_proxy_is_kept_and_a_wild_one_is_not(client):
    assert client.get("/healthz", headers={"X-Request-Id": "abcDEF-12345"}).headers["X-Request-Id"] == "abcDEF-12345"
    assert client.get("/healthz", headers={"X-Request-Id": "a\tb<script>"}).headers["X-Request-Id"] != "a\tb<script>"


@pytest.mark.parametrize("path", ["/healthz", "/zh/", "/nowhere", "/api/v1/search"])
def test_a_name_that_is_not_ours_is_refused_in_words_without_addresses(app, client, monkeypatch, path):
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["market.example"])
    assert client.get("/healthz", base_url="https://market.example").status_code == 200
    answer = client.get(path, base_url="https://evil.example")
    assert answer.status_code == 400
    assert "不属于本网站" in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize(("path", "words"), [("/zh/nowhere", "不存在"), ("/en/nowhere", "does not exist")])
def test_an_error_page_speaks_the_language_of_its_address(client, path, words):
    answer = client.get(path)
    assert answer.status_code == 404
    assert words in answer.text


def test_an_unknown_language_is_not_a_language(client):
    assert client.get("/fr/").status_code == 404


def test_the_api_answers_errors_as_json(client):
    answer = client.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.json["code"] == 404


SAFE = ["/zh/", "/zh/search?q=%E8%86%9C", "/en/achievements/1#top"]
UNSAFE = [
    "",
    None,
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\tevil",
    "/%09/evil\n",
    "javascript:x",
    "http:evil",
    "/a" * 2000,
    " /zh/",
    "zh/",
    "/zh/\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("target", SAFE)
def test_a_path_of_ours_may_follow(target):
    assert safe_next(target) == target


@pytest.mark.parametrize("target", UNSAFE)
def test_nothing_else_may_follow(target):
    assert safe_next(target) == ""


def test_health_and_readiness(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json["checks"]["database"] == "ok"


def test_a_number_no_row_can_have_is_no_address(client):
    """The database would fail on it; the site says that there is no such page."""
    assert client.get("/zh/l/2147483647").status_code == 404
    assert client.get("/zh/l/2147483648").status_code == 404
    assert client.get("/zh/l/99999999999999999999999").status_code == 404


def test_kept_addresses_are_those_url_for_makes(app):
    """Templates call a url_for that remembers; language, prefix and kind of value must not get mixed up."""
    made = app.jinja_env.globals["url_for"]
    for base in ("http://localhost/", "http://localhost/market/"):
        for lang in ("zh", "en"):
            with app.test_request_context(f"/{lang}/", base_url=base):
                g.language = lang
                for values in (
                    {},
                    {"q": "膜"},
                    {"page": 1},
                    {"page": True},
                    {"page": 1.0},
                    {"city": ["1", "2"]},
                    {"_anchor": "x"},
                ):
                    for _ in range(2):
                        assert made("pages.help", **values) == url_for("pages.help", **values), (base, lang, values)
                assert made("pages.help", lang="en") == url_for("pages.help", lang="en")
                assert made("pages.help", _external=True) == url_for("pages.help", _external=True)


def test_too_much_at_once_tells_both_limits_as_they_are(app, client):
    """One file may have 20 MB, a whole form 24: a page that names one number sends people round in circles."""
    all_mb, one_mb = app.config["MAX_CONTENT_LENGTH"] // 1024**2, MAX_BYTES // 1024**2
    answer = client.post("/zh/account/login", data={"email": b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1)})
    assert answer.status_code == 413
    assert f"一次最多 {all_mb} MB，每个文件最多 {one_mb} MB" in answer.text


def test_too_many_requests_are_refused_in_words_and_only_that_answer_says_when_to_come_back(tmp_path):
    """An application of its own: the limiter is off in the others."""
    settings = config.Testing(tmp_path)
    settings.RATELIMIT_ENABLED = True
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    visitor = app.test_client()
    answers = [visitor.get("/healthz") for _ in range(601)]
    assert {answer.status_code for answer in answers[:600]} == {200}
    assert "Retry-After" not in answers[0].headers
    assert answers[0].headers["X-RateLimit-Limit"] == "600"
    refused = visitor.get("/healthz", headers={"Accept-Language": "en"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 60
    assert "Too many requests" in refused.text
    assert 'lang="zh-CN"' in visitor.get("/healthz", headers={"Accept-Language": "zh"}).text
