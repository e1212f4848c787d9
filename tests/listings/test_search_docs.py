"""What the index is given: every public fact, nothing of the layer for verified organisations, masks kept."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.types import Bilingual
from marketplace.listings import search_docs, services
from marketplace.listings.states import ListingState
from marketplace.taxonomy import queries as taxonomy
from search_index.documents import from_facts, to_facts
from tests.factories import accounts, listings

CANARY = {"zh": "金丝雀机密", "en": "canary secret"}


def document(listing):
    return search_docs.document(listing, taxonomy.current())


def test_an_achievement(app):
    number = listings.patent_number(5)
    rights = [
        {"kind": "invention", "status": "granted", "number": number},
        {"kind": "software", "status": "pending", "number": ""},
    ]
    row = listings.create_achievement(ip=rights, fields=["F11", "F20"])
    found = document(row)
    assert found.id == f"achievement:{row.id}"
    assert (found.rev, found.title_zh, found.maturity, found.city) == (1, row.title.zh, 4, "370100")
    assert found.ip_numbers == (number,)
    assert found.ip_status == ("granted", "pending")
    assert found.fields == ("F11", "F20")
    assert found.chains == ("C03", "C06")
    assert "面电阻增加" in found.body_zh
    assert found.quality == row.quality / 100
    assert found.fresh_at == int(row.confirmed_at.timestamp())
    assert not found.boost_faded


def test_a_need(app):
    found = document(listings.create_need())
    assert found.kind == "need"
    assert found.summary_zh.startswith("电堆")
    assert "面电阻增加" in found.body_zh
    assert found.closes_at > found.published_at


def test_without_rights_the_status_says_none(app):
    assert document(listings.create_achievement(ip=[])).ip_status == ("none",)


def test_nothing_of_the_verified_layer_is_in_it(app):
    people = [{"name": CANARY, "contribution": CANARY}]
    for row in (listings.create_achievement(verified_detail=CANARY, people=people), listings.create_need(verified_detail=CANARY)):
        text = str(dataclasses.asdict(document(row)))
        assert "金丝雀" not in text
        assert "canary" not in text


def test_an_anonymous_need_arrives_masked(app):
    user, org = accounts.create_member(name="x")
    with transaction() as session:
        fresh = session.get(type(org), org.id)
        fresh.name, fresh.trade, fresh.city = (
            Bilingual("潍坊泵业（演示）", "Weifang Pumps"),
            Bilingual("装备企业", "equipment maker"),
            "370700",
        )
    found = document(listings.create_need(org, actor=accounts.actor_of(user), is_anonymous=True))
    assert (found.org_name_zh, found.org_name_en) == ("潍坊某装备企业", "an equipment maker in Weifang")
    assert "泵业" not in str(dataclasses.asdict(found))


@pytest.mark.parametrize(("state", "belongs"), [(s, s in ("published", "fading")) for s in ListingState])
def test_what_belongs_in(app, state, belongs):
    row = listings.create_achievement(published=False)
    row.state = state
    assert search_docs.is_indexable(row) is belongs


def test_a_faded_one_is_marked(app):
    user, org = accounts.create_member(kind="university")
    row = listings.create_achievement(org, actor=accounts.actor_of(user), at=clock.now() - dt.timedelta(days=200))
    with transaction():
        services.fade(row.id, now=clock.now())
    assert document(listings.reload(row.id)).boost_faded


def test_documents_survive_the_engines_store(app):
    for row in (listings.create_achievement(), listings.create_need()):
        found = document(row)
        assert from_facts(to_facts(found, body_limit=100_000)) == found
