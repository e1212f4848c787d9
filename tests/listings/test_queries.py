"""Reads for lists: order, masking, counts, what waits; and how many statements they cost."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from marketplace.core import clock
from marketplace.core.db import current_session, db, transaction
from marketplace.core.policy import ANONYMOUS
from marketplace.core.types import Bilingual
from marketplace.listings import queries, services
from marketplace.listings.states import ListingKind, ListingState
from marketplace.taxonomy import queries as taxonomy
from tests.factories import accounts, listings

A, N = ListingKind.ACHIEVEMENT, ListingKind.NEED


@contextmanager
def counting():
    """How many statements run inside."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def maker(app):
    """An enterprise in Weifang with a trade."""
    user, org = accounts.create_member(kind="enterprise", verified=True, name="甲")
    with transaction() as session:
        row = session.get(type(org), org.id)
        row.name, row.trade, row.city = (
            Bilingual("潍坊泵业（演示）", "Weifang Pumps (demo)"),
            Bilingual("装备企业", "equipment maker"),
            "370700",
        )
    return user, org


def test_cards_come_in_the_given_order_and_leave_out_what_is_not_for_the_reader(app):
    first, second = listings.create_achievement(), listings.create_achievement()
    hidden = listings.create_achievement(audience="verified")
    draft = listings.create_achievement(published=False)
    found = queries.cards([second.id, hidden.id, 999, first.id, draft.id], ANONYMOUS)
    assert [card.id for card in found] == [second.id, first.id]
    member = accounts.actor_of(accounts.create_member()[0])
    assert [card.id for card in queries.cards([hidden.id], member)] == [hidden.id]
    assert queries.cards([], ANONYMOUS) == []


def test_a_card_holds_what_a_list_shows(app):
    row = listings.create_achievement(fields=["F11", "F12"])
    card = queries.cards([row.id], ANONYMOUS)[0]
    assert (card.title, card.fields, card.maturity, card.money_min) == (row.title, ("F11", "F12"), 4, 260_000_000)
    assert card.org_name == row.organisation.name
    assert card.org_id == row.org_id
    assert not card.is_own


def test_an_anonymous_need_is_masked_for_all_but_its_own_and_administrators(maker):
    user, org = maker
    need = listings.create_need(org, actor=accounts.actor_of(user), is_anonymous=True)
    for reader in (ANONYMOUS, accounts.actor_of(accounts.create_member()[0])):
        card = queries.cards([need.id], reader)[0]
        assert card.org_id is None
        assert card.org_name == Bilingual("潍坊某装备企业", "an equipment maker in Weifang")
    for reader in (accounts.actor_of(user), accounts.actor_of(accounts.create_admin())):
        card = queries.cards([need.id], reader)[0]
        assert (card.org_id, card.org_name.zh) == (org.id, "潍坊泵业（演示）")


def test_a_needs_card_tells_its_problem(app):
    need = listings.create_need()
    card = queries.cards([need.id], ANONYMOUS)[0]
    assert need.description.zh.startswith(card.summary.zh[:50])
    assert card.closes_on == need.closes_on


@pytest.mark.parametrize("number", [1, 8])
def test_cards_cost_two_statements_however_many(app, number):
    taxonomy.current()
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    ids = [listings.create_achievement(org, actor=actor).id for _ in range(number)]
    current_session().rollback()
    taxonomy.current()
    with counting() as seen:
        queries.cards(ids, ANONYMOUS)
    assert len(seen) == 2


def test_pages_of_lists_cost_the_same_for_one_and_for_many(app, visit, monkeypatch):
    standing = time.monotonic()
    # The catalogue and the demonstration's mark are looked up anew every some seconds, whatever a page shows.
    monkeypatch.setattr(time, "monotonic", lambda: standing)
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    visitor = visit(user)
    costs = []
    for number in (1, 5):
        for _ in range(number):
            listings.create_achievement(org, actor=actor, at=clock.now() - dt.timedelta(days=170))
        for path in ("/zh/listings", "/zh/listings/confirm", "/zh/listings/review"):
            visitor.get(path)
            with counting() as seen:
                assert visitor.get(path).status_code == 200
            costs.append((path, len(seen)))
    half = len(costs) // 2
    assert costs[:half] == costs[half:]


def test_newest_first(app):
    old = listings.create_achievement(at=clock.now() - dt.timedelta(days=3))
    new = listings.create_achievement()
    listings.create_need()
    assert [card.id for card in queries.newest(A, ANONYMOUS, 5)] == [new.id, old.id]
    assert len(queries.newest(A, ANONYMOUS, 1)) == 1


@pytest.mark.both
def test_counts_are_what_the_public_sees(app):
    listings.create_achievement(fields=["F11", "F12"])
    listings.create_achievement(audience="verified")
    listings.create_achievement(published=False)
    listings.create_need()
    assert queries.counts() == queries.Counts(achievements=1, needs=1)
    assert queries.counts_by_field() == {"F11": queries.Counts(1, 1), "F12": queries.Counts(1, 0)}


def test_counts_of_an_organisation_do_not_betray_an_anonymous_need(maker):
    user, org = maker
    actor = accounts.actor_of(user)
    listings.create_need(org, actor=actor, is_anonymous=True)
    listings.create_need(org, actor=actor)
    listings.create_achievement(org, actor=actor)
    assert queries.on_show_counts(org.id, ANONYMOUS) == queries.Counts(1, 1)
    assert queries.on_show_counts(org.id, actor) == queries.Counts(1, 2)


def test_waiting_belongs_to_those_who_can_act(app):
    user, org = accounts.create_member(kind="university")
    editor_user, viewer_user = accounts.create_user(), accounts.create_user()
    accounts.add_member(editor_user, org, "editor")
    accounts.add_member(viewer_user, org, "viewer")
    editor = accounts.actor_of(editor_user)
    draft = listings.create_achievement(org, actor=editor, published=False)
    content = listings.achievement_content()
    with transaction():
        version = services.write(draft.id, content, actor=editor, now=clock.now()).version
        services.submit(draft.id, content, version=version, actor=editor, now=clock.now())
    now = clock.now()
    assert [w.what for w in queries.waiting_for(accounts.actor_of(user), now)] == ["review"]
    assert [row.id for row in queries.to_review(accounts.actor_of(user))] == [draft.id]
    assert queries.waiting_for(editor, now) == []
    assert queries.waiting_for(accounts.actor_of(viewer_user), now) == []
    assert queries.waiting_for(ANONYMOUS, now) == []
    stranger = accounts.actor_of(accounts.create_member()[0])
    assert queries.waiting_for(stranger, now) == []
    assert list(queries.to_review(stranger)) == []


def test_my_listings_by_state_and_kind(app):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    shown = listings.create_achievement(org, actor=actor)
    draft = listings.create_need(org, actor=actor, published=False)
    listings.create_achievement()
    assert {row.id for row in queries.my_listings(actor).items} == {shown.id, draft.id}
    assert [row.id for row in queries.my_listings(actor, state=ListingState.DRAFT).items] == [draft.id]
    assert [row.id for row in queries.my_listings(actor, kind=A).items] == [shown.id]
    assert queries.my_counts(actor) == {ListingState.PUBLISHED: 1, ListingState.DRAFT: 1}


@pytest.mark.both
def test_what_belongs_in_the_index(app):
    shown, need = listings.create_achievement(), listings.create_need()
    draft = listings.create_achievement(published=False)
    assert queries.indexable_revs() == {f"achievement:{shown.id}": 1, f"need:{need.id}": 1}
    assert queries.indexable_revs(after_id=shown.id, limit=1) == {f"need:{need.id}": 1}
    assert [row.id for row in queries.for_indexing([draft.id, need.id, 999])] == [draft.id, need.id]
    assert list(queries.listing_ids_of(need.org_id)) == [need.id]


def test_loading_for_update_never_hands_back_a_stale_object(app):
    """A page has usually loaded the listing already; the lock must bring what the database holds now."""
    row = listings.create_achievement()
    loaded = queries.listing(row.id)
    assert loaded is not None
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE listings SET city = '370900' WHERE id = {row.id}")
        connection.exec_driver_sql(f"UPDATE listing_drafts SET version = 77 WHERE listing_id = {row.id}")
    with transaction():
        assert queries.listing_for_update(row.id).city == "370900"
        assert queries.draft_for_update(row.id).version == 77


BREAK = {
    "listings on show have a history": "DELETE FROM listing_revisions",
    "listings' states follow their history": "UPDATE transitions SET to_state = 'withdrawn' WHERE object_type = 'listings'",
    "listings' revs are monotone": "UPDATE listings SET rev = 0",
    "attachments have files": None,
    "listings are whole": "DELETE FROM listing_fields",
}


def test_every_invariant_has_its_counterexample():
    assert set(BREAK) == set(queries.INVARIANTS)


@pytest.mark.parametrize("name", [name for name, sql in BREAK.items() if sql])
def test_broken_invariants_are_found(app, name):
    listings.create_achievement()
    assert list(queries.INVARIANTS[name]()) == []
    current_session().rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql(BREAK[name])
    assert list(queries.INVARIANTS[name]())


def test_an_attachment_without_file_is_found(app):
    row = listings.create_achievement()
    current_session().rollback()
    # A connection of its own, without foreign keys: ours would refuse the row, which is the first defence.
    with closing(sqlite3.connect(Path(app.config["INSTANCE"]) / "market.db")) as raw, raw:
        raw.execute(
            "INSERT INTO attachments (listing_id, file_id, name, note, tier, is_shown, uploaded_by, uploaded_at)"
            " VALUES (?, 99, 'x.pdf', '', 'public', 0, 1, '2026-01-01')",
            (row.id,),
        )
    assert list(queries.INVARIANTS["attachments have files"]())
