"""Keep news for people, mark it as read, and keep their wishes about mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import update

from marketplace.accounts.models import User
from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound
from marketplace.core.policy import SYSTEM, Actor
from marketplace.notifications import policy, queries
from marketplace.notifications.models import MailSwitch, Notification
from marketplace.notifications.queries import Recipient

# What only says whom to tell and where to go is not kept as content.
_ADDRESSING = frozenset({"to_users", "to_orgs", "to_roles", "to_admins", "but_not", "link", "admin_link", "confirm_link"})
_ENVELOPE = frozenset({"event", "event_id", "subject"})


def tell(payload: Mapping[str, Any], recipient: Recipient, *, at: dt.datetime) -> Notification:
    """Put one event into a person's bell, in the caller's transaction."""
    endpoint, args = _link(payload, recipient)
    row = Notification(
        user_id=recipient.user.id,
        event_id=payload["event_id"],
        kind=payload["event"],
        org_id=recipient.org_id,
        is_for_admins=recipient.is_admin,
        subject=payload.get("subject", ""),
        data={key: value for key, value in payload.items() if key not in _ADDRESSING | _ENVELOPE},
        endpoint=endpoint,
        endpoint_args=args,
        at=at,
    )
    current_session().add(row)
    return row


def _link(payload: Mapping[str, Any], recipient: Recipient) -> tuple[str, dict[str, Any]]:
    link = payload.get("link")
    if recipient.is_admin:
        link = payload.get("admin_link") or link
    return (link[0], dict(link[1])) if link else ("", {})


def read(notification_id: int, *, actor: Actor, now: dt.datetime) -> Notification:
    """Mark one piece of news as read."""
    row = queries.notification_for_update(notification_id)
    if row is None:
        raise NotFound("notification")
    policy.can_see(actor, row).or_raise()
    row.read_at = row.read_at or now
    return row


def read_all(*, up_to: int, actor: Actor, now: dt.datetime) -> int:
    """Mark everything up to the newest that was on the page; what came after stays unread. Returns how many."""
    mine = policy.visible_to(actor).sql(Notification)
    query = update(Notification).where(mine, Notification.read_at.is_(None), Notification.id <= up_to)
    result = current_session().execute(query.values(read_at=now).execution_options(synchronize_session=False))
    return int(result.rowcount)  # type: ignore[attr-defined]


def settle(user_id: int, subject: str, *, event_id: int, now: dt.datetime) -> None:
    """A person has seen the thing itself: its news up to that event is read."""
    query = update(Notification).where(
        Notification.user_id == user_id,
        Notification.subject == subject,
        Notification.read_at.is_(None),
        Notification.event_id < event_id,
    )
    current_session().execute(query.values(read_at=now).execution_options(synchronize_session=False))


def choose_mail(*, offered: Collection[str], wanted: Collection[str], actor: Actor, now: dt.datetime) -> None:
    """Keep a person's choice: mail of the kinds in `wanted` out of those `offered`. Mail as a whole is a setting of accounts."""
    policy.can_choose(actor).or_raise()
    user = _person(actor.user_id or 0)
    for kind in offered:
        _switch(user.id, kind, is_on=kind in wanted, now=now)
    off = sorted(set(offered) - set(wanted))
    audit.record("notifications.choose_mail", user, actor=actor, at=now, off=off)


def unsubscribe(user_id: int, kind: str, *, now: dt.datetime) -> None:
    """End mail of one kind, on the word of a signed link."""
    user = _person(user_id)
    _switch(user.id, kind, is_on=False, now=now)
    audit.record("notifications.unsubscribe", user, actor=SYSTEM, at=now, kind=kind)


def _person(user_id: int) -> User:
    user = current_session().get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound("person")
    return user


def _switch(user_id: int, kind: str, *, is_on: bool, now: dt.datetime) -> None:
    """The person's row is locked, so two clicks write one switch."""
    session = current_session()
    row = session.get(MailSwitch, (user_id, kind), populate_existing=True)
    if row is None:
        if not is_on:
            session.add(MailSwitch(user_id=user_id, kind=kind, is_on=False, changed_at=now))
    elif row.is_on != is_on:
        row.is_on, row.changed_at = is_on, now
