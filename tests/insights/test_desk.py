"""The desk: what waits for whom, for every role, without a query for each row."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from marketplace.accounts.models import Organisation
from marketplace.accounts.states import ORGANISATION
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.policy import SYSTEM
from marketplace.insights import queries
from marketplace.listings import services
from tests.factories.accounts import actor_of, add_member, create_organisation, create_user, sign_in
from tests.factories.deals import Pair
from tests.factories.listings import achievement_content, create_achievement, owner_of


def test_a_visitor_is_sent_to_sign_in(client):
    answer = client.get("/zh/desk")
    assert answer.status_code == 302
    assert "/zh/account/login" in answer.location


@pytest.mark.parametrize(("language", "words"), [("zh", "还没有加入任何单位"), ("en", "belong to no organisation yet")])
def test_somebody_new_learns_what_to_do_first(client, language, words):
    sign_in(client, create_user())
    assert words in client.get(f"/{language}/desk").text


def test_an_enquiry_waits_for_the_owner_and_not_for_others(app, client):
    pair = Pair()
    pair.send()
    (task,) = queries.tasks(pair.owner, now=clock.now())
    assert task.what == "reply"
    assert task.days is not None
    assert queries.tasks(pair.asker, now=clock.now()) == []
    sign_in(client, pair.owner_user)
    assert pair.listing.title.zh in client.get("/zh/desk").text
    stranger = create_user()
    add_member(stranger, create_organisation(kind="university"), "owner")
    assert queries.tasks(actor_of(stranger), now=clock.now()) == []


def test_a_submitted_listing_waits_for_the_owners_of_its_unit(app):
    org = create_organisation(kind="university")
    owner = owner_of(org)
    editor_user = create_user()
    add_member(editor_user, org, "editor")
    editor = actor_of(editor_user)
    listing = create_achievement(org, actor=editor, published=False)
    content = achievement_content()
    with transaction():
        draft = services.write(listing.id, content, actor=editor, now=clock.now())
        services.submit(listing.id, content, version=draft.version, actor=editor, now=clock.now())
    assert [task.what for task in queries.tasks(owner, now=clock.now())] == ["review"]
    assert queries.tasks(editor, now=clock.now()) == []


def test_an_administrator_sees_the_queue_and_its_length(app, client):
    waiting = [create_organisation(kind="enterprise", verified=False) for _ in range(2)]
    with transaction() as session:
        for org in waiting:
            ORGANISATION.move(session.get_one(Organisation, org.id), "hand_in_document", actor=SYSTEM, at=clock.now())
    admin = create_user(roles=("admin",))
    (task,) = queries.tasks(actor_of(admin), now=clock.now())
    assert (task.what, task.count) == ("verify", 2)
    sign_in(client, admin)
    assert client.get("/en/desk").status_code == 200


def test_the_number_of_queries_does_not_grow_with_what_waits(app, client):
    pair = Pair()
    sign_in(client, pair.owner_user)

    def queries_of_a_visit() -> int:
        statements: list[str] = []

        def note(*arguments: Any) -> None:
            statements.append(arguments[2])

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get("/zh/desk").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    pair.send()
    queries_of_a_visit()  # what is kept between requests is read here
    few = queries_of_a_visit()
    for _ in range(6):
        pair.send()
    assert queries_of_a_visit() <= few


def _paths_of_buttons(page: str) -> set[str]:
    return set(re.findall(r'href="(/zh/(?:listings/new|search)[^"]*)"', page.split("<aside", 1)[1]))


@pytest.mark.parametrize(
    ("kind", "role", "begins"), [("city_office", "owner", False), ("enterprise", "viewer", False), ("enterprise", "editor", True)]
)
def test_the_desk_offers_only_what_the_reader_may_begin(client, kind, role, begins):
    """An office writes no listings, a viewer neither: their desk leads to what is there."""
    user, org = create_user(), create_organisation(kind=kind, city="370600")
    add_member(user, org, role)
    sign_in(client, user)
    paths = _paths_of_buttons(client.get("/zh/desk").text)
    assert paths
    assert all(client.get(path.replace("&amp;", "&")).status_code == 200 for path in paths)
    assert any("/listings/new/" in path for path in paths) is begins
    assert any("city=370600" in path for path in paths) is (kind == "city_office")
    offer = "/zh/listings/new" in client.get("/zh/matches").text
    assert offer is begins


@pytest.mark.parametrize(
    ("role", "handed_in", "words", "leads_to"),
    [
        ("owner", False, "请提交证明材料", "verification"),
        ("owner", True, "管理员会核对证明文件", "verification"),
        ("editor", False, "请本机构的负责人先提交", ""),
        ("editor", True, "管理员会核对证明文件", ""),
    ],
)
def test_members_of_an_unverified_organisation_learn_whose_turn_it_is(client, role, handed_in, words, leads_to):
    user, org = create_user(), create_organisation(kind="enterprise", verified=False)
    add_member(user, org, role)
    if handed_in:
        with transaction() as session:
            ORGANISATION.move(session.get_one(Organisation, org.id), "hand_in_document", actor=SYSTEM, at=clock.now())
    sign_in(client, user)
    page = client.get("/zh/desk").text
    assert words in page
    assert (f'/zh/organisations/{org.id}/verification"' in page) is bool(leads_to)
