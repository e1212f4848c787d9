"""The language is the first part of an address: /zh/... or /en/...; `url_for` fills it in, the switch keeps the page."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, has_request_context, redirect, request, url_for

from marketplace.core.i18n import best_language, from_request, language
from marketplace.core.types import LANGUAGES
from marketplace.core.web.access import public

LANGUAGE_PART = "/<any(zh,en):lang>"


def bp_prefix(rest: str = "") -> str:
    """The url_prefix of a blueprint whose pages exist in both languages."""
    return LANGUAGE_PART + rest


def init_app(app: Flask) -> None:
    """Read the language from the address, put it into every address made, answer / with the visitor's language."""

    @app.url_value_preprocessor
    def _take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.language = (values or {}).pop("lang", None) or from_request()

    @app.url_defaults
    def _give(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = language()

    @app.get("/")
    @public
    def root() -> Response:
        response = redirect(f"/{best_language()}/")
        response.vary.add("Accept-Language")
        return response  # type: ignore[return-value]

    app.jinja_env.globals.update(
        page_in=page_in,
        has_endpoint=has_endpoint,
        canonical_url=canonical_url,
        absolute_url=absolute_url,
        static_url=static_url,
        url_for=page_url,
    )


def has_endpoint(name: str) -> bool:
    """Is there such a page? (For navigation.)"""
    return name in current_app.view_functions


def page_url(endpoint: str, **values: Any) -> str:
    """What templates call url_for: the same address, kept once made. A page has forty links, a quarter of its time.

    Only what depends on nothing but its arguments, the language and the prefix is kept.
    """
    if endpoint.startswith(".") or not has_request_context() or "_external" in values or "_scheme" in values:
        return url_for(endpoint, **values)
    if any(isinstance(value, (bool, float)) for value in values.values()):  # equal to an int, but written otherwise
        return url_for(endpoint, **values)
    try:
        return _page_url(endpoint, language(), request.script_root, tuple(values.items()))
    except TypeError:  # a value that cannot be a key (a list)
        return url_for(endpoint, **values)


@functools.lru_cache(maxsize=4096)
def _page_url(endpoint: str, _language: str, _script_root: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def static_url(filename: str) -> str:
    """The address of a static file. Kept: a page names a dozen, and url_for is not for free."""
    return _static_url(request.script_root, filename) if has_request_context() else url_for("static", filename=filename)


@functools.lru_cache(maxsize=512)
def _static_url(_script_root: str, filename: str) -> str:
    return url_for("static", filename=filename)


def page_in(code: str) -> str:
    """The present page in another language, with its query; for pages without one, that language's home page."""
    parts = request.path.split("/", 2)
    if len(parts) < 3 or parts[1] not in LANGUAGES or code not in LANGUAGES:
        return f"/{code}/"
    query = request.query_string.decode("utf-8", "replace")
    return f"/{code}/{parts[2]}" + (f"?{query}" if query else "")


def canonical_url(code: str | None = None) -> str:
    """The absolute address of the present page without its query, in `code` or the present language."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + page_in(code or language()).split("?", 1)[0]


def absolute_url(endpoint: str, **values: Any) -> str:
    """An absolute address under PUBLIC_URL, also outside a request (mail, feeds)."""
    if has_request_context():
        return str(current_app.config["PUBLIC_URL"]).rstrip("/") + url_for(endpoint, **values)
    current_app.inject_url_defaults(endpoint, values)
    base = urlsplit(str(current_app.config["PUBLIC_URL"]))
    adapter = current_app.url_map.bind(base.netloc, script_name=base.path or "/", url_scheme=base.scheme)
    return adapter.build(endpoint, values, force_external=True)


def safe_next(target: str | None) -> str:
    """A path of this site to go on to, or "" when `target` points anywhere else (open redirect)."""
    if not target or len(target) > 2000 or not target.startswith("/"):
        return ""
    if any(ord(c) < 0x21 or c == "\\" for c in target) or target.startswith("//"):
        return ""
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else ""
