"""Keeping out what is not wanted: block an organisation, report to the administrators, resolve a report."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.deals import policy, queries
from marketplace.deals.models import OrgBlock, Report
from marketplace.deals.rules import MAX_REPORTS_PER_DAY
from marketplace.deals.services.telling import tell_reported, tell_resolved
from marketplace.deals.states import REPORT, ReportedKind, ReportReason, ReportState, Resolution, Side

DAY = dt.timedelta(days=1)


def block(enquiry_id: int, *, actor: Actor, now: dt.datetime) -> OrgBlock:
    """Refuse enquiries and messages of the other side from now on; a second time changes nothing."""
    row = queries.enquiry_for_update(enquiry_id)  # the lock also makes two clicks one block
    if row is None:
        raise NotFound("enquiry")
    policy.can_block(actor, row).or_raise()
    is_owner = policy.side_of(actor, row) is Side.OWNER
    own, other = (row.to_org_id, row.from_org_id) if is_owner else (row.from_org_id, row.to_org_id)
    standing = queries.standing_block(own, other)
    if standing is not None:
        return standing
    made = OrgBlock(org_id=own, blocked_org_id=other, blocked_by=actor.user_id, blocked_at=now)
    current_session().add(made)
    audit.record("deals.block", made, actor=actor, at=now, org=own, blocked=other)
    return made


def unblock(block_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Take the other organisation's messages again."""
    session = current_session()
    found = session.get(OrgBlock, block_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("block")
    policy.can_unblock(actor, found).or_raise()
    audit.record("deals.unblock", ("org_blocks", found.id), actor=actor, at=now, org=found.org_id, blocked=found.blocked_org_id)
    session.delete(found)


def report_listing(listing_id: int, *, reason: ReportReason, note: str, actor: Actor, now: dt.datetime) -> Report:
    """Tell the administrators about a listing. Raises RuleError too_many_reports."""
    listing = queries.listing_to_ask(listing_id)
    if listing is None:
        raise NotFound("listing")
    policy.can_report_listing(actor, listing).or_raise()
    about = {"kind": ReportedKind.LISTING, "listing_id": listing.id}
    return _report(about, listing.title, reason=reason, note=note, actor=actor, now=now)


def report_enquiry(enquiry_id: int, *, reason: ReportReason, note: str, actor: Actor, now: dt.datetime) -> Report:
    """Tell them about a whole thread, which they may read from then on."""
    row = queries.enquiry(enquiry_id)
    if row is None:
        raise NotFound("enquiry")
    policy.can_report_enquiry(actor, row).or_raise()
    about = {"kind": ReportedKind.ENQUIRY, "enquiry_id": row.id}
    return _report(about, row.listing_title, reason=reason, note=note, actor=actor, now=now)


def report_message(message_id: int, *, reason: ReportReason, note: str, actor: Actor, now: dt.datetime) -> Report:
    """Tell them about one message, which alone they may read from then on."""
    message = queries.message(message_id)
    if message is None:
        raise NotFound("message")
    policy.can_report_message(actor, message).or_raise()
    about = {"kind": ReportedKind.MESSAGE, "enquiry_id": message.enquiry_id, "message_id": message.id}
    return _report(about, message.enquiry.listing_title, reason=reason, note=note, actor=actor, now=now)


def _report(
    about: dict[str, Any], title: Bilingual, *, reason: ReportReason, note: str, actor: Actor, now: dt.datetime
) -> Report:
    """The same person reporting the same thing again is the same report, while it is open."""
    session = current_session()
    same = [getattr(Report, key) == value for key, value in about.items()]
    mine = select(Report).where(Report.reporter_id == actor.user_id, Report.state == ReportState.OPEN, *same)
    standing = session.scalar(mine)
    if standing is not None:
        return standing
    if queries.reports_since(actor.user_id or 0, now - DAY) >= MAX_REPORTS_PER_DAY:
        raise RuleError("too_many_reports", most=MAX_REPORTS_PER_DAY)
    row = Report(
        **about, title=title, reason=reason, note=note.strip(), reporter_id=actor.user_id, at=now, state=ReportState.OPEN
    )
    session.add(row)
    session.flush()  # the event names the report
    audit.record("deals.report", row, actor=actor, at=now, kind=str(row.kind), reason=str(reason))
    tell_reported(row)
    return row


def resolve_report(report_id: int, *, resolution: Resolution, note: str, actor: Actor, now: dt.datetime) -> Report:
    """Say what was done about a report; the person who sent it hears that it was looked at."""
    row = queries.report_for_update(report_id)
    if row is None:
        raise NotFound("report")
    policy.can_resolve(actor, row).or_raise()
    REPORT.move(row, "resolve", actor=actor, at=now, note=str(resolution))
    row.resolution, row.resolution_note = resolution, note.strip()
    row.resolved_by, row.resolved_at = actor.user_id, now
    audit.record("deals.resolve_report", row, actor=actor, at=now, resolution=str(resolution))
    tell_resolved(row)
    return row
