"""Response headers that hold for every page: a content security policy without inline anything, and a request id."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

from marketplace.core import metrics

CSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
log = structlog.get_logger("http")


def init_app(app: Flask) -> None:
    """Give each request an id, time it, log it, and set the headers."""

    @app.before_request
    def _start() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def _finish(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), browsing-topics=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["X-Request-Id"] = g.get("request_id", "")
        if response.status_code < 400:
            headers.pop("Retry-After", None)  # the limiter writes it on every answer; readers take it for a refusal
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "actor" in g and g.actor.is_authenticated:
            headers["Cache-Control"] = "private, no-store"
        _log(response)
        return response


def _log(response: Response) -> None:
    """One line a request: the path without its query or secret parts, which may hold what a person searched for or a token."""
    seconds = time.perf_counter() - g.started if "started" in g else 0.0
    metrics.counted(response.status_code, seconds)
    # An address that holds a token (reset, confirm, invitation) is logged as its rule.
    path = str(request.url_rule) if "token" in (request.view_args or {}) else request.path
    log.info("request", method=request.method, path=path, status=response.status_code, ms=round(seconds * 1000, 1))
