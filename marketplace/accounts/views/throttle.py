"""Whose tries are counted together: keyed hashes of account and address, and the cookie of a known device."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from marketplace.accounts import services
from marketplace.accounts.services.attempts import WINDOW
from marketplace.accounts.views import ledger
from marketplace.core import clock
from marketplace.core.db import transaction

_DEVICE_DAYS = 180


def reserve(purpose: str, account: str, *, limit: int | None = None, window: dt.timedelta = WINDOW) -> int:
    """Count a try before anything costly is done. Raises Throttled. `purpose` keeps log-in, codes and letters apart."""
    most = limit or int(current_app.config["LOGIN_FAILURES_PER_QUARTER_HOUR"])
    account_key = keyed(f"{purpose}/{account.strip().lower()}")
    caller = services.Caller(account_key, keyed(f"{purpose}/from/{request.remote_addr}"), _known_device(account))
    with transaction():
        return services.reserve(caller, limit=most, now=clock.now(), window=window)


def succeeded(attempt_id: int) -> None:
    """The try does not count (written at the end of the request)."""
    ledger.later(lambda: services.strike_out(attempt_id))


def keyed(text: str) -> str:
    """64 hex digits that only this installation can compute: the table holds no addresses and no network numbers."""
    return hmac.new(str(current_app.config["SECRET_KEY"]).encode(), text.encode(), hashlib.sha256).hexdigest()


def remember_device(account: str) -> None:
    """Mark this browser as one that has signed in to the account; it opens nothing, it only has tries of its own."""
    value = _serializer().dumps([keyed(f"device/{account.lower()}"), secrets.token_hex(8)])

    @after_this_request
    def _set(response: Response) -> Response:
        is_secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(
            _cookie_name(), value, max_age=_DEVICE_DAYS * 86400, httponly=True, samesite="Lax", secure=is_secure, path="/"
        )
        return response


def _known_device(account: str) -> str:
    """The keyed hash of this browser, if it carries the mark of this very account; else ""."""
    try:
        account_key, device = _serializer().loads(request.cookies.get(_cookie_name(), ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    own = hmac.compare_digest(str(account_key), keyed(f"device/{account.strip().lower()}"))
    return keyed(f"device/{device}") if own else ""


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="known-device")


def _cookie_name() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"
