"""Achievements and needs for tests, written and published through the services."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from marketplace.accounts.models import Organisation
from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import Actor
from marketplace.listings import queries, services
from marketplace.listings.models import Achievement, Listing, Need
from marketplace.listings.rules import content as contents
from marketplace.listings.rules.content import Content
from marketplace.listings.rules.numbers import check_digit
from marketplace.listings.states import ListingKind
from tests.factories import accounts

_numbers = itertools.count(1)


def patent_number(serial: int, *, year: int = 2024, kind_digit: str = "1") -> str:
    """A Chinese application number with a right check digit."""
    digits = f"{year}{kind_digit}{serial:07d}"
    return f"{digits}.{check_digit(digits)}"


def achievement_content(**changes: Any) -> Content:
    """Content of an achievement that may be published; `changes` replaces parts."""
    number = next(_numbers)
    content = contents.empty(ListingKind.ACHIEVEMENT) | {
        "title": {
            "zh": f"第{number}号质子交换膜连续流延制备",
            "en": f"Continuous casting of proton exchange membrane no. {number}",
        },
        "summary": {
            "zh": "膜在 95 ℃ 湿热循环后面电阻只增加 5.8 %，可直接替换现有膜卷。",
            "en": "Area resistance rises by only 5.8 % after damp heat at 95 °C; drops into existing lines.",
        },
        "description": {
            "zh": "以膨体聚四氟乙烯为骨架连续流延，幅宽 600 mm。" * 4,
            "en": "Cast on expanded PTFE, 600 mm wide. " * 7 + "12 µm thick.",
        },
        "application": {"zh": "燃料电池膜电极产线。", "en": "Fuel cell membrane electrode lines."},
        "verified_detail": {"zh": "每平方米成本 420 元。", "en": "Costs CNY 420 per square metre."},
        "category": "applied",
        "nature": "original",
        "form": "material",
        "maturity": 4,
        "maturity_evidence": {"zh": "2026 年 3 月检测报告", "en": "Test report of March 2026"},
        "maturity_confirmed_by": "unit",
        "benefits": [
            {
                "name": {"zh": "面电阻增加", "en": "Rise of area resistance"},
                "value": "5.8",
                "unit": "%",
                "rival_value": "14",
                "rival": {"zh": "进口同类", "en": "imported membrane"},
                "evidence": {"zh": "检测报告", "en": "test report"},
            }
        ],
        "ip": [{"kind": "invention", "status": "granted", "number": patent_number(number)}],
        "people": [{"name": {"zh": "林某（演示）", "en": "Lin (demo)"}, "contribution": {"zh": "配方", "en": "recipe"}}],
        "modes": ["transfer", "licence"],
        "money_min": 260_000_000,
        "money_max": 300_000_000,
        "fields": ["F11"],
        "city": "370100",
        "keywords": {"zh": ["质子交换膜", "燃料电池", "流延"], "en": ["membrane", "fuel cell", "casting"]},
        "started_month": "2021-03",
        "finished_month": "2025-11",
    }
    return content | changes


def need_content(**changes: Any) -> Content:
    """Content of a need that may be published; `changes` replaces parts."""
    number = next(_numbers)
    content = contents.empty(ListingKind.NEED) | {
        "title": {"zh": f"燃料电池膜半年就衰减（{number}）", "en": f"Fuel cell membrane fades within half a year ({number})"},
        "description": {
            "zh": "电堆在 95 ℃ 运行半年后膜的面电阻上升超过 14 %，每年更换两次，停机损失约 120 万元。" * 2,
            "en": "After half a year at 95 °C the area resistance rises by more than 14 %; two changes a year. " * 3
            + "It costs CNY 1.2 million.",
        },
        "tried": {"zh": "换过两家进口膜。", "en": "Two imported membranes were tried."},
        "site": {"zh": "淄博电堆装配线", "en": "Stack assembly line in Zibo"},
        "verified_detail": {"zh": "年用膜 8,000 平方米。", "en": "8,000 square metres a year."},
        "indicators": [
            {
                "name": {"zh": "面电阻增加", "en": "Rise of area resistance"},
                "op": "le",
                "value": "6",
                "value_to": None,
                "unit": "%",
                "must": True,
            }
        ],
        "maturity": 7,
        "money_min": 200_000_000,
        "money_max": 300_000_000,
        "modes": ["licence", "cooperation"],
        "closes_on": (clock.local_day(clock.now()) + dt.timedelta(days=60)).isoformat(),
        "fields": ["F11"],
        "city": "370300",
        "keywords": {"zh": ["质子交换膜", "湿热", "衰减"], "en": ["membrane", "damp heat", "decay"]},
    }
    return content | changes


def create_achievement(
    org: Organisation | None = None,
    *,
    actor: Actor | None = None,
    published: bool = True,
    at: dt.datetime | None = None,
    **changes: Any,
) -> Achievement:
    """An achievement (on show unless `published` is false) of `org`, or of a new verified university."""
    listing = _create(ListingKind.ACHIEVEMENT, achievement_content(**changes), org=org, actor=actor, published=published, at=at)
    assert isinstance(listing, Achievement)
    return listing


def create_need(
    org: Organisation | None = None,
    *,
    actor: Actor | None = None,
    published: bool = True,
    at: dt.datetime | None = None,
    **changes: Any,
) -> Need:
    """A need (on show unless `published` is false) of `org`, or of a new verified enterprise."""
    listing = _create(ListingKind.NEED, need_content(**changes), org=org, actor=actor, published=published, at=at)
    assert isinstance(listing, Need)
    return listing


def publish(listing: Listing, *, actor: Actor, content: Content | None = None, at: dt.datetime | None = None) -> Listing:
    """Write `content` (or complete content) into the draft and show it, as an owner does in one go."""
    now = at or clock.now()
    make = achievement_content if listing.kind == ListingKind.ACHIEVEMENT else need_content
    content = content or make()
    with transaction():
        draft = services.write(listing.id, content, actor=actor, now=now)
        services.publish(listing.id, content, version=draft.version, actor=actor, now=now)
    return reload(listing.id)


def reload(listing_id: int) -> Listing:
    """The listing as the database has it now, with everything loaded, detached: later transactions leave it alone."""
    session = current_session()
    session.rollback()
    listing = queries.listing(listing_id)
    assert listing is not None
    session.expunge(listing)
    return listing


def owner_of(org: Organisation) -> Actor:
    """An actor who owns `org`: a new person who becomes an owner."""
    user = accounts.create_user()
    accounts.add_member(user, org, "owner")
    return accounts.actor_of(user)


def _create(
    kind: ListingKind, content: Content, *, org: Organisation | None, actor: Actor | None, published: bool, at: dt.datetime | None
) -> Listing:
    now = at or clock.now()
    org_id = org.id if org is not None else None
    if org_id is None and actor is not None:
        org_id = actor.memberships[0].org_id
    if org_id is None:
        user, made = accounts.create_member(kind="university" if kind is ListingKind.ACHIEVEMENT else "enterprise")
        org_id, actor = made.id, accounts.actor_of(user)
    if actor is None:
        assert org is not None
        actor = owner_of(org)
    with transaction():
        listing = services.start(kind, org_id, actor=actor, now=now)
        draft = services.write(listing.id, content, actor=actor, now=now)
        if published:
            services.publish(listing.id, content, version=draft.version, actor=actor, now=now)
    return reload(listing.id)
