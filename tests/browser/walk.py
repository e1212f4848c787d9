"""Which pages there are, and who opens them: every readable route of the URL map, for the first role that gets a page."""

from __future__ import annotations

import os
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from tests.browser.site import Site
from tests.browser.visiting import Visitor, visitor
from tests.factories.market import Market
from tests.security.asking import STANDS_FOR, Asking, get_rules

ROLES = ("anonymous", "owner", "asker", "admin")
WIDTHS = (1280, 768, 360)
# Pictures are for people, and cost a third of the walk: `make e2e` keeps them, `make test` does not.
KEEP_PICTURES = os.environ.get("KEEP_PICTURES") == "1"
# Of these parts of an address each meaning is a page of its own kind; of the others one is enough.
EACH = {"listing_id": ("achievement", "anonymous_need"), "viewer": STANDS_FOR["viewer"], "kind": STANDS_FOR["kind"]}
SECTIONS = {
    "achievement": ("identity", "purpose", "benefits", "maturity", "ip", "people", "transfer", "place", "files", "audience"),
    "need": ("problem", "targets", "terms", "place", "audience", "files"),
}
# Pages that no route shows by itself: results, refusals, states of a page that its query makes.
MORE = {
    "anonymous": (
        "search?q=膜",
        "search?q=zzzzqqqq",
        "search?kind=need&sort=freshness",
        "search?kind=achievement&field=F11&maturity=4",
        "nowhere",
        "account/confirm/broken",
        "notifications/unsubscribe/broken",
    ),
    "owner": ("admin/people", "enquiries?tab=sent", "enquiries?tab=closed", "notifications/?show=unread"),
    "asker": ("enquiries?tab=sent",),
    "admin": ("admin/people?q=zqmail", "admin/audit?action=listings"),
}


def pages_of(asking: Asking, lang: str) -> dict[str, list[str]]:
    """The addresses of HTML pages by the role that opens them."""
    clients = {role: asking.client(role) for role in ROLES}
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    for path in _paths(asking, lang):
        role = next((role for role in ROLES if _is_page(clients[role], path)), None)
        if role is not None:
            found[role].append(path)
    for role, paths in MORE.items():
        found[role] += [f"/{lang}/{path}" for path in paths]
    return found


def _paths(asking: Asking, lang: str) -> Iterator[str]:
    for rule in get_rules(asking.app):
        if "lang" not in rule.arguments:
            continue
        parts = [name for name in rule.arguments if name in EACH]
        if rule.endpoint == "listings.section":
            for thing, sections in SECTIONS.items():
                for section in sections:
                    yield asking.url(rule.endpoint, f"id={thing},section={section}", lang=lang)
        elif len(parts) == 1:
            for thing in EACH[parts[0]]:
                yield asking.url(rule.endpoint, f"{parts[0]}={thing}", lang=lang)
        else:
            yield asking.url(rule.endpoint, lang=lang)
            if "id" in rule.arguments:  # the same page of a need
                yield asking.url(rule.endpoint, "id=need", lang=lang)


def _is_page(client: FlaskClient, path: str) -> bool:
    answer = client.get(path, buffered=True)
    return answer.status_code == 200 and "html" in (answer.content_type or "")


def look_at(who: Visitor, path: str) -> list[str]:
    """Open a page; what is wrong with it, wide and narrow. Colours, light and dark, are judged once: languages share them."""
    client_errors = {400, 403, 404, 410, 422}
    with who.expecting(*client_errors):
        who.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        answer = who.page.goto(who.site.url + path, wait_until="load")
        assert answer is not None
        assert answer.status < 500, f"{path}: {answer.status}"
        if path.startswith("/zh/"):
            found = who.barriers() + who.dark_contrast()
        else:
            found = who.barriers(rules={"color-contrast": {"enabled": False}})
        if KEEP_PICTURES:
            for width in WIDTHS:
                who.picture(path, width)
        found += who.sideways()
        who.check()
    return [f"{path}: {line}" for line in found]


def look_at_all(site: Site, browser: Browser, market: Market, *, role: str, paths: list[str]) -> list[str]:
    """Look at every page of a role; everything that is wrong."""
    found = []
    with visitor(site, browser, user_id=market.users.get(role)) as who:
        for path in paths:
            try:
                found += look_at(who, path)
            except AssertionError as complaint:
                found.append(str(complaint))
    return found


def asking_of(app: Flask, market: Market) -> Asking:
    """The roles' browsers in this process, to learn what is a page for whom."""
    asking = Asking(app, market)
    with app.app_context():
        asking.sign_everybody_in()
    return asking
