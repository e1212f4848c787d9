"""Threads, inboxes and what waits, each as its reader may see it: a hidden owner has no name here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectin_polymorphic, selectinload

from marketplace.core import workflow
from marketplace.core.db import current_session
from marketplace.core.pagination import Page, paginate
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.deals import policy
from marketplace.deals.models import Enquiry, Message, MessageFile, ReadMark
from marketplace.deals.states import ENQUIRY, EnquiryState, Side
from marketplace.listings.models import Listing, Need
from marketplace.listings.rules.texts import masked_name
from marketplace.taxonomy import queries as taxonomy

WAITING_MOST = 20
_ORGS = (joinedload(Enquiry.from_org), joinedload(Enquiry.to_org))


def listing_to_ask(listing_id: int) -> Listing | None:
    """The listing an enquiry would be about, with its organisation."""
    query = select(Listing).where(Listing.id == listing_id)
    ways = (joinedload(Listing.organisation), selectin_polymorphic(Listing, [Need]))
    return current_session().scalar(query.options(*ways).execution_options(populate_existing=True))


def enquiry(enquiry_id: int) -> Enquiry | None:
    """One enquiry with both organisations."""
    return current_session().scalar(select(Enquiry).where(Enquiry.id == enquiry_id).options(*_ORGS))


def enquiry_for_update(enquiry_id: int) -> Enquiry | None:
    """The same, locked and read anew."""
    query = select(Enquiry).where(Enquiry.id == enquiry_id).with_for_update(of=Enquiry).options(*_ORGS)
    return current_session().scalar(query.execution_options(populate_existing=True))


def sent_by(user_id: int, form_token: str) -> Enquiry | None:
    """The enquiry that this person's form has made already."""
    query = select(Enquiry).where(Enquiry.form_token == form_token, Enquiry.from_user_id == user_id)
    return current_session().scalar(query)


def written_by(user_id: int, form_token: str) -> Message | None:
    """The message that this person's form has made already."""
    return current_session().scalar(select(Message).where(Message.form_token == form_token, Message.author_id == user_id))


def sent_since(org_id: int, since: dt.datetime) -> int:
    """How many enquiries an organisation has sent since an instant."""
    query = select(func.count(Enquiry.id)).where(Enquiry.from_org_id == org_id, Enquiry.sent_at > since)
    return current_session().scalar(query) or 0


def message(message_id: int) -> Message | None:
    """One message with its enquiry."""
    query = select(Message).where(Message.id == message_id)
    return current_session().scalar(query.options(joinedload(Message.enquiry).options(*_ORGS)))


def message_file(file_id: int) -> MessageFile | None:
    """One attachment with the enquiry it belongs to."""
    way = joinedload(MessageFile.message).joinedload(Message.enquiry)
    return current_session().scalar(select(MessageFile).where(MessageFile.id == file_id).options(way))


def last_message_from(enquiry_id: int, side: Side) -> int | None:
    """The id of the newest message of one side."""
    query = select(func.max(Message.id)).where(Message.enquiry_id == enquiry_id, Message.side == side)
    return current_session().scalar(query)


def read_mark(enquiry_id: int, user_id: int) -> ReadMark | None:
    """How far a person has read."""
    return current_session().get(ReadMark, (enquiry_id, user_id))


def owner_name(row: Enquiry) -> Bilingual:
    """The owner's name as the enquirer's side may read it now."""
    if not row.owner_is_hidden:
        return row.to_org.name
    return masked_name(row.to_org.trade, taxonomy.current().city_name(row.to_org.city))


def name_on_listing(listing: Listing) -> Bilingual:
    """The owner's name as a listing shows it: masked for an anonymous need."""
    if not (isinstance(listing, Need) and listing.is_anonymous):
        return listing.organisation.name
    return masked_name(listing.organisation.trade, taxonomy.current().city_name(listing.organisation.city))


def counterpart_name(row: Enquiry, side: Side) -> Bilingual:
    """The other side's name, for a reader on `side`."""
    return row.from_org.name if side is Side.OWNER else owner_name(row)


@dataclass(frozen=True)
class Thread:
    """Everything a thread page shows to one side. `seen_message` is the newest own message the other side has seen."""

    side: Side
    messages: Sequence[Message]
    steps: Sequence[workflow.Transition]
    unread: int
    seen_message: int | None
    seen_at: dt.datetime | None
    days_left: int


def thread(row: Enquiry, *, actor: Actor, now: dt.datetime) -> Thread:
    """Read a thread for the actor, who may see it."""
    side = policy.side_of(actor, row) or Side.ENQUIRER
    session = current_session()
    query = select(Message).where(Message.enquiry_id == row.id).order_by(Message.id)
    messages = session.scalars(query.options(joinedload(Message.author), selectinload(Message.files))).all()
    marks = session.scalars(select(ReadMark).where(ReadMark.enquiry_id == row.id)).all()
    mine = max((mark.message_id for mark in marks if mark.user_id == actor.user_id), default=0)
    theirs = [mark for mark in marks if mark.side is side.other]
    reached = max((mark.message_id for mark in theirs), default=0)
    seen = max((m.id for m in messages if m.side is side and m.id <= reached), default=None)
    return Thread(
        side=side,
        messages=messages,
        steps=ENQUIRY.history(row.id),
        unread=sum(m.side is side.other and m.id > mine for m in messages),
        seen_message=seen,
        seen_at=min((mark.seen_at for mark in theirs if seen and mark.message_id >= seen), default=None),
        days_left=taxonomy.work_calendar().days_left(now, row.due_at),
    )


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of an inbox."""

    enquiry: Enquiry
    side: Side
    name: Bilingual
    unread: int
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many enquiries stand behind each tab."""

    received: int
    sent: int
    closed: int


def _tab(actor: Actor, tab: str) -> ColumnElement[bool]:
    mine = policy.visible_to(actor).sql(Enquiry)
    if tab == "closed":
        return and_(mine, Enquiry.state == EnquiryState.CLOSED)
    is_owner = Enquiry.to_org_id.in_(actor.org_ids)
    return and_(mine, Enquiry.state != EnquiryState.CLOSED, is_owner if tab == "received" else ~is_owner)


def counts(actor: Actor) -> Counts:
    """The numbers at the tabs."""
    tabs = [func.count(case((_tab(actor, tab), 1))) for tab in ("received", "sent", "closed")]
    numbers = current_session().execute(select(*tabs).where(policy.visible_to(actor).sql(Enquiry))).one()
    return Counts(*(int(number) for number in numbers))


def _unread_of(actor: Actor) -> ColumnElement[int]:
    """How many messages of the other side the actor has not seen, for the enquiry of the row."""
    own_side = case((Enquiry.to_org_id.in_(actor.org_ids), Side.OWNER.value), else_=Side.ENQUIRER.value)
    seen = select(ReadMark.message_id).where(ReadMark.enquiry_id == Enquiry.id, ReadMark.user_id == actor.user_id)
    query = select(func.count(Message.id)).where(
        Message.enquiry_id == Enquiry.id,
        Message.side != own_side,
        Message.id > func.coalesce(seen.correlate(Enquiry).scalar_subquery(), 0),
    )
    return query.correlate(Enquiry).scalar_subquery()


def inbox(actor: Actor, *, tab: str, page: int, now: dt.datetime) -> Page[InboxRow]:
    """One page of a tab ("received", "sent" or "closed"): unread first, then what is due, then the newest."""
    unread = _unread_of(actor)
    waits = case((Enquiry.state == EnquiryState.OPEN, Enquiry.due_at), else_=None)
    order = (case((unread > 0, 0), else_=1), waits.is_(None), waits, Enquiry.last_message_at.desc(), Enquiry.id.desc())
    found: Page[Enquiry] = paginate(select(Enquiry).where(_tab(actor, tab)).options(*_ORGS).order_by(*order), page)
    return Page([*_rows(actor, found.items, unread, now)], found.number, found.size, found.total)


def _rows(actor: Actor, items: Sequence[Enquiry], unread: ColumnElement[int], now: dt.datetime) -> list[InboxRow]:
    numbers = select(Enquiry.id, unread.label("unread")).where(Enquiry.id.in_([row.id for row in items]))
    new: dict[int, int] = {row.id: row.unread for row in current_session().execute(numbers)}
    calendar = taxonomy.work_calendar()
    rows = []
    for row in items:
        side = policy.side_of(actor, row) or Side.ENQUIRER
        left = calendar.days_left(now, row.due_at) if row.state == EnquiryState.OPEN else None
        rows.append(InboxRow(row, side, counterpart_name(row, side), new.get(row.id, 0), left))
    return rows


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for the actor: `kind` is "reply" (a first reply is due) or "unread" (news in a thread)."""

    kind: str
    enquiry_id: int
    title: Bilingual
    name: Bilingual
    due_at: dt.datetime | None
    days_left: int | None
    at: dt.datetime


def waiting_for(actor: Actor, *, now: dt.datetime) -> list[Waiting]:
    """What waits for the actor in conversations, most pressing first (for the desk); at most twenty."""
    if not actor.org_ids:
        return []
    unread = _unread_of(actor)
    to_answer = and_(Enquiry.state == EnquiryState.OPEN, Enquiry.to_org_id.in_(policy.orgs_to_ask_with(actor)))
    query = (
        select(Enquiry)
        .where(policy.visible_to(actor).sql(Enquiry), or_(to_answer, unread > 0))
        .options(*_ORGS)
        .order_by(case((to_answer, 0), else_=1), case((to_answer, Enquiry.due_at)), Enquiry.last_message_at.desc())
        .limit(WAITING_MOST)
    )
    calendar = taxonomy.work_calendar()
    found = []
    for row in current_session().scalars(query):
        side = policy.side_of(actor, row) or Side.ENQUIRER
        is_reply = side is Side.OWNER and row.state == EnquiryState.OPEN
        due = row.due_at if is_reply else None
        left = calendar.days_left(now, due) if due else None
        kind = "reply" if is_reply else "unread"
        name = counterpart_name(row, side)
        found.append(Waiting(kind, row.id, row.listing_title, name, due, left, row.last_message_at))
    return found
