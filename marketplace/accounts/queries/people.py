"""Reads of people, their sessions and what they have done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import LetterRequest, Member, Organisation, Passkey, SiteRole, User, UserSession
from marketplace.accounts.states import OrgRole
from marketplace.core.db import current_session
from marketplace.core.pagination import Page, paginate
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


def person(user_id: int) -> User | None:
    """A person with site roles."""
    return current_session().get(User, user_id)


def person_for_update(user_id: int) -> User | None:
    """The same, locked (against other changes, not against rows that only refer to it) and read anew."""
    query = (
        select(User).where(User.id == user_id).with_for_update(of=User, key_share=True).execution_options(populate_existing=True)
    )
    return current_session().scalar(query)


def person_by_email(email: str) -> User | None:
    """The person with this address (kept in lower case)."""
    return current_session().scalar(select(User).where(User.email == email.strip().lower()))


def anybody() -> User | None:
    """Some person, read as one who signs in is read: what a page does when it must take as long as with a known address."""
    return current_session().scalars(select(User).options(joinedload(User.roles)).limit(1)).unique().first()


def site_role(name: str) -> SiteRole | None:
    """A site role by its name."""
    return current_session().scalar(select(SiteRole).where(SiteRole.name == name))


def administrators_for_update() -> Sequence[User]:
    """Active administrators, locked: whoever makes them fewer asks here first."""
    query = select(User).where(User.active, User.roles.any(SiteRole.name == "admin")).order_by(User.id)
    return (
        current_session().scalars(query.with_for_update(of=User, key_share=True).execution_options(populate_existing=True)).all()
    )


def people(text: str, number: int, *, size: int = 30) -> Page[User]:
    """For administrators: people whose name or address holds `text`, newest first, with roles."""
    query = select(User).options(selectinload(User.roles)).order_by(User.id.desc())
    for word in text.split()[:5]:
        pattern = f"%{_escaped(word)}%"
        query = query.where(or_(User.email.ilike(pattern, escape="\\"), User.name.ilike(pattern, escape="\\")))
    return paginate(query, number, size=size)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def people_by_id(ids: Iterable[int]) -> dict[int, User]:
    """Those people (for names in lists and for whom to tell)."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {user.id: user for user in current_session().scalars(select(User).where(User.id.in_(wanted)))}


def people_of_organisations(org_ids: Iterable[int], roles: Iterable[str]) -> Sequence[User]:
    """Active members of these organisations with one of these roles, each once."""
    query = (
        select(User)
        .join(Member, Member.user_id == User.id)
        .where(Member.org_id.in_(list(org_ids)), Member.role.in_([OrgRole(role) for role in roles]), User.active)
        .distinct()
        .order_by(User.id)
    )
    return current_session().scalars(query).all()


def administrators() -> Sequence[User]:
    """Active administrators whose role counts: without a second factor they are told nothing (as `actor_of` has it)."""
    counts = or_(User.is_demo, User.tf_primary_method.is_not(None) & User.tf_totp_secret.is_not(None))
    query = select(User).where(User.active, User.roles.any(SiteRole.name == "admin"), counts).order_by(User.id)
    return current_session().scalars(query).all()


def sessions_of(user_id: int, *, idle_since: dt.datetime, started_since: dt.datetime) -> Sequence[UserSession]:
    """Running sessions of a person, the last used first."""
    query = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.ended_at.is_(None),
        UserSession.seen_at > idle_since,
        UserSession.started_at > started_since,
    )
    return current_session().scalars(query.order_by(UserSession.seen_at.desc())).all()


def passkeys_of(user_id: int) -> Sequence[Passkey]:
    """A person's passkeys."""
    return current_session().scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).all()


def letter_request_for_update(request_id: int) -> LetterRequest | None:
    """A wish for a letter, locked."""
    query = select(LetterRequest).where(LetterRequest.id == request_id)
    return current_session().scalar(query.with_for_update().execution_options(populate_existing=True))


def user_with_keys(user_id: int) -> User | None:
    """A person with passkeys and roles loaded."""
    query = select(User).where(User.id == user_id).options(joinedload(User.roles), selectinload(User.webauthn))
    return current_session().execute(query.execution_options(populate_existing=True)).unique().scalar_one_or_none()
