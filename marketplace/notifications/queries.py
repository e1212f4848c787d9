"""The bell's list and its number, recipients of an event, and who wants which mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import User
from marketplace.core.db import current_session
from marketplace.core.pagination import Page, paginate
from marketplace.core.personal import Section, facts
from marketplace.core.policy import Actor
from marketplace.notifications import policy
from marketplace.notifications.models import MailSwitch, Notification

DEFAULT_ROLES = ("owner", "editor")
# Of the data of an event, what its sentence and its note say.
_TOLD = ("title", "own_title", "who", "org_name", "user_name", "score", "due_at", "confirm_by", "leaves_at", "note")


def inbox(actor: Actor, *, only_unread: bool, page: int) -> Page[Notification]:
    """The actor's news, newest first."""
    query = select(Notification).where(policy.visible_to(actor).sql(Notification))
    if only_unread:
        query = query.where(Notification.read_at.is_(None))
    return paginate(query.order_by(Notification.at.desc(), Notification.id.desc()), page)


def unread_count(actor: Actor) -> int:
    """The number at the bell: one count over an index."""
    mine = policy.visible_to(actor).sql(Notification)
    return current_session().scalar(select(func.count(Notification.id)).where(mine, Notification.read_at.is_(None))) or 0


def latest(actor: Actor, *, most: int = 5) -> list[Notification]:
    """The newest news of the actor, for the desk."""
    query = select(Notification).where(policy.visible_to(actor).sql(Notification))
    return list(current_session().scalars(query.order_by(Notification.at.desc(), Notification.id.desc()).limit(most)))


def notification(notification_id: int) -> Notification | None:
    """One piece of news."""
    return current_session().get(Notification, notification_id)


def notification_for_update(notification_id: int) -> Notification | None:
    """The same, locked and read anew."""
    query = select(Notification).where(Notification.id == notification_id).with_for_update()
    return current_session().scalar(query.execution_options(populate_existing=True))


def told_of(event_id: int) -> frozenset[int]:
    """Who has been told of an event already."""
    return frozenset(current_session().scalars(select(Notification.user_id).where(Notification.event_id == event_id)))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to tell, and why: as a member of `org_id` (0: as a person), or as an administrator."""

    user: User
    org_id: int = 0
    is_admin: bool = False


def recipients(payload: Mapping[str, Any]) -> list[Recipient]:
    """Whom an event is for: members of `to_orgs` in `to_roles`, the persons `to_users`, administrators; less `but_not`.

    Each person once, as what is named first here; only active ones.
    """
    found = [
        Recipient(user, org_id)
        for org_id in payload.get("to_orgs") or ()
        for user in accounts.people_of_organisations([org_id], payload.get("to_roles") or DEFAULT_ROLES)
    ]
    found += [Recipient(user) for user in accounts.people_by_id(payload.get("to_users") or ()).values() if user.active]
    if payload.get("to_admins"):
        found += [Recipient(user, is_admin=True) for user in accounts.administrators()]
    left_out = set(payload.get("but_not") or ())
    first: dict[int, Recipient] = {}
    for recipient in found:
        if recipient.user.id not in left_out:
            first.setdefault(recipient.user.id, recipient)
    return list(first.values())


def muted(user_ids: Iterable[int], kind: str) -> frozenset[int]:
    """Who of these wants no mail of a kind."""
    query = select(MailSwitch.user_id).where(
        MailSwitch.user_id.in_(list(user_ids)), MailSwitch.kind == kind, MailSwitch.is_on.is_(False)
    )
    return frozenset(current_session().scalars(query))


def muted_kinds(user_id: int) -> frozenset[str]:
    """The kinds of which a person wants no mail."""
    query = select(MailSwitch.kind).where(MailSwitch.user_id == user_id, MailSwitch.is_on.is_(False))
    return frozenset(current_session().scalars(query))


def gets_mail(actor: Actor) -> bool:
    """Has the person mail switched on as a whole (a setting of accounts)?"""
    return bool(current_session().scalar(select(User.wants_mail).where(User.id == actor.user_id)))


def news_of(actor: Actor) -> list[dict[str, Any]]:
    """Everything in the person's bell, for the person's own file: nothing that the bell no longer shows."""
    query = select(Notification).where(policy.visible_to(actor).sql(Notification)).order_by(Notification.id)
    return [
        {**facts(row, "kind", "at", "read_at"), "data": {key: row.data[key] for key in _TOLD if key in row.data}}
        for row in current_session().scalars(query)
    ]


def mail_choices_of(actor: Actor) -> list[dict[str, Any]]:
    """The person's wishes about mail that differ from the usual."""
    query = select(MailSwitch).where(MailSwitch.user_id == actor.user_id).order_by(MailSwitch.kind)
    return [facts(row, "kind", "is_on", "changed_at") for row in current_session().scalars(query)]


PERSONAL_DATA = (
    Section("notifications", news_of, ("notifications.user_id",)),
    Section("mail_choices", mail_choices_of, ("mail_switches.user_id",)),
)
