"""People, organisations and signed-in browsers for tests, made quickly: no hashing, no mail."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
import time
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.accounts import queries
from marketplace.accounts.models import Member, Organisation, SiteRole, User, UserSession
from marketplace.accounts.rules import token_hash
from marketplace.accounts.states import ORGANISATION, OrgKind, OrgRole, OrgState
from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import SYSTEM, Actor
from marketplace.core.types import Bilingual

_numbers = itertools.count(1)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
NOT_A_HASH = "!"  # no password matches it


def make_uscc(number: int, *, head: str = "91", place: str = "370100") -> str:
    """A code with both check digits right; the nine middle characters come from `number`."""
    inner = f"{number:08d}"
    rest = 11 - sum(int(c) * w for c, w in zip(inner, _INNER_WEIGHTS, strict=True)) % 11
    code = head + place + inner + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + _USCC_ALPHABET[-total % 31]


def create_user(
    email: str = "",
    *,
    name: str = "",
    language: str = "zh",
    roles: tuple[str, ...] = (),
    has_second_factor: bool | None = None,
    is_confirmed: bool = True,
    **fields: Any,
) -> User:
    """A person; one with a site role has a second factor unless told otherwise."""
    number = next(_numbers)
    now = clock.now()
    if has_second_factor is None:
        has_second_factor = bool(roles)
    values: dict[str, Any] = {
        "email": email or f"person{number}@example.org",
        "name": name or f"演示人员 {number}",
        "language": language,
        "password": NOT_A_HASH,
        "fs_uniquifier": secrets.token_hex(16),
        "created_at": now,
        "confirmed_at": now if is_confirmed else None,
        "active": True,
    }
    if has_second_factor:
        values.update(tf_primary_method="authenticator", tf_totp_secret="{}", mf_recovery_codes=["0000-0000-0000"])
    with transaction() as session:
        user = User(**{**values, **fields})
        user.roles = [_site_role(role) for role in roles]
        session.add(user)
    return user


def _site_role(name: str) -> SiteRole:
    session = current_session()
    role = session.scalar(select(SiteRole).where(SiteRole.name == name))
    if role is None:
        role = SiteRole(name=name)
        session.add(role)
    return role


def create_organisation(
    *,
    kind: OrgKind | str = OrgKind.ENTERPRISE,
    verified: bool = True,
    owner: User | None = None,
    name: Bilingual | None = None,
    city: str = "370100",
    **fields: Any,
) -> Organisation:
    """An organisation (with `owner` as its owner, when given); a verified one has gone through the steps."""
    number = next(_numbers)
    now = clock.now()
    values: dict[str, Any] = {
        "kind": OrgKind(kind),
        "name": name or Bilingual(f"演示机构 {number}", f"Demo organisation {number}"),
        "uscc": make_uscc(number),
        "city": city,
        "about": Bilingual(),
        "trade": Bilingual(),
        "state": OrgState.FORMAT_OK,
        "created_at": now,
    }
    with transaction() as session:
        org = Organisation(**{**values, **fields})
        session.add(org)
        session.flush()
        if verified:
            ORGANISATION.move(org, "hand_in_document", actor=SYSTEM, at=now)
            org.verified_at = now
            ORGANISATION.move(org, "verify", actor=SYSTEM, at=now)
        if owner is not None:
            session.add(Member(org_id=org.id, user_id=owner.id, role=OrgRole.OWNER, joined_at=now))
    return org


def add_member(user: User, org: Organisation, role: OrgRole | str = OrgRole.EDITOR) -> Member:
    """Put a person into an organisation."""
    with transaction() as session:
        member = Member(org_id=org.id, user_id=user.id, role=OrgRole(role), joined_at=clock.now())
        session.add(member)
    return member


def create_member(
    *, role: OrgRole | str = OrgRole.OWNER, kind: OrgKind | str = OrgKind.ENTERPRISE, verified: bool = True, **user_fields: Any
) -> tuple[User, Organisation]:
    """A person with `role` in a new organisation (which has another owner when that person is none)."""
    user = create_user(**user_fields)
    is_owner = OrgRole(role) is OrgRole.OWNER
    org = create_organisation(kind=kind, verified=verified, owner=user if is_owner else create_user())
    if not is_owner:
        add_member(user, org, role)
    return user, org


def again(row: Any) -> Any:
    """The row as the database has it now."""
    return current_session().get(type(row), row.id, populate_existing=True)


def actor_of(user: User) -> Actor:
    """The actor this person is now, as the site reads it."""
    row = current_session().get(User, user.id, populate_existing=True)
    assert row is not None
    return queries.actor_of(row)


def sign_in(client: FlaskClient, user: User, *, started_at: dt.datetime | None = None) -> UserSession:
    """Give the client's browser a running session of `user`, without password, hashing or mail."""
    token = secrets.token_urlsafe(32)
    at = started_at or clock.now()
    with transaction() as db_session:
        row = UserSession(
            user_id=user.id, token_hash=token_hash(token), browser="test", address="127.0.0.1", started_at=at, seen_at=at
        )
        db_session.add(row)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = user.fs_uniquifier
        cookie["_fresh"] = True
        cookie["fs_cc"] = "set"
        cookie["fs_paa"] = time.time()
        cookie["sid"] = token
    return row


def create_admin(**fields: Any) -> User:
    """An administrator with a second factor."""
    return create_user(roles=("admin",), **fields)
