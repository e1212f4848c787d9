"""What each verb does, refuses, records and tells."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from sqlalchemy import func, select

from marketplace.core import audit, clock, invariants
from marketplace.core.clock import SHANGHAI
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import Forbidden, NotFound, RuleError
from marketplace.core.files import accept
from marketplace.core.outbox import OutboxEvent
from marketplace.core.policy import SYSTEM
from marketplace.deals import queries, services
from marketplace.deals.models import Enquiry, Message, OrgBlock, ReadMark, Report
from marketplace.deals.states import ENQUIRY, EnquiryState, Outcome, Purpose, ReportReason, ReportState, Resolution, Side
from tests.factories import accounts, listings
from tests.factories.deals import QUESTION, Pair, reload, send, token, write

MONDAY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


def events(name: str) -> list[dict]:
    return [row.payload for row in current_session().scalars(select(OutboxEvent).where(OutboxEvent.name == name))]


def count(model) -> int:
    return current_session().scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.both
def test_sending_makes_an_open_enquiry_due_at_the_end_of_the_promised_day(app):
    pair = Pair()
    row = pair.send(at=MONDAY)
    assert row.state == EnquiryState.OPEN
    assert row.due_at == dt.datetime(2026, 11, 27, tzinfo=SHANGHAI)  # three working days later, when Thursday has ended
    assert (row.from_org_id, row.to_org_id) == (pair.asker_org.id, pair.owner_org.id)
    assert row.listing_title == pair.listing.title
    [told] = events("deals.enquiry_sent")
    assert told["to_orgs"] == [pair.owner_org.id]
    assert told["who"] == pair.asker_org.name.as_dict()
    assert told["but_not"] == [pair.asker_user.id]


@pytest.mark.both
def test_a_conversation_from_question_to_agreement(app):
    pair = Pair()
    row = pair.send(at=MONDAY)
    row = pair.reply(row, at=MONDAY + dt.timedelta(hours=2))
    assert row.state == EnquiryState.ANSWERED
    assert row.first_reply_at == row.reacted_at == MONDAY + dt.timedelta(hours=2)
    row = write(row, pair.asker, "收到，谢谢。", at=MONDAY + dt.timedelta(hours=3))
    assert row.first_reply_at == MONDAY + dt.timedelta(hours=2)
    with transaction():
        services.close(row.id, outcome=Outcome.AGREED, note="合作愉快", form_token=token(), actor=pair.asker, now=MONDAY)
    row = reload(row.id)
    assert (row.state, row.outcome, row.closed_side) == (EnquiryState.CLOSED, Outcome.AGREED, Side.ENQUIRER)
    assert [step.step for step in ENQUIRY.history(row.id)] == ["answer", "close"]
    assert count(Message) == 4
    assert not any(finding.problems for finding in invariants.run(queries.INVARIANTS))


def test_the_enquirers_own_message_answers_nothing(app):
    pair = Pair()
    row = write(pair.send(), pair.asker, "补充一点。")
    assert row.state == EnquiryState.OPEN
    assert row.first_reply_at is None


def test_sending_is_refused_without_the_right(app):
    pair = Pair()
    stranger = accounts.actor_of(accounts.create_user())
    with pytest.raises(Forbidden), transaction():
        services.send(
            pair.listing.id,
            as_org_id=pair.asker_org.id,
            purpose=Purpose.OTHER,
            body="x",
            form_token=token(),
            actor=stranger,
            now=clock.now(),
        )
    with pytest.raises(RuleError, match="not_your_organisation"):
        send(pair.listing, pair.asker, pair.owner_org)
    with pytest.raises(NotFound), transaction():
        services.send(9999, as_org_id=1, purpose=Purpose.OTHER, body="x", form_token=token(), actor=pair.asker, now=clock.now())
    assert count(Enquiry) == 0


@pytest.mark.parametrize(
    ("body", "files", "code"), [(" \n ", 0, "message_empty"), ("长" * 4001, 0, "message_too_long"), ("x", 6, "too_many_files")]
)
def test_messages_have_a_shape(app, body, files, code):
    pair = Pair()
    attachment = accept(io.BytesIO(b"%PDF-1.4 demo %%EOF"), "a.pdf")
    with pytest.raises(RuleError, match=code):
        pair.send(body=body, attachments=[attachment] * files)
    current_session().rollback()
    assert count(Enquiry) == 0


def test_attachments_are_kept_with_their_message(app, tmp_path):
    pair = Pair()
    attachment = accept(io.BytesIO(b"%PDF-1.4 demo %%EOF"), "../检测报告.pdf")
    row = pair.send(attachments=[attachment], root=tmp_path)
    [message] = queries.thread(row, actor=pair.owner, now=clock.now()).messages
    assert [file.name for file in message.files] == ["检测报告.pdf"]


def test_no_more_than_twenty_a_day(app):
    pair = Pair()
    first = pair.send(at=MONDAY)
    with transaction() as session:
        values = {c.name: getattr(first, c.name) for c in Enquiry.__table__.columns if c.name not in ("id", "form_token")}
        rows = [{**values, "form_token": token()} for _ in range(19)]
        session.execute(Enquiry.__table__.insert(), rows)
    with pytest.raises(RuleError, match="too_many_enquiries"):
        pair.send(at=MONDAY + dt.timedelta(hours=23))
    assert pair.send(at=MONDAY + dt.timedelta(hours=24, seconds=1)).id
    other_user, other_org = accounts.create_member()
    assert send(pair.listing, accounts.actor_of(other_user), other_org, at=MONDAY + dt.timedelta(hours=2)).id


@pytest.mark.both
def test_reading_moves_a_mark_and_quiets_the_bell_once(app):
    pair = Pair()
    row = pair.send(at=MONDAY)
    seen_at = MONDAY + dt.timedelta(minutes=32)
    for _ in range(2):
        with transaction():
            services.see(row.id, actor=pair.owner, now=seen_at)
        seen_at += dt.timedelta(hours=1)
    assert len(events("deals.enquiry_seen")) == 1
    thread = queries.thread(row, actor=pair.asker, now=MONDAY)
    assert thread.seen_at == MONDAY + dt.timedelta(minutes=32)
    assert thread.seen_message == thread.messages[0].id
    write(row, pair.asker, "再补充一点。", at=MONDAY + dt.timedelta(hours=2))
    thread = queries.thread(row, actor=pair.asker, now=MONDAY)
    assert thread.seen_message == thread.messages[0].id  # the second is not seen yet
    assert queries.thread(row, actor=pair.owner, now=MONDAY).unread == 1
    stranger = accounts.actor_of(accounts.create_member()[0])
    with pytest.raises(NotFound), transaction():
        services.see(row.id, actor=stranger, now=MONDAY)
    assert count(ReadMark) == 2


def test_closing_with_a_reason_keeps_the_promise_without_a_reply(app):
    pair = Pair()
    row = pair.send(at=MONDAY)
    with transaction():
        services.close(row.id, outcome=Outcome.TOO_EARLY, note=" ", form_token=token(), actor=pair.owner, now=MONDAY)
    row = reload(row.id)
    assert (row.first_reply_at, row.reacted_at) == (None, MONDAY)
    figures = queries.response_figures([pair.owner_org.id], now=MONDAY + dt.timedelta(days=30))[pair.owner_org.id]
    assert (figures.counted, figures.in_time, figures.median_hours) == (1, 1, None)


def test_taking_back_restarts_the_clock_when_taken_up_again(app):
    pair = Pair()
    row = pair.send(at=MONDAY)
    with transaction():
        services.close(row.id, outcome=Outcome.NO_LONGER_NEEDED, note="", form_token=token(), actor=pair.asker, now=MONDAY)
    later = MONDAY + dt.timedelta(days=14)
    with transaction():
        services.reopen(row.id, actor=pair.asker, now=later)
    row = reload(row.id)
    assert (row.state, row.closed_at, row.outcome) == (EnquiryState.OPEN, None, None)
    assert row.due_at == later.replace(hour=0) + dt.timedelta(days=4)
    row = pair.reply(row, at=later)
    with transaction():
        services.close(row.id, outcome=Outcome.PRICE, note="", form_token=token(), actor=pair.owner, now=later)
    with transaction():
        services.reopen(row.id, actor=pair.owner, now=later)
    assert reload(row.id).state == EnquiryState.ANSWERED
    assert not any(finding.problems for finding in invariants.run(queries.INVARIANTS))


@pytest.mark.both
def test_overdue_enquiries_are_told_once(app):
    pair = Pair()
    late, answered = pair.send(at=MONDAY), pair.send(at=MONDAY)
    pair.reply(answered, at=MONDAY)
    before, after = late.due_at - dt.timedelta(seconds=1), late.due_at

    def note(now: dt.datetime) -> int:
        with transaction():
            return services.note_overdue(actor=SYSTEM, now=now)

    assert [note(before), note(after), note(after + dt.timedelta(days=1))] == [0, 1, 0]
    [to_owner], [to_asker] = events("deals.enquiry_overdue"), events("deals.enquiry_unanswered")
    assert (to_owner["to_orgs"], to_owner["to_admins"]) == ([pair.owner_org.id], True)
    assert to_asker["to_orgs"] == [pair.asker_org.id]
    assert "to_admins" not in to_asker
    page = queries.overdue(page=1, now=after)
    assert [row.id for row in page.items] == [late.id]


def test_a_declined_enquiry_that_is_taken_up_again_is_not_late(app):
    pair = Pair()
    row = pair.send(at=MONDAY)
    with transaction():
        services.close(row.id, outcome=Outcome.PRICE, note="", form_token=token(), actor=pair.owner, now=MONDAY)
    with transaction():
        services.reopen(row.id, actor=pair.asker, now=MONDAY)
    with transaction():
        assert services.note_overdue(actor=SYSTEM, now=row.due_at) == 0
    assert queries.overdue(page=1, now=row.due_at).items == []


def test_the_tick_command(app):
    pair = Pair()
    pair.send(at=clock.now() - dt.timedelta(days=30))
    result = app.test_cli_runner().invoke(args=["deals", "tick"])
    assert result.output == "1 enquiries overdue\n"


def test_blocking_stops_enquiries_and_messages_until_it_is_lifted(app):
    pair = Pair()
    row = pair.reply(pair.send())
    with transaction():
        block = services.block(row.id, actor=pair.owner, now=clock.now())
    with transaction():
        assert services.block(row.id, actor=pair.owner, now=clock.now()).id == block.id
    with pytest.raises(RuleError, match="enquiries_refused"):
        pair.send()
    with pytest.raises(RuleError, match="messages_refused"):
        write(row, pair.asker, "喂？")
    with pytest.raises(RuleError, match="unblock_first"):
        pair.reply(row)
    other = Pair()
    with pytest.raises(NotFound), transaction():
        services.unblock(block.id, actor=other.owner, now=clock.now())
    with transaction():
        services.unblock(block.id, actor=pair.owner, now=clock.now())
    assert count(OrgBlock) == 0
    write(row, pair.asker, "谢谢。")
    assert pair.send().id


def test_the_blocking_side_may_not_ask_whom_it_blocks(app):
    pair = Pair()
    row = pair.reply(pair.send())
    with transaction():
        services.block(row.id, actor=pair.asker, now=clock.now())
    with pytest.raises(RuleError, match="unblock_first"):
        pair.send()


def test_a_block_does_not_tell_who_hides_behind_a_need(app):
    """The asker has blocked the owner under its name; asking about the owner's anonymous need must look as always."""
    pair = Pair(is_anonymous=True)
    open_listing = listings.create_need(pair.owner_org, actor=pair.owner)
    known = send(open_listing, pair.asker, pair.asker_org)
    with transaction():
        services.block(known.id, actor=pair.asker, now=clock.now())
    row = pair.send(at=clock.now() + dt.timedelta(minutes=1))
    assert queries.block_in(row, Side.ENQUIRER) is None
    later = clock.now() + dt.timedelta(minutes=2)
    assert pair.reply(row, at=later).first_reply_at == later  # the thread is younger than the block


@pytest.mark.both
def test_reports_reach_the_administrators_once(app):
    pair = Pair()
    row = pair.send()
    [message] = queries.thread(row, actor=pair.owner, now=clock.now()).messages
    said = {"reason": ReportReason.SPAM, "note": " 广告 ", "actor": pair.owner, "now": clock.now()}
    ids = set()
    for _ in range(2):
        with transaction():
            ids |= {services.report_message(message.id, **said).id, services.report_enquiry(row.id, **said).id}
        with transaction():
            ids.add(services.report_listing(pair.listing.id, **said).id)
    assert len(ids) == count(Report) == len(events("deals.reported")) == 3
    of_listing = queries.report(max(ids))
    assert queries.reported_messages(of_listing) == []
    stranger = accounts.actor_of(accounts.create_member()[0])
    with pytest.raises(NotFound), transaction():
        services.report_enquiry(row.id, **{**said, "actor": stranger})


def test_resolving_a_report(app):
    pair = Pair()
    row = pair.send()
    admin = accounts.actor_of(accounts.create_admin())
    with transaction():
        report = services.report_enquiry(row.id, reason=ReportReason.OTHER, note="", actor=pair.owner, now=clock.now())
    said = {"resolution": Resolution.NO_BREACH, "note": "看过", "now": clock.now()}
    with pytest.raises(Forbidden), transaction():
        services.resolve_report(report.id, actor=pair.owner, **said)
    with transaction():
        services.resolve_report(report.id, actor=admin, **said)
    with pytest.raises(Forbidden, match="report_resolved"), transaction():
        services.resolve_report(report.id, actor=admin, **said)
    current_session().expire_all()
    assert queries.report(report.id).state == ReportState.RESOLVED
    assert events("deals.report_resolved")[0]["to_users"] == [pair.owner_user.id]


def test_reports_have_a_daily_limit(app):
    pair = Pair()
    now = clock.now()
    with transaction() as session:
        session.add_all(
            Report(
                kind="listing", listing_id=pair.listing.id, title=pair.listing.title, reason=ReportReason.SPAM, at=now,
                reporter_id=pair.asker_user.id, state=ReportState.RESOLVED, resolution=Resolution.NO_BREACH, resolved_at=now,
            )
            for _ in range(20)
        )  # fmt: skip
    with pytest.raises(RuleError, match="too_many_reports"), transaction():
        services.report_listing(pair.listing.id, reason=ReportReason.SPAM, note="", actor=pair.asker, now=now)


def test_every_verb_is_recorded_without_a_word_of_the_messages(app):
    pair = Pair()
    row = pair.send(body="CANARY-BODY")
    pair.reply(row, "CANARY-REPLY")
    said = {"reason": ReportReason.SPAM, "note": "CANARY-NOTE", "now": clock.now()}
    with transaction():
        report = services.report_enquiry(row.id, actor=pair.owner, **said)
    with transaction():
        block = services.block(row.id, actor=pair.owner, now=clock.now())
    admin = accounts.actor_of(accounts.create_admin())
    with transaction():
        services.resolve_report(report.id, resolution=Resolution.WARNED, note="CANARY-NOTE", actor=admin, now=clock.now())
    with transaction():
        services.unblock(block.id, actor=pair.owner, now=clock.now())
    with transaction():
        services.close(row.id, outcome=Outcome.OTHER, note="CANARY-LAST", form_token=token(), actor=pair.owner, now=clock.now())
    with transaction():
        services.reopen(row.id, actor=pair.owner, now=clock.now())
    entries = current_session().scalars(select(audit.AuditEntry)).all()
    done = {entry.action for entry in entries}
    assert done >= {
        "deals.send_enquiry",
        "deals.write_message",
        "deals.report",
        "deals.block",
        "deals.unblock",
        "deals.close",
        "deals.reopen",
        "deals.resolve_report",
    }
    payloads = [row.payload for row in current_session().scalars(select(OutboxEvent))]
    kept = json.dumps([[entry.data for entry in entries], payloads], ensure_ascii=False)
    assert "CANARY" not in kept
    assert QUESTION not in kept
    assert audit.verify().is_sound


def test_invariants_find_what_is_broken(app):
    pair = Pair()
    row = pair.send()
    names = {
        "answered enquiries have a reply": {"first_reply_at": clock.now(), "reacted_at": clock.now()},
        "every step of an enquiry is in its history": {
            "state": "closed",
            "closed_at": clock.now(),
            "closed_side": "owner",
            "outcome": "price",
        },
    }
    for name, values in names.items():
        assert queries.INVARIANTS[name]() == []
        with transaction() as session:
            session.execute(Enquiry.__table__.update().where(Enquiry.id == row.id).values(**values))
        assert queries.INVARIANTS[name]() != []
