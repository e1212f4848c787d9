"""The pages of no feature, as anybody gets them: both languages, without script, with links that lead somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from marketplace.core import labels
from marketplace.core.policy import ANONYMOUS

PAGES = ("", "help", "how-ranking-works", "accessibility", "privacy", "display", "styleguide")
TEXTS = Path(__file__).resolve().parents[2] / "templates" / "pages" / "text"


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_each_page_stands_in_both_languages(client: FlaskClient, language: str, page: str) -> None:
    answer = client.get(f"/{language}/{page}")
    assert answer.status_code == 200
    html = answer.get_data(as_text=True)
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in html
    assert html.count("<h1") >= 1
    other = "en" if language == "zh" else "zh"
    assert f'href="/{other}/{page}"' in html
    for code in ("zh", "en"):
        assert re.search(
            rf'<link rel="alternate" hreflang="{"zh-CN" if code == "zh" else "en"}" href="[^"]+/{code}/{page}"', html
        )


@pytest.mark.parametrize("page", PAGES)
def test_links_within_a_page_lead_to_something(client: FlaskClient, page: str) -> None:
    html = client.get(f"/zh/{page}").get_data(as_text=True)
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    assert not {target for target in re.findall(r'href="#([^"]+)"', html) if target not in ids}


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_given_once(client: FlaskClient, page: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get(f"/zh/{page}").get_data(as_text=True))
    assert sorted(ids) == sorted(set(ids))


def test_the_style_guide_is_not_in_production(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "ENV_NAME", "production")
    assert client.get("/zh/styleguide").status_code == 404


@pytest.mark.parametrize("name", ["help", "ranking", "accessibility", "privacy", "help_contents"])
def test_long_texts_have_the_same_parts_in_both_languages(name: str) -> None:
    zh, en = ((TEXTS / f"{name}.{code}.html").read_text(encoding="utf-8") for code in ("zh", "en"))
    for mark in (r'<h[23] id="([^"]+)"', r"<(li)\b", r'href="(#[^"]+)"', r"<(tr)\b"):
        assert re.findall(mark, zh) == re.findall(mark, en)


def test_help_says_that_the_list_of_fields_is_a_working_version(client: FlaskClient) -> None:
    html = client.get("/zh/help").get_data(as_text=True)
    assert "工作版" in html
    assert "官方清单没有找到" in html


def test_home_shows_every_chain_of_the_taxonomy(client: FlaskClient) -> None:
    html = client.get("/zh/").get_data(as_text=True)
    assert html.count('class="chain"') > 1
    assert "氢能与燃料电池" in html
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert data["@type"] == "WebSite"


def test_an_empty_market_says_what_to_expect(client: FlaskClient) -> None:
    html = client.get("/zh/").get_data(as_text=True)
    assert html.count('class="empty"') == 2


class TestDisplay:
    def test_the_choice_is_kept_in_cookies_and_shown_by_the_server(self, client: FlaskClient) -> None:
        token = token_of(client.get("/zh/display").get_data(as_text=True))
        sent = {"csrf_token": token, "theme": "dark", "text": "large", "back": "/zh/help?x=1"}
        answer = client.post("/zh/display", data=sent)
        assert (answer.status_code, answer.location) == (302, "/zh/help?x=1")
        html = client.get("/zh/help").get_data(as_text=True)
        assert 'data-theme="dark"' in html
        assert 'data-text="large"' in html

    def test_nothing_is_kept_without_a_token(self, client: FlaskClient) -> None:
        answer = client.post("/zh/display", data={"theme": "dark", "text": "large"})
        assert answer.status_code == 400
        assert client.get_cookie("theme") is None

    def test_looking_changes_nothing(self, client: FlaskClient) -> None:
        client.get("/zh/display?theme=dark&text=large")
        assert client.get_cookie("theme") is None

    @pytest.mark.parametrize(
        "back", ["//evil.example", "https://evil.example/", "/\\evil.example", "/%09/evil", "javascript:alert(1)"]
    )
    def test_it_never_leads_off_the_site(self, client: FlaskClient, back: str) -> None:
        token = token_of(client.get("/zh/display").get_data(as_text=True))
        answer = client.post("/zh/display", data={"csrf_token": token, "theme": "light", "text": "normal", "back": back})
        assert answer.location.startswith("/")
        assert not answer.location.startswith(("//", "/\\"))

    @pytest.mark.parametrize("value", ['"><script>', "purple", "x" * 2000])
    def test_a_strange_cookie_is_ignored(self, client: FlaskClient, value: str) -> None:
        client.set_cookie("theme", value)
        client.set_cookie("text", value)
        html = client.get("/zh/display").get_data(as_text=True)
        assert "data-theme" not in html
        assert "data-text" not in html


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429, 500, 503])
def test_each_error_page_says_what_to_do_next(app: Flask, language: str, status: int) -> None:
    title = labels.status_title(status)
    with app.test_request_context(f"/{language}/"):
        app.preprocess_request()
        html = render_template(f"errors/{status}.html", status=status, title=title, message="", actor=ANONYMOUS)
    body = re.search(r"<main.*</main>", html, re.DOTALL)[0]
    assert str(title) in body
    assert len(re.findall(r"<p\b", body)) >= 3
    assert f'href="/{language}/"' in body
    assert '<meta name="robots" content="noindex">' in html


def test_the_fault_page_needs_no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from marketplace.core.db import db

    def broken(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(db.session, "execute", broken)
    monkeypatch.setattr(db.session, "scalars", broken)
    with app.test_request_context("/zh/"):
        app.preprocess_request()
        html = render_template("errors/500.html", status=500, title="x", message="")
    assert "回到首页" in html
