"""What Flask-Security tells us happened, noted for the end of the request: sessions, records, letters to the person."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, g, request, session
from flask_login import user_logged_out
from flask_security import signals

from marketplace.accounts import handlers, services
from marketplace.accounts.models import User
from marketplace.accounts.rules import token_hash
from marketplace.accounts.views import ledger, sessions, throttle
from marketplace.core import audit, clock
from marketplace.core.policy import Actor


def listen(app: Flask) -> None:
    """The library tells what happened; we note it for the end of the request."""
    pairs = (
        (signals.user_authenticated, _signed_in),
        (user_logged_out, _signed_out),
        (signals.password_changed, _password_changed),
        (signals.password_reset, _password_reset),
        (signals.tf_profile_changed, _second_factor_added),
        (signals.tf_code_confirmed, _second_factor_added),
        (signals.tf_disabled, _second_factor_removed),
        (signals.wan_registered, _passkey_added),
        (signals.wan_deleted, _passkey_removed),
    )
    for signal, listener in pairs:
        signal.connect(listener, app)


def _signed_in(_app: Flask, user: User, **_values: Any) -> None:
    """A new session: nothing of the visitor's old one is carried over but what the library put there just now."""
    old = session.get(sessions.TOKEN)
    kept = {key: session[key] for key in ("_user_id", "_fresh", "_id", "fs_paa", "_flashes") if key in session}
    session.clear()
    g.pop("csrf_token", None)
    token = secrets.token_urlsafe(32)
    session.update(kept, **{sessions.TOKEN: token})
    now, user_id = clock.now(), user.id
    browser, address = request.user_agent.string, request.remote_addr or ""
    via = str(request.endpoint or "").removeprefix("security.")
    if old:
        ledger.later(lambda: services.end_by_token(token_hash(old), now=now))
    ledger.later(
        lambda: services.start_session(user_id, token_hash=token_hash(token), browser=browser, address=address, now=now, via=via)
    )
    throttle.remember_device(user.email)


def _signed_out(_app: Flask, **_values: Any) -> None:
    token = session.pop(sessions.TOKEN, None)
    if token:
        now = clock.now()
        ledger.later(lambda: services.end_by_token(token_hash(token), now=now))


def _record(action: str, user: User, letter: str = "", *, ends_sessions: bool = False) -> None:
    """Note the fact, tell the person by letter, and end the other sessions where the secret itself changed."""
    now, user_id = clock.now(), user.id
    keep = token_hash(session[sessions.TOKEN]) if session.get("_user_id") == user.fs_uniquifier else ""

    def write() -> None:
        if ends_sessions:
            services.end_sessions_of(user_id, now=now, except_token_hash=keep)
        audit.record(action, ("users", user_id), actor=Actor(user_id=user_id), at=now)
        if letter:
            handlers.send_letter(letter, user)

    ledger.later(write)


def _password_changed(_app: Flask, user: User, **_values: Any) -> None:
    _record("accounts.change_password", user, "change_notice", ends_sessions=True)


def _password_reset(_app: Flask, user: User, **_values: Any) -> None:
    _record("accounts.reset_password", user, "reset_notice", ends_sessions=True)


def _second_factor_added(_app: Flask, user: User, **_values: Any) -> None:
    """Sent at each code as well; only the first one with a new secret is news."""
    if not g.get("totp_is_in_use"):
        _record("accounts.add_second_factor", user, "second_factor_added")


def _second_factor_removed(_app: Flask, user: User, **_values: Any) -> None:
    user.tf_last_counter, user.mf_recovery_codes = None, None
    _record("accounts.remove_second_factor", user, "second_factor_removed")


def _passkey_added(_app: Flask, user: User, **_values: Any) -> None:
    _record("accounts.add_passkey", user, "passkey_added")


def _passkey_removed(_app: Flask, user: User, **_values: Any) -> None:
    _record("accounts.remove_passkey", user)
