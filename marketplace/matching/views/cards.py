"""A found listing as macros/listing.html draws it: plain values, worded once. Hot: a page has twenty of them.

Words that depend only on a value and the language are kept; addresses are built from one pattern a page.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from marketplace.core import clock, i18n
from marketplace.core.types import Bilingual
from marketplace.core.web.languages import page_url
from marketplace.listings.queries import Card
from marketplace.matching import labels
from marketplace.matching.queries.search import Query, Row
from search_index.requests import Segments


@dataclass(frozen=True, slots=True)
class Tag:
    """A word before the title of a result."""

    text: str
    kind: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A result as macros/listing.html takes it; a template reads attributes faster than keys."""

    title: Markup
    url: str
    lang: str
    summary: Markup
    summary_lang: str
    field: str
    field_url: str
    tags: Sequence[Tag]
    trl: int | None
    want: int | None
    trl_drawn: str
    meta: Sequence[str]
    fading: str
    why_url: str = ""


class Addresses:
    """Addresses a page is full of. One url_for takes as long as ten of these."""

    def __init__(self) -> None:
        self._search = page_url("matching.search")
        self._records = {kind: _before_id(f"listings.{kind}") for kind in ("achievement", "need")}

    def search(self, query: Query) -> str:
        """The page of a search."""
        return self._search + _asked(query)

    def export(self, endpoint: str, query: Query) -> str:
        """The same search for machines."""
        return page_url(endpoint) + _asked(query.on_page(1))

    def record(self, kind: str, listing_id: int) -> str:
        """The public record of a listing."""
        return f"{self._records[kind]}{listing_id}"

    def field(self, code: str, kind: str) -> str:
        """All listings of one kind in a strategic field."""
        return f"{self._search}?kind={kind}&field={code}"


def _asked(query: Query) -> str:
    """The part of an address from its question mark on, or nothing."""
    pairs = query.pairs()
    return "?" + "&".join(_pair(*pair) for pair in pairs) if pairs else ""


@functools.lru_cache(maxsize=1024)
def _pair(name: str, value: str) -> str:
    """One name=value: a page says the same dozens of times."""
    return urlencode({name: value})


def _before_id(endpoint: str) -> str:
    address = page_url(endpoint, id=0)
    if not address.endswith("/0"):
        raise RuntimeError(f"the address of {endpoint} does not end with the id")
    return address[:-1]


def marked(segments: Segments) -> Markup:
    """Segments as HTML: each piece escaped, hits in <mark>."""
    html = "".join(f"<mark>{escape(text)}</mark>" if is_hit else escape(text) for text, is_hit in segments)
    # Every piece is escaped above; the marks are ours.
    return Markup(html)  # noqa: S704 # nosec B704


def pick(texts: Mapping[str, Segments], language: str) -> tuple[Markup, str]:
    """The marked text in the reader's language, or in the other with its `lang`."""
    if texts.get(language):
        return marked(texts[language]), ""
    other = "en" if language == "zh" else "zh"
    found = texts.get(other, ())
    return marked(found), i18n.HTML_LANG[other] if found else ""


def card_item(row: Row, to: Addresses, figures: Mapping[int, Any]) -> Item:
    """One result."""
    card, language = row.card, i18n.language()
    title, title_lang = pick(row.title, language)
    summary, summary_lang = pick(row.snippet, language)
    is_need = card.kind == "need"
    code = card.fields[0] if card.fields else ""
    return Item(
        title=title,
        url=to.record(card.kind, card.id),
        lang=title_lang,
        summary=summary,
        summary_lang=summary_lang,
        field=labels.choice("field", code) if code else "",
        field_url=to.field(code, card.kind) if code else "",
        tags=_tags(card),
        trl=None if is_need else card.maturity,
        want=card.maturity if is_need else None,
        trl_drawn=_drawn(card.maturity, is_need, language) if card.maturity else "",
        meta=meta_of(card, figures),
        fading=_("Not confirmed lately") if card.is_fading else "",
    )


@functools.lru_cache(maxsize=64)
def _drawn(level: int, is_wanted: bool, _language: str) -> Markup:
    """The picture of a maturity level as macros/ui.html draws it; there are two dozen of them, and drawing takes a third
    of a card's time."""
    macros: Any = current_app.jinja_env.get_template("macros/ui.html").module
    drawn: Markup = macros.trl(None, level) if is_wanted else macros.trl(level)
    return drawn


def _tags(card: Card) -> list[Tag]:
    tags = [Tag(labels.choice("kind", "need"), "info")] if card.kind == "need" else []
    if card.audience == "verified":
        tags.append(Tag(_("For verified organisations")))
    return tags


def meta_of(card: Card, figures: Mapping[int, Any]) -> list[str]:
    """Whose it is, on which terms, how they answer, how fresh it is."""
    language = i18n.language()
    found = [owner(card), terms_of(card.kind, card.modes, card.money_min, card.money_max, language)]
    answer = figures.get(card.org_id) if card.org_id else None
    if answer is not None and answer.percent is not None:
        found.append(_answers(answer.percent, answer.median_days))
    if card.closes_on is not None:
        found.append(_open_until(card.closes_on, language))
    elif card.confirmed_at is not None:
        found.append(_confirmed(clock.local_day(card.confirmed_at), language))
    return [text for text in found if text]


def owner(card: Card) -> str:
    """Organisation and city; an anonymous need's organisation arrives masked, often with its city in the name already."""
    name, city = i18n.pick(card.org_name), labels.choice("city", card.city) if card.city else ""
    return f"{name} · {city}" if city and city not in name else name


@functools.lru_cache(maxsize=4096)
def terms_of(kind: str, modes: tuple[str, ...], low: int | None, high: int | None, _language: str) -> str:
    """Transfer modes with the price, or a need's budget."""
    amount = i18n.money_range(low, high)
    if kind == "need" and low is None and high is None:
        return str(_("Budget not stated"))
    if kind == "need":
        return str(_("Budget %(range)s", range=amount))
    words = labels.joined(labels.choice("mode", mode) for mode in modes)
    return str(_("%(modes)s; %(price)s", modes=words, price=amount)) if words else amount


def _answers(percent: int, median_days: float | None) -> str:
    rate = str(_("%(percent)s%% replied in time", percent=percent))
    if median_days is None:
        return rate
    days = max(1, round(median_days))
    return str(_("%(rate)s, %(about)s", rate=rate, about=ngettext("about %(num)s day", "about %(num)s days", days)))


@functools.lru_cache(maxsize=4096)
def _open_until(day: dt.date, _language: str) -> str:
    return str(_("open until %(day)s", day=i18n.day(day)))


@functools.lru_cache(maxsize=4096)
def _confirmed(day: dt.date, _language: str) -> str:
    return str(_("confirmed %(day)s", day=i18n.day(day)))


def bilingual_segments(text: Bilingual) -> dict[str, Segments]:
    """A text without hits as segments."""
    return {code: ((value, False),) if value else () for code, value in text.as_dict().items()}
