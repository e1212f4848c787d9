"""Invented enquiries and replies, so that response rates and desks have something behind them."""

from __future__ import annotations

import datetime as dt

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
PURPOSES = (Purpose.TRIAL, Purpose.MORE_INFORMATION, Purpose.LICENCE_OR_TRANSFER, Purpose.COOPERATION)
PAST, WAITING = 90, 8
# Hours until the reply, in turn: most within the promise, some late, every eighth never.
HOURS = (3, 20, 7, 26, 50, 5, 190, None)


def talk(*, now: dt.datetime) -> int:
    """Let enterprises ask about achievements, mostly answered; some enquiries of today still wait. Once only."""
    if queries.enquiries():
        return 0
    keys = queries.owner_keys()
    achievements = queries.listings_on_show("achievement")
    askers = sorted(key for key in keys.values() if key.startswith("e"))
    for number in range(PAST + WAITING):
        listing_id, org_id = achievements[(number * 37) % len(achievements)]
        asker = askers[(number * 7) % len(askers)]
        is_waiting = number >= PAST
        sent = now - (
            dt.timedelta(hours=number - PAST + 1) if is_waiting else dt.timedelta(days=3 + number * 3, hours=number % 7)
        )
        hours = None if is_waiting else HOURS[number % len(HOURS)]
        _one(number, listing_id, asker=asker, owner=keys[org_id], sent=sent, hours=hours)
    return PAST + WAITING


def _one(number: int, listing_id: int, *, asker: str, owner: str, sent: dt.datetime, hours: int | None) -> None:
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
