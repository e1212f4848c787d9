"""How the security tests ask: as whom, at which address, with which token, and how an answer is written in one word."""

from __future__ import annotations

import hashlib
import html
import itertools
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from marketplace.accounts.models import User
from marketplace.core.db import current_session, db
from tests.conftest import Browser
from tests.factories import accounts
from tests.factories.market import ROLES, Market

KEPT = ("market.db", "files", "search", "mail")
# What a part of an address may stand for, by its name; the first is meant where a table says nothing else.
STANDS_FOR: dict[str, tuple[str, ...]] = {
    "listing_id": (
        "achievement", "need", "anonymous_need", "draft", "submitted", "verified_only", "withdrawn", "fading", "expired",
        "unverified_need",
    ),
    "id": ("achievement", "draft", "submitted", "withdrawn", "need"),
    "viewer": ("public", "verified", "owner"),
    "part": ("1",),
    "achievement_id": ("achievement", "draft", "submitted", "verified_only", "withdrawn", "fading", "expired"),
    "need_id": ("need", "anonymous_need", "unverified_need"),
    "org_id": ("university", "enterprise", "hidden_org", "other_org", "unverified_org"),
    "enquiry_id": ("enquiry", "open_enquiry", "closed_enquiry", "hidden_enquiry", "blocked_enquiry"),
    "user_id": ("editor", "asker", "admin"),
    "attachment_id": ("public_file", "verified_file", "draft_file"),
    "document_id": ("document", "licence"),
    "file_id": ("message_file",),
    "message_id": ("message",),
    "report_id": ("report",),
    "block_id": ("block",),
    "invitation_id": ("invitation",),
    "notification_id": ("notification",),
    "session_id": ("session",),
    "token": ("invitation_token",),
    "number": ("1",),
    "kind": ("achievement", "need"),
    "section": ("identity", "problem", "files"),
    "filename": ("css/site.css",),
}  # fmt: skip

WORDS = ("kind", "section", "filename", "number", "viewer", "part")  # parts of an address that are words and no things


@dataclass
class Asking:
    """One market and the browsers of its people. `restore` brings the market back to how it was made."""

    app: Flask
    market: Market
    snapshot: Path | None = None
    cookies: dict[str, dict[str, Any]] = field(default_factory=dict)
    signs: dict[str, Any] = field(default_factory=dict)

    def keep(self, folder: Path) -> None:
        """Keep the market as it is now."""
        self.let_go()
        self.snapshot = folder
        source = Path(self.app.config["INSTANCE"])
        for name in KEPT:
            _copy(source / name, folder / name)
        self.signs = {name: _sign(source / name) for name in KEPT}

    def restore(self) -> None:
        """Undo whatever requests and jobs did since `keep`; quick when they did nothing."""
        assert self.snapshot is not None
        self.let_go()
        target = Path(self.app.config["INSTANCE"])
        for name in KEPT:
            if _sign(target / name) != self.signs[name]:
                _copy(self.snapshot / name, target / name)
                self.signs[name] = _sign(target / name)

    @staticmethod
    def let_go() -> None:
        """Close every connection: SQLite then puts its write-ahead log into the file."""
        db.session.remove()
        db.engine.dispose()

    def sign_everybody_in(self) -> None:
        """Start one session for each role, before `keep`, so that a request needs no writing of its own."""
        for role in ROLES[1:]:
            client = self.app.test_client()
            user = current_session().get(User, self.market.users[role])
            assert user is not None
            row = accounts.sign_in(client, user)
            if role == "owner":
                self.market.things["session"] = row.id
            with client.session_transaction() as cookie:
                self.cookies[role] = dict(cookie)
        current_session().rollback()

    def client(self, role: str = "anonymous") -> FlaskClient:
        """A new browser of this role's person."""
        client = Browser(self.app, self.app.response_class, use_cookies=True)
        if role != "anonymous":
            with client.session_transaction() as cookie:
                cookie.update(self.cookies[role])
        return client

    def url(self, endpoint: str, what: str = "-", *, method: str = "GET", lang: str = "zh") -> str:
        """The address of an endpoint for the named things ("-": the first of each)."""
        rule = next(r for r in self.app.url_map.iter_rules(endpoint) if method in (r.methods or ()))
        given = _given(rule, what)
        values = {name: self._value(name, given.get(name) or STANDS_FOR[name][0]) for name in rule.arguments - {"lang"}}
        if "lang" in rule.arguments:
            values["lang"] = lang
        return self.app.url_map.bind("localhost").build(endpoint, values, method=method)

    def _value(self, name: str, thing: str) -> Any:
        return thing if name in WORDS else self.market.value(thing)

    def urls_of(self, rule: Rule, *, lang: str = "zh") -> Iterator[str]:
        """Every address of a route, over all that its parts may stand for."""
        names = sorted(rule.arguments - {"lang"})
        for choice in itertools.product(*(STANDS_FOR[name] for name in names)):
            values = {name: self._value(name, value) for name, value in zip(names, choice, strict=True)}
            if "lang" in rule.arguments:
                values["lang"] = lang
            yield self.app.url_map.bind("localhost").build(rule.endpoint, values, method="GET")


def _sign(path: Path) -> Any:
    """What changes when anything in a file or folder does."""
    if path.is_file():
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return sorted((str(p.relative_to(path)), p.stat().st_mtime_ns, p.stat().st_size) for p in path.rglob("*") if p.is_file())


def _copy(source: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _given(rule: Rule, what: str) -> dict[str, str]:
    if what == "-":
        return {}
    if "=" in what:
        return dict(part.split("=", 1) for part in what.split(","))
    names = rule.arguments - {"lang"}
    if len(names) == 1:
        return {next(iter(names)): what}
    fitting = [name for name in names if what in STANDS_FOR[name]]
    assert len(fitting) == 1, f"say which part of {rule.rule} is {what}"
    return {fitting[0]: what}


def csrf_token(client: FlaskClient) -> str:
    """A token that fits the client's session, as a page would hold it."""
    with client.session_transaction() as cookie:
        raw = cookie.setdefault("csrf_token", hashlib.sha1(b"tests").hexdigest())
    return str(URLSafeTimedSerializer(client.application.secret_key, salt="wtf-csrf-token").dumps(raw))


def post(client: FlaskClient, url: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
    """Post a form with a right token."""
    return client.post(url, data={**(data or {}), "csrf_token": csrf_token(client)}, **options)


def word_for(answer: TestResponse) -> str:
    """An answer in one word: `in` sent to sign in, `go` sent elsewhere, otherwise its status."""
    if 300 <= answer.status_code < 400:
        path = urlsplit(answer.location or "").path
        return "in" if re.fullmatch(r"/(zh|en)/account/login", path) else "go"
    return str(answer.status_code)


_LINK = re.compile(r"""\b(?:href|src)=["']([^"']+)["']|<loc>([^<]+)</loc>|<link>([^<]+)</link>""")


def links_in(answer: TestResponse) -> list[str]:
    """Addresses of this site that a page, a feed or a sitemap names, without their fragments."""
    if "html" not in (answer.content_type or "") and "xml" not in (answer.content_type or ""):
        return []
    found = []
    for groups in _LINK.findall(answer.text):
        link = html.unescape(next(g for g in groups if g)).split("#", 1)[0]
        parts = urlsplit(link)
        if parts.netloc and parts.netloc not in ("localhost", "127.0.0.1:8000"):
            continue
        if parts.path.startswith("/") and not parts.path.startswith("/static/"):
            found.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return list(dict.fromkeys(found))


def crawl(
    client: FlaskClient, starts: Iterable[str], *, variants: int = 3, limit: int = 1500, skip: str = ""
) -> dict[str, TestResponse]:
    """Every page that can be reached by links from `starts`; of each path at most `variants` different queries."""
    waiting, seen, per_path = list(starts), {}, {}
    known = set(waiting)
    while waiting and len(seen) < limit:
        url = waiting.pop(0)
        answer = client.get(url, buffered=True)  # a stream left open would keep its context
        seen[url] = answer
        follow = [answer.location] if 300 <= answer.status_code < 400 else links_in(answer)
        for link in follow:
            path = urlsplit(link).path
            if link in known or (skip and path.startswith(skip)) or urlsplit(link).netloc not in ("", "localhost"):
                continue
            per_path[path] = per_path.get(path, 0) + 1
            if per_path[path] <= variants:
                known.add(link)
                waiting.append(link)
    assert len(seen) < limit, "the crawl does not end"
    return seen


def get_rules(app: Flask) -> list[Rule]:
    """Routes that can be read, without files of the site."""
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]


def unsafe_rules(app: Flask) -> list[tuple[Rule, str]]:
    """Routes that may change something, with their method."""
    methods = ("POST", "PUT", "PATCH", "DELETE")
    return [(rule, m) for rule in app.url_map.iter_rules() for m in methods if m in (rule.methods or ())]
