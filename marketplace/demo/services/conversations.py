"""Invented enquiries and replies, so that response rates and desks have something behind them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from marketplace.core import clock
from marketplace.core.db import current_session
from marketplace.core.outbox import Job
from marketplace.deals import services as deals
from marketplace.deals.states import Purpose
from marketplace.demo import queries

ASKED = (
    "您好，我们有一条产线遇到了类似的问题，想了解样品能否先寄来试用，以及需要我们准备哪些条件。（演示）",
    "请问这项成果目前在多大规模上连续运行过？如果改成我们的工况，需要多长时间？（演示）",
    "We would like to see the test report and to talk about a licence for one plant. (demo)",
    "我们希望合作开发，指标和预算见需求页，方便时请安排一次线上交流。（演示）",
)
ANSWERED = (
    "感谢联系。样品可以提供，附上试用条件；下周二上午或周四下午都方便交流。（演示）",
    "已在 300 小时连续运行中验证，换到贵方工况大约需要六周的适配试验。（演示）",
    "Thank you. The report can be shared after a short call; we suggest Wednesday afternoon. (demo)",
)
NOTIFY = "notifications.notify"
PURPOSES = (Purpose.TRIAL, Purpose.MORE_INFORMATION, Purpose.LICENCE_OR_TRANSFER, Purpose.COOPERATION)
PAST, WAITING = 90, 8
# The newest replies the askers have not read yet.
UNREAD = 10
# Hours until the reply, in turn: most within the promise, some late, every eighth never.
HOURS = (5, 26, 9, 30, 74, 20, 190, None)


def talk(*, now: dt.datetime) -> int:
    """Let enterprises ask about achievements over the last nine months, mostly answered. Once only."""
    if queries.enquiries():
        return 0
    for number in range(PAST):
        day = clock.local_day(now) - dt.timedelta(days=4 + number * 3)
        sent = dt.datetime.combine(day, dt.time(9 + number % 7, 20), clock.SHANGHAI)
        _one(number, sent=sent, hours=HOURS[number % len(HOURS)])
    return PAST


def hush() -> None:
    """Take back the notifications that everything so far has queued: nobody wants to hear of the past."""
    waiting = update(Job).where(Job.state == "queued", Job.handler == NOTIFY)
    current_session().execute(waiting.values(state="done", done_at=Job.run_after))


def ask_today(*, now: dt.datetime) -> int:
    """Some enquiries of the last hours that wait for their first reply. Once only."""
    if queries.enquiries() > PAST:
        return 0
    for number in range(PAST, PAST + WAITING):
        _one(number, sent=now - dt.timedelta(hours=number - PAST + 1), hours=None)
    return WAITING


def _one(number: int, *, sent: dt.datetime, hours: int | None) -> None:
    keys = queries.owner_keys()
    achievements = queries.listings_on_show("achievement")
    askers = sorted(key for key in keys.values() if key.startswith("e"))
    listing_id, org_id = achievements[(number * 37) % len(achievements)]
    _exchange(number, listing_id, asker=askers[(number * 7) % len(askers)], owner=keys[org_id], sent=sent, hours=hours)


def _exchange(number: int, listing_id: int, *, asker: str, owner: str, sent: dt.datetime, hours: int | None) -> None:
    actor = queries.actor(asker)
    enquiry = deals.send(
        listing_id,
        as_org_id=actor.memberships[0].org_id,
        purpose=PURPOSES[number % len(PURPOSES)],
        body=ASKED[number % len(ASKED)],
        form_token=f"demo-{number}",
        actor=actor,
        now=sent,
    )
    if hours is not None:
        deals.write(
            enquiry.id,
            body=ANSWERED[number % len(ANSWERED)],
            form_token=f"demo-reply-{number}",
            actor=queries.actor(owner),
            now=sent + dt.timedelta(hours=hours),
        )
        if number >= UNREAD:
            deals.see(enquiry.id, actor=actor, now=sent + dt.timedelta(hours=hours + 1))
