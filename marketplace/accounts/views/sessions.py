"""The session behind a cookie: who is signed in, read from the database at each request, with idle and absolute limits.

The cookie holds a random token and no permission; ending the row ends the session at its next request.
"""

from __future__ import annotations

import datetime as dt

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from marketplace.accounts import queries
from marketplace.accounts.models import UserSession
from marketplace.accounts.queries import SignedIn
from marketplace.accounts.rules import token_hash
from marketplace.core import clock
from marketplace.core.db import in_transaction, transaction
from marketplace.core.policy import ANONYMOUS, Actor
from marketplace.core.web import set_actor_loader

TOKEN = "sid"  # noqa: S105 - the name of a cookie entry
# `seen_at` is written at most this often: reading pages must not mean writing rows.
_TOUCH_EVERY = dt.timedelta(minutes=5)


def init_app(app: Flask) -> None:
    """Install the actor of a request and the keeping of `seen_at`."""
    set_actor_loader(load_actor)
    app.before_request(_forget)
    app.after_request(_touch)


def _forget() -> None:
    """A context that outlives its request (tests push one) must not lend its person to the next."""
    for key in ("actor", "signed_in", "_login_user"):
        g.pop(key, None)


def load_actor() -> Actor:
    """Who is asking in this request."""
    found = current()
    return queries.actor_of(found.user) if found else ANONYMOUS


def current() -> SignedIn | None:
    """The signed-in person and session of this request, read once; a demonstration account counts on loopback only."""
    if "signed_in" not in g:
        g.signed_in = _read()
    found: SignedIn | None = g.signed_in
    return found


def _read() -> SignedIn | None:
    token, uniquifier = session.get(TOKEN), session.get("_user_id")
    if not token or not uniquifier:
        return None
    now = clock.now()
    found = queries.signed_in(
        token_hash(str(token)),
        str(uniquifier),
        idle_since=now - dt.timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"]),
        started_since=now - dt.timedelta(hours=current_app.config["SESSION_ABSOLUTE_HOURS"]),
    )
    if found is None or (found.user.is_demo and not is_loopback()):
        return None
    if now - found.session.seen_at > _TOUCH_EVERY:
        g.session_to_touch = found.session.id
    return found


def is_loopback() -> bool:
    """Does the request come from this very machine, to this very machine, and through no proxy?"""
    host = request.host.rsplit(":", 1)[0].strip("[]")
    is_direct = "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
    return is_direct and request.remote_addr in ("127.0.0.1", "::1") and host in ("127.0.0.1", "localhost", "::1")


def _touch(response: Response) -> Response:
    session_id = g.pop("session_to_touch", None)
    if session_id is not None and not in_transaction():
        try:
            with transaction() as db_session:
                db_session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=clock.now()))
        except OperationalError:  # the database is busy: the next request will note it
            current_app.logger.info("session not touched")
    return response
