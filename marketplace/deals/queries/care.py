"""The administrators' lists, blocked organisations, and what must always be true of conversations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.core.db import current_session
from marketplace.core.invariants import Check
from marketplace.core.pagination import Page, paginate
from marketplace.core.workflow import Transition
from marketplace.deals.models import Enquiry, Message, OrgBlock, Report
from marketplace.deals.states import ENQUIRY, EnquiryState, ReportedKind, ReportState, Side


def _is_overdue(now: dt.datetime) -> ColumnElement[bool]:
    """Open after its promised day, without any reaction: one declined with a reason and taken up again is not late."""
    return and_(Enquiry.state == EnquiryState.OPEN, Enquiry.due_at <= now, Enquiry.reacted_at.is_(None))


def overdue(*, page: int, now: dt.datetime) -> Page[Enquiry]:
    """Enquiries without a reaction after their promised day, longest waiting first."""
    query = (
        select(Enquiry)
        .where(_is_overdue(now))
        .options(joinedload(Enquiry.from_org), joinedload(Enquiry.to_org))
        .order_by(Enquiry.due_at, Enquiry.id)
    )
    return paginate(query, page)


def overdue_for_update(now: dt.datetime) -> Sequence[Enquiry]:
    """Those of them that nobody was told about yet, locked."""
    query = (
        select(Enquiry)
        .where(_is_overdue(now), Enquiry.overdue_noted_at.is_(None))
        .options(joinedload(Enquiry.from_org), joinedload(Enquiry.to_org))
        .order_by(Enquiry.id)
        .with_for_update(of=Enquiry)
        .execution_options(populate_existing=True)
    )
    return current_session().scalars(query).all()


def blocks_of(org_ids: Sequence[int] | frozenset[int]) -> Sequence[OrgBlock]:
    """Whom these organisations have blocked, newest first."""
    query = select(OrgBlock).where(OrgBlock.org_id.in_(list(org_ids))).options(joinedload(OrgBlock.blocked_org))
    return current_session().scalars(query.order_by(OrgBlock.blocked_at.desc(), OrgBlock.id.desc())).all()


def block(block_id: int) -> OrgBlock | None:
    """One block."""
    return current_session().get(OrgBlock, block_id)


def standing_block(org_id: int, blocked_org_id: int) -> OrgBlock | None:
    """Does `org_id` refuse `blocked_org_id`?"""
    query = select(OrgBlock).where(OrgBlock.org_id == org_id, OrgBlock.blocked_org_id == blocked_org_id)
    return current_session().scalar(query)


def block_in(row: Enquiry, side: Side) -> OrgBlock | None:
    """The block that this side of an enquiry has set against the other. A hidden owner is never seen to be blocked."""
    if side is Side.OWNER:
        return standing_block(row.to_org_id, row.from_org_id)
    return None if row.owner_is_hidden else standing_block(row.from_org_id, row.to_org_id)


def open_reports(*, state: ReportState, page: int) -> Page[Report]:
    """The queue of reports, oldest first (resolved ones: newest first)."""
    order = (Report.at, Report.id) if state is ReportState.OPEN else (Report.resolved_at.desc(), Report.id.desc())
    query = select(Report).where(Report.state == state).options(joinedload(Report.reporter)).order_by(*order)
    return paginate(query, page)


def reports_waiting() -> int:
    """How many reports nobody has resolved."""
    return current_session().scalar(select(func.count(Report.id)).where(Report.state == ReportState.OPEN)) or 0


def report(report_id: int) -> Report | None:
    """One report with the person who sent it."""
    return current_session().scalar(select(Report).where(Report.id == report_id).options(joinedload(Report.reporter)))


def report_for_update(report_id: int) -> Report | None:
    """The same, locked and read anew."""
    query = select(Report).where(Report.id == report_id).with_for_update()
    return current_session().scalar(query.execution_options(populate_existing=True))


def reports_since(user_id: int, since: dt.datetime) -> int:
    """How many reports a person has sent since an instant."""
    query = select(func.count(Report.id)).where(Report.reporter_id == user_id, Report.at > since)
    return current_session().scalar(query) or 0


def reported_messages(row: Report) -> Sequence[Message]:
    """The text a report is about: one message, a whole thread, or nothing for a listing."""
    if row.kind is ReportedKind.LISTING:
        return []
    query = select(Message).where(Message.enquiry_id == row.enquiry_id).order_by(Message.id)
    if row.kind is ReportedKind.MESSAGE:
        query = query.where(Message.id == row.message_id)
    way = joinedload(Message.enquiry).options(joinedload(Enquiry.from_org), joinedload(Enquiry.to_org))
    return current_session().scalars(query.options(joinedload(Message.author), way, selectinload(Message.files))).all()


def answered_have_a_reply() -> Sequence[str]:
    """An enquiry counts as answered exactly when a message of the owner's side says so."""
    reply = exists().where(
        Message.enquiry_id == Enquiry.id, Message.side == Side.OWNER, Message.sent_at == Enquiry.first_reply_at
    )
    any_reply = exists().where(Message.enquiry_id == Enquiry.id, Message.side == Side.OWNER)
    claimed = select(Enquiry.id).where(Enquiry.first_reply_at.is_not(None), ~reply)
    forgotten = select(Enquiry.id).where(Enquiry.first_reply_at.is_(None), any_reply)
    session = current_session()
    lost = [f"enquiry {row} says it was answered, but no message does" for row in session.scalars(claimed)]
    return lost + [f"enquiry {row} has a reply that it does not know of" for row in session.scalars(forgotten)]


def promises_lie_ahead() -> Sequence[str]:
    """A reply is due after the enquiry was sent."""
    rows = current_session().scalars(select(Enquiry.id).where(Enquiry.due_at <= Enquiry.sent_at))
    return [f"enquiry {row} was due before it was sent" for row in rows]


def states_have_their_steps() -> Sequence[str]:
    """The state of each enquiry is where its history leads; without history it is open."""
    mine = Transition.object_type == ENQUIRY.object_type
    last = select(func.max(Transition.id)).where(mine, Transition.object_id == Enquiry.id).correlate(Enquiry).scalar_subquery()
    query = select(Enquiry.id, Enquiry.state, Transition.to_state).outerjoin(Transition, Transition.id == last)
    rows = current_session().execute(query)
    return [f"enquiry {row} is {state}, its history says {to}" for row, state, to in rows if state != (to or EnquiryState.OPEN)]


INVARIANTS: dict[str, Check] = {
    "answered enquiries have a reply": answered_have_a_reply,
    "replies are due after the enquiry": promises_lie_ahead,
    "every step of an enquiry is in its history": states_have_their_steps,
}
