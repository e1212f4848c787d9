"""Enquiries for tests, sent and answered through the services."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from marketplace.accounts.models import Organisation, User
from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.deals import queries, services
from marketplace.deals.models import Enquiry
from marketplace.deals.states import Purpose
from marketplace.listings.models import Listing
from tests.factories import accounts, listings

QUESTION = "想试 20 米膜，能否先给样品？"


def token() -> str:
    """What one page view gives its form."""
    return secrets.token_urlsafe(24)


class Pair:
    """A university that owns an achievement (or an enterprise with an anonymous need), and an enterprise that asks."""

    def __init__(self, *, is_anonymous: bool = False, at: dt.datetime | None = None, **org_fields: Any) -> None:
        self.owner_user, self.owner_org, self.listing = _owner(is_anonymous=is_anonymous, at=at, **org_fields)
        kind = "institute" if is_anonymous else "enterprise"
        name = Bilingual("青岛某电堆企业（演示）", "Qingdao stack maker (demo)")
        self.asker_user = accounts.create_user(name="李工（演示）")
        self.asker_org = accounts.create_organisation(kind=kind, owner=self.asker_user, name=name, city="370200")

    @property
    def owner(self) -> Actor:
        return accounts.actor_of(self.owner_user)

    @property
    def asker(self) -> Actor:
        return accounts.actor_of(self.asker_user)

    def send(self, *, at: dt.datetime | None = None, body: str = QUESTION, **more: Any) -> Enquiry:
        """The enterprise asks."""
        return send(self.listing, self.asker, self.asker_org, at=at, body=body, **more)

    def reply(self, row: Enquiry, body: str = "可以，本周寄出。", *, at: dt.datetime | None = None, **more: Any) -> Enquiry:
        """The owner's side writes."""
        return write(row, self.owner, body, at=at, **more)


def _owner(*, is_anonymous: bool, at: dt.datetime | None, **fields: Any) -> tuple[User, Organisation, Listing]:
    user = accounts.create_user(name="林老师（演示）")
    if is_anonymous:
        values: dict[str, Any] = {"trade": Bilingual("装备企业", "equipment maker"), "city": "370700", **fields}
        name = values.pop("name", Bilingual("潍坊隐名重工（演示）", "Weifang Hidden Works (demo)"))
        org = accounts.create_organisation(kind="enterprise", owner=user, name=name, **values)
        return user, org, listings.create_need(org, actor=accounts.actor_of(user), at=at, is_anonymous=True)
    name = fields.pop("name", Bilingual("海岱大学（演示）", "Haidai University (demo)"))
    org = accounts.create_organisation(kind="university", owner=user, name=name, **fields)
    return user, org, listings.create_achievement(org, actor=accounts.actor_of(user), at=at)


def send(
    listing: Listing, actor: Actor, org: Organisation, *, at: dt.datetime | None = None, body: str = QUESTION, **more: Any
) -> Enquiry:
    """Ask about a listing."""
    values: dict[str, Any] = {"purpose": Purpose.TRIAL, "form_token": token(), **more}
    with transaction():
        row = services.send(listing.id, as_org_id=org.id, body=body, actor=actor, now=at or clock.now(), **values)
    return reload(row.id)


def write(row: Enquiry, actor: Actor, body: str, *, at: dt.datetime | None = None, **more: Any) -> Enquiry:
    """Write into a thread."""
    values: dict[str, Any] = {"form_token": token(), **more}
    with transaction():
        services.write(row.id, body=body, actor=actor, now=at or clock.now(), **values)
    return reload(row.id)


def reload(enquiry_id: int) -> Enquiry:
    """The enquiry as the database has it now, detached."""
    session = current_session()
    session.rollback()
    session.expire_all()
    row = queries.enquiry(enquiry_id)
    assert row is not None
    session.expunge(row)
    return row
