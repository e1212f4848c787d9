"""Files for machines: a search as a feed or a table, the sitemap, and what robots may read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from marketplace.core import clock, i18n
from marketplace.core.errors import NotFound
from marketplace.core.types import LANGUAGES
from marketplace.core.web import absolute_url, actor, bp_prefix, errors, public
from marketplace.core.web.languages import has_endpoint
from marketplace.exchange import labels, queries
from marketplace.exchange.rules import csv_lines, xml_text
from marketplace.listings.queries import Card
from marketplace.matching import labels as matching_labels
from marketplace.matching.queries import Query
from marketplace.matching.queries.search import request_of
from search_index.requests import InvalidSearch

bp = Blueprint("exchange", __name__, url_prefix=bp_prefix())
# Addresses that belong to no language.
site_bp = Blueprint("exchange_site", __name__)
_PAGES = ("pages.home", "matching.search", "pages.help", "pages.ranking", "pages.accessibility", "pages.privacy")
_FEN = 100


def _query() -> Query:
    """The search in the address, checked before anything is sent. Raises InvalidSearch."""
    query = Query.of(request.args.to_dict(flat=False)).on_page(1)
    request_of(query, actor(), clock.now())
    return query


@bp.get("/search.atom")
@public
def feed() -> ResponseReturnValue:
    """The newest results of a search as an Atom feed."""
    try:
        query = _query()
        cards = queries.newest_cards(query, actor(), clock.now())
    except InvalidSearch as error:
        return errors.page(400, matching_labels.invalid_search(error))
    entries = [_entry(card) for card in cards]
    updated = max((entry["updated"] for entry in entries), default=_instant(clock.now()))
    body = render_template(
        "exchange/feed.xml",
        query=query,
        entries=entries,
        updated=updated,
        self_url=absolute_url("exchange.feed", **query.values()),
        page_url=absolute_url("matching.search", **query.values()),
    )
    return Response(body, mimetype="application/atom+xml")


def _entry(card: Card) -> dict[str, Any]:
    confirmed, published = card.confirmed_at or card.published_at, card.published_at or card.confirmed_at
    return {
        "title": xml_text(i18n.pick(card.title)),
        "url": absolute_url(f"listings.{card.kind}", id=card.id),
        "summary": xml_text(i18n.pick(card.summary)),
        "author": xml_text(i18n.pick(card.org_name)),
        "updated": _instant(confirmed) if confirmed else "",
        "published": _instant(published) if published else "",
        "fields": [matching_labels.choice("field", code) for code in card.fields],
    }


def _instant(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@bp.get("/search.csv")
@public
def search_csv() -> ResponseReturnValue:
    """A search as a table for spreadsheets, its first thousand rows; no cell can act as a formula."""
    try:
        query = _query()
    except InvalidSearch as error:
        return errors.page(400, matching_labels.invalid_search(error))
    rows = (_row(card) for card in queries.found_cards(query, actor(), clock.now()))
    lines = stream_with_context(csv_lines([str(title) for title in labels.COLUMNS], rows))
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="shandong-tech-market.csv"'
    return response


def _row(card: Card) -> Sequence[object]:
    def words(name: str, values: Iterable[str]) -> str:
        return "; ".join(matching_labels.choice(name, value) for value in values)

    return (
        matching_labels.kind(card.kind),
        card.title.zh,
        card.title.en,
        i18n.pick(card.org_name),
        matching_labels.choice("city", card.city) if card.city else "",
        words("field", card.fields),
        card.maturity,
        words("mode", card.modes),
        _yuan(card.money_min),
        _yuan(card.money_max),
        _day(card.published_at),
        _day(card.confirmed_at),
        card.closes_on.isoformat() if card.closes_on else "",
        absolute_url(f"listings.{card.kind}", id=card.id),
    )


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen / _FEN:.2f}".removesuffix(".00")


def _day(value: dt.datetime | None) -> str:
    return clock.local_day(value).isoformat() if value else ""


@site_bp.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """Where the sitemaps are: one of the pages, and one for each ten thousand listings and organisations."""
    parts = [absolute_url("exchange_site.sitemap_part", part=part) for part in range(queries.sitemaps() + 1)]
    return Response(render_template("exchange/sitemaps.xml", parts=parts), mimetype="application/xml")


@site_bp.get("/sitemap-<int:part>.xml")
@public
def sitemap_part(part: int) -> Response:
    """Addresses that everybody may read, each with its other language. Part 0 holds the pages that are always there."""
    if part > queries.sitemaps():
        raise NotFound(request.path)
    pages = _static_pages() if part == 0 else (_public(page) for page in queries.public_pages(part))
    body = render_template("exchange/sitemap.xml", pages=pages, hreflang=i18n.HTML_LANG)
    return Response(body, mimetype="application/xml")


def _static_pages() -> list[dict[str, Any]]:
    return [
        {"urls": {code: absolute_url(endpoint, lang=code) for code in LANGUAGES}, "changed": ""}
        for endpoint in _PAGES
        if has_endpoint(endpoint)
    ]


def _public(page: queries.PublicPage) -> dict[str, Any]:
    if page.kind == queries.ORGANISATION:
        urls = {code: absolute_url("accounts.organisation", org_id=page.id, lang=code) for code in LANGUAGES}
    else:
        urls = {code: absolute_url(f"listings.{page.kind}", id=page.id, lang=code) for code in LANGUAGES}
    return {"urls": urls, "changed": clock.local_day(page.changed_at).isoformat() if page.changed_at else ""}


@site_bp.get("/robots.txt")
@public
def robots() -> Response:
    """Lists and records may be read; what is private, endless or made for machines of another kind may not."""
    closed = [f"/{code}{path}" for code in LANGUAGES for path in ("/suggest", "/search.csv", "/search.atom", "/admin/")]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Disallow: /api/", ""]
    lines.append(f"Sitemap: {absolute_url('exchange_site.sitemap')}")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
