"""The conversation itself: ask, write, see, close, take up again, and note what nobody answered in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.models import Organisation
from marketplace.core import audit, files
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.files import Accepted
from marketplace.core.policy import Actor
from marketplace.deals import policy, queries
from marketplace.deals.models import Enquiry, Message, MessageFile, ReadMark
from marketplace.deals.rules import MAX_ENQUIRIES_PER_DAY, MAX_FILES, MAX_MESSAGE
from marketplace.deals.services.telling import tell_overdue, tell_seen, tell_side
from marketplace.deals.states import ENQUIRY, EnquiryState, Outcome, Purpose, Side
from marketplace.listings.models import Listing, Need
from marketplace.taxonomy import queries as taxonomy

DAY = dt.timedelta(days=1)


def send(
    listing_id: int,
    *,
    as_org_id: int,
    purpose: Purpose,
    body: str,
    form_token: str,
    actor: Actor,
    now: dt.datetime,
    attachments: Sequence[Accepted] = (),
    root: Path | None = None,
) -> Enquiry:
    """Ask the owner of a listing, in the name of one of the actor's organisations.

    The same form sent twice makes one enquiry; the second call gets the first's. Raises RuleError not_your_organisation,
    enquiries_refused (the owner has blocked the organisation; from a hidden owner not_open_to_you), unblock_first,
    too_many_enquiries or those of `write`.
    """
    listing = queries.listing_to_ask(listing_id)
    if listing is None:
        raise NotFound("listing")
    sent = queries.sent_by(actor.user_id or 0, form_token)
    if sent is not None:
        return sent
    policy.can_enquire(actor, listing).or_raise()
    if as_org_id not in policy.orgs_to_ask_with(actor):
        raise RuleError("not_your_organisation")
    hides_owner = isinstance(listing, Need) and listing.is_anonymous
    _check_blocks(as_org_id, listing.org_id, hides_owner=hides_owner)
    _check_daily_limit(as_org_id, now)
    row = _new_enquiry(listing, as_org_id, purpose, form_token, actor=actor, now=now)
    row.hides_owner = hides_owner
    if not _insert_once(row):
        return _already_sent(actor, form_token)
    row = _locked(row.id)  # with both organisations
    _add_message(row, Side.ENQUIRER, body, attachments, root=root, form_token=form_token, actor=actor, now=now)
    audit.record("deals.send_enquiry", row, actor=actor, at=now, listing_id=listing.id, as_org=as_org_id, purpose=str(purpose))
    tell_side("deals.enquiry_sent", row, Side.OWNER, actor=actor, due_at=row.due_at.isoformat())
    return row


def _already_sent(actor: Actor, form_token: str) -> Enquiry:
    found = queries.sent_by(actor.user_id or 0, form_token)
    if found is None:
        raise RuleError("form_used")  # somebody else's token: a made-up form
    return found


def _check_blocks(own: int, other: int, *, hides_owner: bool) -> None:
    if queries.standing_block(other, own):
        # Who knows by whom it is blocked would learn from the usual words whose need this is.
        raise RuleError("not_open_to_you" if hides_owner else "enquiries_refused")
    # Towards a hidden owner this rule keeps silent: it would tell who the owner is.
    if not hides_owner and queries.standing_block(own, other):
        raise RuleError("unblock_first")


def _check_daily_limit(org_id: int, now: dt.datetime) -> None:
    """At most twenty new enquiries in 24 hours; the organisation's row is the lock, so that two at once count right."""
    lock = select(Organisation.id).where(Organisation.id == org_id).with_for_update(key_share=True)
    current_session().execute(lock)
    if queries.sent_since(org_id, now - DAY) >= MAX_ENQUIRIES_PER_DAY:
        raise RuleError("too_many_enquiries", most=MAX_ENQUIRIES_PER_DAY)


def _new_enquiry(listing: Listing, org_id: int, purpose: Purpose, token: str, *, actor: Actor, now: dt.datetime) -> Enquiry:
    return Enquiry(
        listing_id=listing.id,
        listing_kind=listing.kind,
        listing_title=listing.title,
        from_org_id=org_id,
        from_user_id=actor.user_id,
        to_org_id=listing.org_id,
        purpose=purpose,
        state=EnquiryState.OPEN,
        sent_at=now,
        due_at=_due(listing.organisation, now),
        last_message_at=now,
        form_token=token,
    )


def _due(owner: Organisation, now: dt.datetime) -> dt.datetime:
    return taxonomy.work_calendar().due(now, owner.promised_reply_days)


def _insert_once(row: Enquiry | Message) -> bool:
    """Write a row whose form token must be new; False when the same form was faster in another process."""
    session = current_session()
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()  # the unique token decides now, not at commit
    except IntegrityError as error:
        if "form_token" not in str(error.orig):
            raise
        return False
    return True


def _add_message(
    row: Enquiry,
    side: Side,
    body: str,
    attachments: Sequence[Accepted],
    *,
    root: Path | None,
    form_token: str,
    actor: Actor,
    now: dt.datetime,
) -> bool:
    """Add a message with its files; False when this form has added it before."""
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise RuleError("message_empty")
    if len(body) > MAX_MESSAGE:
        raise RuleError("message_too_long", most=MAX_MESSAGE)
    if len(attachments) > MAX_FILES:
        raise RuleError("too_many_files", most=MAX_FILES)
    org_id = row.to_org_id if side is Side.OWNER else row.from_org_id
    message = Message(
        enquiry_id=row.id, side=side, org_id=org_id, author_id=actor.user_id, body=body, sent_at=now, form_token=form_token
    )
    if not _insert_once(message):
        return False
    session = current_session()
    for accepted in attachments:
        if root is None:
            raise RuntimeError("attachments need the folder they are kept in")
        stored = files.store(root, accepted, now=now)
        session.add(MessageFile(message_id=message.id, file_id=stored.id, name=accepted.name))
    row.last_message_at = now
    _mark_read(row, side, message.id, actor=actor, now=now)
    return True


def _locked(enquiry_id: int) -> Enquiry:
    row = queries.enquiry_for_update(enquiry_id)
    if row is None:
        raise NotFound("enquiry")
    return row


def write(
    enquiry_id: int,
    *,
    body: str,
    form_token: str,
    actor: Actor,
    now: dt.datetime,
    attachments: Sequence[Accepted] = (),
    root: Path | None = None,
) -> Enquiry:
    """Write into a thread. The first message of the owner's side answers the enquiry and ends the owner's anonymity.

    Raises RuleError messages_refused, unblock_first, message_empty, message_too_long or too_many_files.
    """
    row = _locked(enquiry_id)
    if queries.written_by(actor.user_id or 0, form_token) is not None:
        return row
    policy.can_write(actor, row).or_raise()
    side = policy.side_of(actor, row) or Side.ENQUIRER
    _check_talk(row, side)
    if not _add_message(row, side, body, attachments, root=root, form_token=form_token, actor=actor, now=now):
        return row
    if side is Side.OWNER and row.first_reply_at is None:
        _answer(row, actor=actor, now=now)
    audit.record("deals.write_message", row, actor=actor, at=now, side=str(side), files=len(attachments))
    tell_side("deals.message_sent", row, side.other, actor=actor)
    return row


def _check_talk(row: Enquiry, side: Side) -> None:
    """A block stops messages both ways, except in a thread that the blocking side itself began after it."""
    own, other = (row.to_org_id, row.from_org_id) if side is Side.OWNER else (row.from_org_id, row.to_org_id)
    refused = queries.standing_block(other, own)
    if refused and not (row.from_org_id == other and row.sent_at > refused.blocked_at):
        raise RuleError("not_open_to_you" if side is Side.ENQUIRER and row.owner_is_hidden else "messages_refused")
    if not (side is Side.ENQUIRER and row.owner_is_hidden) and queries.standing_block(own, other):
        raise RuleError("unblock_first")


def _answer(row: Enquiry, *, actor: Actor, now: dt.datetime) -> None:
    row.first_reply_at = now
    row.reacted_at = row.reacted_at or now
    if row.state == EnquiryState.OPEN:
        ENQUIRY.move(row, "answer", actor=actor, at=now)


def see(enquiry_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Note that the actor has seen everything in the thread up to now."""
    row = _locked(enquiry_id)
    policy.can_see(actor, row).or_raise()
    side = policy.side_of(actor, row) or Side.ENQUIRER
    newest = queries.last_message_from(row.id, side.other)
    if newest is not None and _mark_read(row, side, newest, actor=actor, now=now):
        tell_seen(row, actor=actor)


def _mark_read(row: Enquiry, side: Side, message_id: int, *, actor: Actor, now: dt.datetime) -> bool:
    """Move the actor's mark forward (the enquiry's lock is held); False when it was there already."""
    mark = queries.read_mark(row.id, actor.user_id or 0)
    if mark is None:
        mark = ReadMark(enquiry_id=row.id, user_id=actor.user_id, side=side, message_id=message_id, seen_at=now)
        current_session().add(mark)
        return True
    if mark.message_id >= message_id:
        return False
    mark.message_id, mark.seen_at, mark.side = message_id, now, side
    return True


def close(enquiry_id: int, *, outcome: Outcome, note: str, form_token: str, actor: Actor, now: dt.datetime) -> Enquiry:
    """End the conversation with an outcome and, if wished, a last message (which counts as a reply like any other).

    Closing with a reason is a reaction of the owner's side: it keeps the promise, and does not tell a hidden name.
    """
    row = _locked(enquiry_id)
    policy.can_close(actor, row).or_raise()
    side = policy.side_of(actor, row) or Side.ENQUIRER
    if note.strip():
        _check_talk(row, side)
        _add_message(row, side, note, (), root=None, form_token=form_token, actor=actor, now=now)
        if side is Side.OWNER and row.first_reply_at is None:
            _answer(row, actor=actor, now=now)
    if side is Side.OWNER:
        row.reacted_at = row.reacted_at or now
    ENQUIRY.move(row, "close", actor=actor, at=now, note=str(outcome))
    row.closed_at, row.closed_side, row.outcome = now, side, outcome
    audit.record("deals.close", row, actor=actor, at=now, outcome=str(outcome), side=str(side))
    tell_side("deals.enquiry_closed", row, side.other, actor=actor)
    return row


def reopen(enquiry_id: int, *, actor: Actor, now: dt.datetime) -> Enquiry:
    """Take a closed conversation up again. One that the enquirer took back unanswered gets a new day to be answered by."""
    row = _locked(enquiry_id)
    policy.can_reopen(actor, row).or_raise()
    side = policy.side_of(actor, row) or Side.ENQUIRER
    if row.first_reply_at is None and row.closed_side is Side.ENQUIRER:
        row.due_at, row.overdue_noted_at = _due(row.to_org, now), None
    ENQUIRY.move(row, "reopen" if row.first_reply_at else "reopen_unanswered", actor=actor, at=now)
    row.closed_at = row.closed_side = row.outcome = None
    audit.record("deals.reopen", row, actor=actor, at=now, side=str(side))
    tell_side("deals.enquiry_reopened", row, side.other, actor=actor)
    return row


def note_overdue(*, actor: Actor, now: dt.datetime) -> int:
    """Tell both sides and the administrators, once, of every enquiry whose promised day has ended; returns how many."""
    rows = queries.overdue_for_update(now)
    for row in rows:
        row.overdue_noted_at = now
        tell_overdue(row, actor=actor)
        audit.record("deals.note_overdue", row, actor=actor, at=now, due_at=row.due_at.isoformat())
    return len(rows)
