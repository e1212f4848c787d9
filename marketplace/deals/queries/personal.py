"""What conversations keep of one person: the threads they took part in as their page shows them, and reports and blocks.

Whoever has left the organisation of a thread is given their own words only: what others wrote was said to the organisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.core.db import current_session
from marketplace.core.personal import Section, facts, plain
from marketplace.core.policy import Actor
from marketplace.deals import policy
from marketplace.deals.models import Enquiry, Message, OrgBlock, ReadMark, Report
from marketplace.deals.queries.enquiries import counterpart_name
from marketplace.listings import policy as listings_policy
from marketplace.listings.models import Listing

Rows = list[dict[str, Any]]
_ORGS = (joinedload(Enquiry.from_org), joinedload(Enquiry.to_org))


def enquiries(actor: Actor) -> Rows:
    """Threads the person began or wrote in, oldest first."""
    wrote = select(Message.enquiry_id).where(Message.author_id == actor.user_id)
    took_part = or_(Enquiry.from_user_id == actor.user_id, Enquiry.id.in_(wrote))
    messages = selectinload(Enquiry.messages).options(joinedload(Message.author), selectinload(Message.files))
    query = select(Enquiry).where(took_part).options(*_ORGS, messages).order_by(Enquiry.id)
    return [_thread(row, actor) for row in current_session().scalars(query)]


def _thread(row: Enquiry, actor: Actor) -> dict[str, Any]:
    side = policy.side_of(actor, row)
    told = {"id": row.id, "begun_by_you": row.from_user_id == actor.user_id, "still_yours_to_read": side is not None}
    if side is None:
        return told | {"messages": [_own(message) for message in row.messages if message.author_id == actor.user_id]}
    names = ("listing_id", "listing_kind", "listing_title", "purpose", "state", "sent_at", "due_at", "closed_at", "outcome")
    messages = [_message(message, row, actor) for message in row.messages]
    return told | {"your_side": str(side), "with": plain(counterpart_name(row, side)), **facts(row, *names), "messages": messages}


def _own(message: Message) -> dict[str, Any]:
    return {"by_you": True, "at": plain(message.sent_at), "text": message.body, "files": [kept.name for kept in message.files]}


def _message(message: Message, row: Enquiry, actor: Actor) -> dict[str, Any]:
    """A message with the names its page shows. Nobody's side has written before it may be known."""
    org = row.to_org if message.org_id == row.to_org_id else row.from_org
    by_you = message.author_id == actor.user_id
    return _own(message) | {"by_you": by_you, "name": message.author.name, "organisation": plain(org.name)}


def reads(actor: Actor) -> Rows:
    """How far the person has read which thread."""
    query = select(ReadMark).where(ReadMark.user_id == actor.user_id).order_by(ReadMark.enquiry_id)
    return [facts(row, "enquiry_id", "message_id", "seen_at") for row in current_session().scalars(query)]


def blocks(actor: Actor) -> Rows:
    """Organisations the person blocked; named to whoever still belongs to the organisation that blocks."""
    query = select(OrgBlock).where(OrgBlock.blocked_by == actor.user_id).options(joinedload(OrgBlock.blocked_org))
    rows = current_session().scalars(query.order_by(OrgBlock.id))
    return [
        {**facts(row, "blocked_at"), "blocked": plain(row.blocked_org.name) if row.org_id in actor.org_ids else None}
        for row in rows
    ]


def reports(actor: Actor) -> Rows:
    """What the person told the administrators, and what became of it."""
    rows = _reports(Report.reporter_id == actor.user_id)
    seen = _seen_titles(rows, actor)
    names = ("id", "kind", "reason", "note", "at", "state", "resolution", "resolved_at")
    return [{**facts(row, *names), "about": plain(row.title) if row.id in seen else None} for row in rows]


def _reports(which: Any) -> Sequence[Report]:
    return current_session().scalars(select(Report).where(which).order_by(Report.id)).all()


def _seen_titles(rows: Sequence[Report], actor: Actor) -> set[int]:
    """The reports whose listing or thread the person may still see."""
    session = current_session()
    shown = listings_policy.visible_to(actor).sql(Listing)
    listings = set(session.scalars(select(Listing.id).where(shown, Listing.id.in_([row.listing_id for row in rows]))))
    mine = policy.visible_to(actor).sql(Enquiry)
    threads = set(session.scalars(select(Enquiry.id).where(mine, Enquiry.id.in_([row.enquiry_id for row in rows]))))
    return {row.id for row in rows if row.listing_id in listings or row.enquiry_id in threads}


def decisions(actor: Actor) -> Rows:
    """Reports the person decided on as an administrator."""
    rows = _reports(Report.resolved_by == actor.user_id)
    return [facts(row, "id", "kind", "resolution", "resolution_note", "resolved_at") for row in rows]


PERSONAL_DATA = (
    Section("enquiries", enquiries, ("enquiries.from_user_id", "enquiry_messages.author_id")),
    Section("enquiry_reads", reads, ("enquiry_reads.user_id",)),
    Section("blocks", blocks, ("org_blocks.blocked_by",)),
    Section("reports", reports, ("reports.reporter_id",)),
    Section("report_decisions", decisions, ("reports.resolved_by",)),
)
