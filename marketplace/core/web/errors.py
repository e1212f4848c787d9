"""The one place where an error becomes a page (or JSON under /api/): its status, its words, what to do next."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from marketplace.core import labels
from marketplace.core.db import current_session
from marketplace.core.errors import Forbidden, MarketError, NotFound, RuleError, Throttled
from marketplace.core.files import MAX_BYTES
from marketplace.core.i18n import from_request
from marketplace.core.web.access import actor

log = structlog.get_logger(__name__)
PAGES = (400, 403, 404, 405, 409, 413, 429, 500, 503)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(RuleError, _rule)
    app.register_error_handler(Forbidden, _forbidden)
    app.register_error_handler(NotFound, lambda _error: page(404))
    app.register_error_handler(Throttled, _throttled)
    app.register_error_handler(StaleDataError, lambda _error: page(409, labels.error_text("edit_conflict")))
    app.register_error_handler(CSRFError, lambda _error: page(400, labels.error_text("csrf")))
    app.register_error_handler(SecurityError, _strange_host)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Is this a call of the API or of a script, rather than of a page?"""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def page(status: int, message: str = "", *, errors: Any = None, **headers: str) -> ResponseReturnValue:
    """The error page of `status`, in the language of the address. `errors` (JSON only): what is wrong, by parameter."""
    current_session().rollback()
    g.setdefault("language", from_request())
    if wants_json():
        details = {"errors": _spoken(errors)} if errors else {}
        return jsonify(code=status, status=labels.status_title(status), message=message, **details), status, headers
    name = status if status in PAGES else 400 if status < 500 else 500
    html = render_template(
        f"errors/{name}.html",
        message=message,
        status=status,
        title=labels.status_title(name),
        most_file_megabytes=MAX_BYTES // 1024**2,
    )
    return html, status, headers


def _spoken(found: Any) -> Any:
    """What was found wrong, with every lazy sentence said now."""
    if isinstance(found, dict):
        return {str(key): _spoken(value) for key, value in found.items()}
    return [_spoken(value) for value in found] if isinstance(found, list | tuple) else str(found)


def _rule(error: RuleError) -> ResponseReturnValue:
    return page(409, labels.error_text(error.code, **error.params))


def _forbidden(error: Forbidden) -> ResponseReturnValue:
    if actor().is_authenticated or wants_json():
        return page(403 if actor().is_authenticated else 401, labels.error_text(error.code, **error.params))
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("security.login", next=target))


def _throttled(error: Throttled) -> ResponseReturnValue:
    seconds = int(error.params.get("seconds", 60))
    return page(429, labels.error_text("throttled", minutes=max(1, -(-seconds // 60))), **{"Retry-After": str(seconds)})


def _strange_host(_error: SecurityError) -> ResponseReturnValue:
    """Asked under a name that is not ours (TRUSTED_HOSTS): no page can be made, since no address could stand on it."""
    return Response("400 此地址不属于本网站。 This address does not belong to this site.\n", 400, mimetype="text/plain")


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    # webargs leaves what it found wrong with the parameters of an API call here.
    return page(error.code, errors=getattr(error, "data", {}).get("messages"))


def _unexpected(error: Exception) -> ResponseReturnValue:
    """A fault of ours: logged with its trace, told without detail. Development and tests see it raised."""
    if isinstance(error, MarketError):
        return page(409, labels.error_text(error.code, **error.params))
    if current_app.testing or current_app.debug:
        raise error
    log.error("unexpected_error", exc_info=error)
    return page(500)
