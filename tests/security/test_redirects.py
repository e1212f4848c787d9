"""No address of ours leads anybody to another site, whatever `next` says."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.factories import accounts
from tests.security.asking import csrf_token, get_rules, post, unsafe_rules

EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/%09/evil.example/",
    "/\t/evil.example/",
    "https:evil.example",
    "http://localhost@evil.example/",
    "http://localhost.evil.example/",
    "javascript:alert(1)//",
    "data:text/html,evil.example",
    "/zh/\r\nLocation: https://evil.example",
    "https://evil.example/" + "a" * 3000,
]
NAMES = ("next", "back", "url", "target", "return_to", "redirect")


def _leaves(answer) -> bool:
    """Does the answer send a browser to another host?"""
    location = answer.headers.get("Location", "")
    parts = urlsplit(location.replace("\\", "/"))
    is_ours = parts.netloc in ("", "localhost") and parts.scheme in ("", "http", "https")
    return not is_ours or location.replace("\\", "/").startswith("//") or any(ord(c) < 0x20 for c in location)


def _offers(answer) -> bool:
    """Does the page hold a link or a form that leads there?"""
    return any(f'{name}="{start}' in answer.text for name in ("href", "action", "formaction") for start in _starts())


def _starts():
    return (
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:",
        "data:text",
        "https:evil",
    )


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
@pytest.mark.parametrize("role", ["anonymous", "owner"])
def test_no_page_leads_away(asking, role, evil):
    client = asking.client(role)
    found = []
    for rule in get_rules(asking.app):
        url = next(asking.urls_of(rule))
        answer = client.get(url, buffered=True, query_string=dict.fromkeys(NAMES, evil))
        if _leaves(answer) or ("html" in (answer.content_type or "") and _offers(answer)):
            found.append((url, answer.headers.get("Location")))
    assert found == []


@pytest.mark.parametrize("evil", EVIL[:8], ids=range(8))
def test_no_post_leads_away(asking, evil):
    found = []
    for rule, method in unsafe_rules(asking.app):
        client = asking.client("owner")
        data = {"csrf_token": csrf_token(client), **dict.fromkeys(NAMES, evil)}
        url = asking.url(rule.endpoint, method=method)
        answer = client.open(url, method=method, data=data, query_string={"next": evil}, headers={"Referer": evil[:200]})
        if _leaves(answer):
            found.append((url, answer.headers["Location"]))
    assert found == []


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_signing_in_leads_home_instead(asking, evil):
    user = accounts.create_user(password=_hash(asking))
    client = asking.client()
    answer = post(
        client, asking.url("security.login", method="POST"), {"email": user.email, "password": PASSWORD, "next": evil},
        query_string={"next": evil},
    )  # fmt: skip
    assert answer.status_code == 302
    assert not _leaves(answer)


def test_control_signing_in_leads_to_a_page_of_ours(asking):
    user = accounts.create_user(password=_hash(asking))
    wish = "/zh/help"
    answer = post(
        asking.client(), asking.url("security.login", method="POST"), {"email": user.email, "password": PASSWORD, "next": wish},
        query_string={"next": wish},
    )  # fmt: skip
    assert answer.status_code == 302
    assert urlsplit(answer.location).path == wish


def test_control_the_rig_sees_a_way_out(asking):
    from flask import redirect

    with asking.app.test_request_context("/"):
        for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
            assert _leaves(redirect(evil))
        assert not _leaves(redirect("/zh/"))


PASSWORD = "correct horse battery staple 7"


def _hash(asking) -> str:
    from flask_security import hash_password

    with asking.app.test_request_context("/"):
        return str(hash_password(PASSWORD))
