"""Reads of organisations, their members, invitations, documents, and the verification queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from marketplace.accounts import policy
from marketplace.accounts.models import Invitation, Member, Organisation, OrganisationDocument
from marketplace.accounts.states import ORGANISATION, OrgRole, OrgState
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.core.workflow import Transition


def organisation(org_id: int) -> Organisation | None:
    """One organisation."""
    return current_session().get(Organisation, org_id)


def organisation_for_update(org_id: int) -> Organisation | None:
    """The same, locked and read anew. Whoever changes members locks here: the last owner is counted under this lock."""
    query = select(Organisation).where(Organisation.id == org_id)
    return current_session().scalar(query.with_for_update(key_share=True).execution_options(populate_existing=True))


def organisation_by_code(uscc: str) -> Organisation | None:
    """The organisation with this social credit code."""
    return current_session().scalar(select(Organisation).where(Organisation.uscc == uscc))


def organisations_by_id(ids: Iterable[int]) -> dict[int, Organisation]:
    """Those organisations (for names in lists)."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {org.id: org for org in current_session().scalars(select(Organisation).where(Organisation.id.in_(wanted)))}


def visible_organisations(actor: Actor) -> Sequence[Organisation]:
    """Every organisation this actor may see, by name."""
    query = select(Organisation).where(policy.visible_to(actor).sql(Organisation))
    return current_session().scalars(query.order_by(Organisation.id)).all()


def unverified_of(user_id: int) -> int:
    """How many organisations that are not verified yet this person owns."""
    query = (
        select(func.count(Organisation.id))
        .join(Member, Member.org_id == Organisation.id)
        .where(Member.user_id == user_id, Member.role == OrgRole.OWNER, Organisation.state != OrgState.VERIFIED)
    )
    return current_session().scalar(query) or 0


def members(org_id: int) -> Sequence[Member]:
    """Members with their persons, owners first."""
    query = select(Member).where(Member.org_id == org_id).options(joinedload(Member.user))
    order = {OrgRole.OWNER: 0, OrgRole.EDITOR: 1, OrgRole.VIEWER: 2}
    return sorted(current_session().scalars(query.order_by(Member.id)), key=lambda member: order[member.role])


def member(org_id: int, user_id: int) -> Member | None:
    """A person's place in an organisation, read anew."""
    query = select(Member).where(Member.org_id == org_id, Member.user_id == user_id)
    return current_session().scalar(query.execution_options(populate_existing=True))


def other_owners(org_id: int, user_id: int) -> int:
    """How many owners would remain without this person. Call it under the organisation's lock."""
    query = select(func.count(Member.id)).where(Member.org_id == org_id, Member.role == OrgRole.OWNER, Member.user_id != user_id)
    return current_session().scalar(query) or 0


def memberships_of(user_id: int) -> Sequence[Member]:
    """A person's places, with the organisations."""
    query = select(Member).where(Member.user_id == user_id).options(joinedload(Member.organisation)).order_by(Member.id)
    return current_session().scalars(query.execution_options(populate_existing=True)).all()


def pending_invitations(org_id: int) -> Sequence[Invitation]:
    """Invitations that were neither accepted nor taken back (they may have expired), newest first."""
    query = select(Invitation).where(
        Invitation.org_id == org_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
    return current_session().scalars(query.order_by(Invitation.id.desc())).all()


def invitation(invitation_id: int) -> Invitation | None:
    """One invitation with its organisation."""
    query = select(Invitation).where(Invitation.id == invitation_id).options(joinedload(Invitation.organisation))
    return current_session().scalar(query)


def invitation_by_token(token_hash: str) -> Invitation | None:
    """The invitation behind a link, with its organisation."""
    query = select(Invitation).where(Invitation.token_hash == token_hash).options(joinedload(Invitation.organisation))
    return current_session().scalar(query)


def invitation_for_update(invitation_id: int) -> Invitation | None:
    """The same, locked and read anew."""
    query = select(Invitation).where(Invitation.id == invitation_id)
    return current_session().scalar(query.with_for_update().execution_options(populate_existing=True))


def documents(org_id: int) -> Sequence[OrganisationDocument]:
    """What was handed in, newest first."""
    query = select(OrganisationDocument).where(OrganisationDocument.org_id == org_id)
    return current_session().scalars(query.order_by(OrganisationDocument.id.desc())).all()


def document(document_id: int) -> OrganisationDocument | None:
    """One document."""
    return current_session().get(OrganisationDocument, document_id)


def history(org_id: int) -> Sequence[Transition]:
    """Every step of an organisation's verification, oldest first."""
    return ORGANISATION.history(org_id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An organisation to verify, and since when it waits."""

    organisation: Organisation
    since: dt.datetime


def verification_queue() -> list[Waiting]:
    """Organisations that handed in a document and wait for an administrator, the longest waiting first."""
    last_step = (
        select(Transition.object_id, func.max(Transition.at).label("since"))
        .where(Transition.object_type == ORGANISATION.object_type)
        .group_by(Transition.object_id)
        .subquery()
    )
    query = (
        select(Organisation, last_step.c.since)
        .outerjoin(last_step, last_step.c.object_id == Organisation.id)
        .where(Organisation.state == OrgState.DOCUMENT_SEEN)
        .order_by(last_step.c.since, Organisation.id)
    )
    return [Waiting(org, since or org.created_at) for org, since in current_session().execute(query)]


def organisations_in(state: OrgState) -> Sequence[Organisation]:
    """Organisations in one state, newest first, at most a hundred (for administrators)."""
    return (
        current_session()
        .scalars(select(Organisation).where(Organisation.state == state).order_by(Organisation.id.desc()).limit(100))
        .all()
    )


def count_by_state() -> dict[str, int]:
    """How many organisations are in each state."""
    rows = current_session().execute(select(Organisation.state, func.count()).group_by(Organisation.state))
    return {str(state): count for state, count in rows}
