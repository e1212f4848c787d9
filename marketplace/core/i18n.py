"""Languages of the market: which one a request speaks, and how dates, money and bilingual text are written in it.

Message ids are English; marketplace/translations holds the Chinese catalogue. User content is `core.types.Bilingual`.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, force_locale, format_date, format_decimal, gettext
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from marketplace.core.clock import SHANGHAI
from marketplace.core.types import LANGUAGES, Bilingual

DEFAULT_LANGUAGE = "zh"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
HTML_LANG = {"zh": "zh-CN", "en": "en"}
FEN_PER_WAN = 1_000_000


def language() -> str:
    """The language of the running request or job: "zh" or "en"."""
    # Asked two hundred times a page, so by the one shortest way; outside of a context `g` raises RuntimeError.
    try:
        found: str = g.language
    except (AttributeError, RuntimeError):
        return DEFAULT_LANGUAGE
    return found


def best_language() -> str:
    """What a visitor without a language in the address most likely reads."""
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


def _locale() -> str:
    return LOCALES[language()]


class _Catalogues(Domain):
    """The messages of each language, kept: a page has a hundred words, and Flask-Babel would look for them at each."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Any] = {}

    def get_translations(self) -> Any:
        code = language()
        if code not in self._kept:
            with force_locale(LOCALES[code]):  # Flask-Babel may still remember what was spoken before
                self._kept[code] = super().get_translations()
        return self._kept[code]


_catalogues = _Catalogues()


@pass_eval_context
def _word(place: EvalContext, message: str, /, **values: Any) -> str:
    """`_()` of templates, as Jinja's own does it, but a message without values is made ready once and kept."""
    if not values:
        return _ready(message, language(), bool(place.autoescape))
    text = _catalogues.get_translations().ugettext(message)
    # The message is ours; Markup escapes the values as it takes them in.
    return (Markup(text) if place.autoescape else text) % values  # noqa: S704 # nosec B704


@functools.lru_cache(maxsize=4096)
def _ready(message: str, _language: str, is_markup: bool) -> str:
    text = _catalogues.get_translations().ugettext(message)
    # The message is ours, and nothing is put into it.
    return (Markup(text) if is_markup else text) % {}  # noqa: S704 # nosec B704


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Write in another language for a while (mail to a person who reads that one)."""
    before = g.get("language")
    g.language = code if code in LANGUAGES else DEFAULT_LANGUAGE
    try:
        with force_locale(LOCALES[g.language]):
            yield
    finally:
        if before is None:
            g.pop("language", None)
        else:
            g.language = before


def pick(text: Bilingual | None) -> str:
    """A bilingual text in the reader's language, or in the other where that is missing."""
    return text.pick(language()) if text else ""


def pick_marked(text: Bilingual | None) -> Markup:
    """The same as HTML, with a `lang` attribute when it is shown in the other language."""
    if not text:
        return Markup("")
    shown = text.language_shown(language())
    if shown == language():
        return escape(text.pick(language()))
    return Markup('<span lang="{}">{}</span>').format(HTML_LANG[shown], text.pick(language()))


def day(value: dt.datetime | dt.date | None) -> str:
    """2026年11月24日 / 24 November 2026, in Shandong's time."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = value.astimezone(SHANGHAI).date()
    return format_date(value, "y年M月d日" if language() == "zh" else "d MMMM y")


def month(value: str) -> str:
    """2026年11月 / November 2026, from "2026-11"; anything else stays as it is."""
    try:
        first = dt.date.fromisoformat(f"{value}-01")
    except ValueError:
        return value
    return format_date(first, "y年M月" if language() == "zh" else "MMMM y")


def minute(value: dt.datetime | None) -> str:
    """Day and time of day, in Shandong's time."""
    if value is None:
        return ""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}"


def money(fen: int | None) -> str:
    """120 万元 / CNY 1.2 million, from integer fen."""
    if fen is None:
        return ""
    if language() == "zh":
        return f"{_plain(Decimal(fen) / FEN_PER_WAN)} 万元"
    yuan = Decimal(fen) / 100
    if yuan >= 1_000_000:
        return f"CNY {_plain(yuan / 1_000_000)} million"
    return f"CNY {_plain(yuan)}"


def money_range(low: int | None, high: int | None) -> str:
    """A price or budget band in words; "negotiable" when neither end is given."""
    if low is None and high is None:
        return gettext("Negotiable")
    if low is None or high is None or low == high:
        only = money(low if high is None else high)
        if low == high:
            return only
        return gettext("from %(amount)s", amount=only) if high is None else gettext("up to %(amount)s", amount=only)
    if language() == "zh":
        return f"{_plain(Decimal(low) / FEN_PER_WAN)}—{money(high)}"
    return f"{money(low)} – {money(high)}"


def _plain(value: Decimal) -> str:
    return format_decimal(value.quantize(Decimal("0.01")).normalize() if value else value, "#,##0.##")


def size(count: int) -> str:
    """Bytes for people."""
    for unit, step in (("MB", 1024 * 1024), ("kB", 1024)):
        if count >= step:
            return f"{format_decimal(round(count / step, 1))} {unit}"
    return f"{count} B"


def init_app(app: Flask) -> None:
    """Install Babel and the template filters."""
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Asia/Shanghai")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(app.root_path) + "/translations")
    babel = Babel(app, locale_selector=_locale, default_locale=LOCALES[DEFAULT_LANGUAGE])
    babel.domain_instance = _catalogues
    app.jinja_env.globals["_"] = _word
    filters: dict[str, Any] = {
        "pick": pick,
        "marked": pick_marked,
        "day": day,
        "minute": minute,
        "money": money,
        "size": size,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(money_range=money_range, html_lang=HTML_LANG, languages=LANGUAGES)
    app.context_processor(lambda: {"lang": language()})


def is_ours(code: str | None) -> bool:
    """Is this a language of the market?"""
    return code in LANGUAGES


def from_request() -> str:
    """The language for pages whose address carries none (errors, the API)."""
    if has_request_context():
        first = request.path.split("/", 2)[1]
        return first if first in LANGUAGES else best_language()
    return DEFAULT_LANGUAGE
