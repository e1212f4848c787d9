"""Invented organisations with one owner each, some colleagues, an administrator and an expert."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import Member, Organisation, SiteRole, User
from marketplace.accounts.states import ORGANISATION, OrgKind, OrgRole, OrgState
from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.policy import SYSTEM
from marketplace.core.types import Bilingual
from marketplace.demo import queries
from marketplace.demo.rules import credit_code

# People beside the owners: key, name, organisation key, role there, role on the site.
PEOPLE = (
    ("editor", "周编辑（演示）", "u01", OrgRole.EDITOR, None),
    ("viewer", "吴阅览（演示）", "e01", OrgRole.VIEWER, None),
    ("admin", "省级管理员（演示）", "p01", OrgRole.EDITOR, "admin"),
    ("expert", "郑专家（演示）", None, None, "expert"),
)
_FAMILY_NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"
DAYS_SINCE_FOUNDING = 400


def found(rows: list[dict[str, Any]], *, password_hash: str, now: dt.datetime) -> int:
    """Make what is missing; returns how many organisations were new."""
    began = now - dt.timedelta(days=DAYS_SINCE_FOUNDING)
    count = 0
    for number, row in enumerate(rows, 1):
        if queries.person(row["key"]) is None:
            _found_one(row, number, password_hash, began)
            count += 1
    for key, name, org_key, org_role, site_role in PEOPLE:
        if queries.person(key) is None:
            user = _person(key, name, password_hash, began)
            if site_role:
                user.roles.append(_site_role(site_role))
            if org_key and org_role:
                _join(queries.organisation(org_key), user, org_role, began)
    return count


def _found_one(row: dict[str, Any], number: int, password_hash: str, at: dt.datetime) -> None:
    trade = row.get("trade") or {}
    org = Organisation(
        kind=OrgKind(row["kind"]),
        name=Bilingual.of(row["name"]),
        uscc=credit_code(number, row["city"]),
        city=row["city"],
        about=Bilingual.of(row["about"]),
        trade=Bilingual(trade.get("zh", ""), trade.get("en", "")),
        promised_reply_days=row["promised_reply_days"],
        is_demo=True,
        created_at=at,
        state=OrgState.FORMAT_OK,
    )
    current_session().add(org)
    current_session().flush()  # history rows name it
    ORGANISATION.move(org, "hand_in_document", actor=SYSTEM, at=at)
    org.verified_at = at
    ORGANISATION.move(org, "verify", actor=SYSTEM, at=at, note="演示 · demonstration")
    audit.record("demo.found_organisation", org, actor=SYSTEM, at=at)
    name = f"{_FAMILY_NAMES[number % len(_FAMILY_NAMES)]}经办（演示）"
    _join(org, _person(row["key"], name, password_hash, at), OrgRole.OWNER, at)


def _person(key: str, name: str, password_hash: str, at: dt.datetime) -> User:
    user = User(
        email=queries.address(key),
        name=name,
        password=password_hash,
        language="zh",
        active=True,
        is_demo=True,
        wants_mail=False,
        fs_uniquifier=secrets.token_hex(16),
        created_at=at,
        confirmed_at=at,
    )
    user.roles = []
    current_session().add(user)
    current_session().flush()  # memberships name them
    return user


def _join(org: Organisation, user: User, role: OrgRole, at: dt.datetime) -> None:
    current_session().add(Member(org_id=org.id, user_id=user.id, role=role, joined_at=at))
    current_session().flush()  # the next look-up by key goes through it


def _site_role(name: str) -> SiteRole:
    session = current_session()
    role = session.scalar(select(SiteRole).where(SiteRole.name == name))
    if role is None:
        role = SiteRole(name=name)
        session.add(role)
    return role
