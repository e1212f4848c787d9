"""Reads for administrators: the audit record by person, object, action and time; and the invariants of accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import String, cast, select

from marketplace.accounts.models import Member, Organisation
from marketplace.accounts.states import ORGANISATION, OrgRole, OrgState
from marketplace.core import clock
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session
from marketplace.core.pagination import Page, paginate
from marketplace.core.workflow import Transition


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for; empty parts do not narrow. Days are Shandong's and both ends count."""

    actor_id: int | None = None
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    from_day: dt.date | None = None
    to_day: dt.date | None = None


def audit_search(wanted: AuditFilter, number: int, *, size: int = 50) -> Page[AuditEntry]:
    """Audit entries that match, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if wanted.actor_id is not None:
        query = query.where(AuditEntry.actor_id == wanted.actor_id)
    if wanted.action:
        query = query.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.object_type:
        query = query.where(AuditEntry.object_type == wanted.object_type)
    if wanted.object_id:
        query = query.where(AuditEntry.object_id == wanted.object_id)
    if wanted.from_day:
        query = query.where(AuditEntry.at >= clock.end_of_day(wanted.from_day - dt.timedelta(days=1)))
    if wanted.to_day:
        query = query.where(AuditEntry.at < clock.end_of_day(wanted.to_day))
    return paginate(query, number, size=size)


def audit_actions() -> Sequence[str]:
    """Every action that has been recorded, for the list of choices."""
    return current_session().scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def actions_of(user_id: int, *, among: Sequence[str] = (), without: Sequence[str] = ()) -> Sequence[AuditEntry]:
    """What a person did and what was done to their account, newest first (for the person's own file): everything, only
    the actions `among`, or all but those `without`."""
    query = select(AuditEntry).where(
        (AuditEntry.actor_id == user_id) | ((AuditEntry.object_type == "users") & (AuditEntry.object_id == cast(user_id, String)))
    )
    if among:
        query = query.where(AuditEntry.action.in_(among))
    if without:
        query = query.where(AuditEntry.action.not_in(without))
    return current_session().scalars(query.order_by(AuditEntry.id.desc())).all()


def every_organisation_has_an_owner() -> Sequence[str]:
    """Every organisation with members has an owner."""
    owned = select(Member.org_id).where(Member.role == OrgRole.OWNER)
    ids = current_session().scalars(select(Member.org_id).where(Member.org_id.not_in(owned)).distinct()).all()
    return [f"organisation {org_id} has members and no owner" for org_id in ids]


def verified_organisations_went_through_the_steps() -> Sequence[str]:
    """A verified organisation has a date and a step that verified it."""
    steps = select(Transition.object_id).where(
        Transition.object_type == ORGANISATION.object_type, Transition.to_state == OrgState.VERIFIED.value
    )
    query = select(Organisation.id).where(
        Organisation.state == OrgState.VERIFIED, Organisation.verified_at.is_(None) | Organisation.id.not_in(steps)
    )
    return [f"organisation {org_id} is verified without date or step" for org_id in current_session().scalars(query)]


INVARIANTS: dict[str, Callable[[], Sequence[str]]] = {
    "organisations with members have an owner": every_organisation_has_an_owner,
    "verified organisations have a date and a step": verified_organisations_went_through_the_steps,
}
