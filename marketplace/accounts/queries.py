"""Named reads of people, organisations and sessions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import Member, Organisation, User, UserSession
from marketplace.core.db import current_session
from marketplace.core.policy import Actor, Membership


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session belongs to, as the database has it now."""

    user: User
    session: UserSession


def signed_in(token_hash: str, uniquifier: str, *, idle_since: dt.datetime, started_since: dt.datetime) -> SignedIn | None:
    """The person behind a session cookie, unless the session was ended, idled out, is too old, or the person is disabled."""
    query = (
        select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.token_hash == token_hash,
            UserSession.ended_at.is_(None),
            UserSession.seen_at > idle_since,
            UserSession.started_at > started_since,
            User.fs_uniquifier == uniquifier,
            User.active,
        )
        .options(joinedload(User.roles))
        .execution_options(populate_existing=True)
    )
    row = current_session().execute(query).unique().one_or_none()
    return SignedIn(row[0], row[1]) if row else None


def actor_of(user: User) -> Actor:
    """The actor a person is at this moment: memberships are read now, site roles count with a second factor only."""
    has_second_factor = bool(user.tf_primary_method and user.tf_totp_secret)
    may_use_roles = has_second_factor or user.is_demo
    return Actor(
        user_id=user.id,
        name=user.name,
        language=user.language,
        site_roles=frozenset(role.name for role in user.roles) if may_use_roles else frozenset(),
        memberships=_memberships(user.id),
        has_second_factor=has_second_factor,
    )


def _memberships(user_id: int) -> tuple[Membership, ...]:
    query = (
        select(Organisation, Member.role)
        .join(Member, Member.org_id == Organisation.id)
        .where(Member.user_id == user_id)
        .order_by(Member.joined_at, Member.id)
    )
    rows = current_session().execute(query.execution_options(populate_existing=True)).all()
    return tuple(
        Membership(
            org_id=org.id,
            org_kind=str(org.kind),
            role=str(role),
            is_verified=org.is_verified,
            org_name_zh=org.name.zh,
            org_name_en=org.name.en,
            city=org.city,
        )
        for org, role in rows
    )
