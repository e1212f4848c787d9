"""Sessions begin at a sign-in and end by sign-out, by the person's wish, with a new password, or with the account."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update

from marketplace.accounts.models import UserSession
from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound
from marketplace.core.policy import Actor

KEEP_ENDED = dt.timedelta(days=90)


def start_session(user_id: int, *, token_hash: str, browser: str, address: str, now: dt.datetime, via: str) -> UserSession:
    """Note a new session; forget this person's sessions that ended long ago."""
    session = current_session()
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at < now - KEEP_ENDED))
    row = UserSession(
        user_id=user_id, token_hash=token_hash, browser=browser[:200], address=address[:45], started_at=now, seen_at=now
    )
    session.add(row)
    audit.record("accounts.sign_in", ("users", user_id), actor=Actor(user_id=user_id), at=now, via=via)
    return row


def end_session(session_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """End one of the actor's own sessions. Raises NotFound for anybody else's."""
    query = select(UserSession).where(UserSession.id == session_id, UserSession.user_id == actor.user_id)
    row = current_session().scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotFound("session")
    if row.ended_at is None:
        row.ended_at = now
        audit.record("accounts.end_session", ("users", row.user_id), actor=actor, at=now, session=row.id)


def end_by_token(token_hash: str, *, now: dt.datetime) -> None:
    """End the session behind a cookie (sign-out)."""
    row = current_session().scalar(select(UserSession).where(UserSession.token_hash == token_hash).with_for_update())
    if row is not None and row.ended_at is None:
        row.ended_at = now
        audit.record("accounts.sign_out", ("users", row.user_id), actor=Actor(user_id=row.user_id), at=now)


def end_sessions_of(user_id: int, *, now: dt.datetime, except_token_hash: str = "") -> None:
    """End every session of a person, apart from one if given."""
    query = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    current_session().execute(query.where(UserSession.token_hash != except_token_hash).values(ended_at=now))


def end_other_sessions(*, keep_token_hash: str, actor: Actor, now: dt.datetime) -> None:
    """End every session of the actor but the present one."""
    assert actor.user_id is not None
    end_sessions_of(actor.user_id, now=now, except_token_hash=keep_token_hash)
    audit.record("accounts.end_other_sessions", ("users", actor.user_id), actor=actor, at=now)
