"""The index follows the database through the outbox, can be rebuilt while the site goes on, and is compared with it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select, update

import config
from marketplace import prepare, wiring
from marketplace.accounts.models import Organisation
from marketplace.app import create_app
from marketplace.core import clock, jobs, outbox, search
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import ANONYMOUS
from marketplace.core.types import Bilingual
from marketplace.listings import queries as listing_queries
from marketplace.listings import services
from marketplace.listings.models import Listing
from marketplace.matching import handlers
from marketplace.matching.cli import index_cli
from marketplace.matching.queries import index as reading
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Query
from marketplace.matching.services import index
from search_index.documents import ListingDocument
from search_index.engine import ChangesRefused
from tests.factories import accounts, listings
from tests.factories.matching import index_now, work_now


def found(text: str = "") -> set[int]:
    search.engine().status()
    return {row.card.id for row in searches.find(Query(text=text), ANONYMOUS, clock.now()).rows}


def test_every_event_that_changes_what_is_found_reaches_the_index(app):
    for name in (*reading.LISTING_EVENTS, *reading.ORGANISATION_EVENTS):
        assert handlers.INDEX in wiring.EVENTS[name], name
    wired = {name for name, group in wiring.EVENTS.items() if handlers.INDEX in group}
    assert wired == {*reading.LISTING_EVENTS, *reading.ORGANISATION_EVENTS}
    for name, group in wiring.EVENTS.items():
        if handlers.ANNOUNCE in group:
            assert group.index(handlers.INDEX) < group.index(handlers.ANNOUNCE), name


def test_published_changed_and_withdrawn(app):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    listing = listings.create_achievement(org, actor=actor)
    assert reading.index_equals_database() != []
    work_now()
    assert found() == {listing.id}
    assert reading.index_equals_database() == []
    with transaction():
        services.withdraw(listing.id, actor=actor, now=clock.now())
    assert reading.index_equals_database() != []
    work_now()
    assert search.engine().count(searches.scope_of(ANONYMOUS)) == 0
    assert reading.index_equals_database() == []


def test_order_and_repeats_of_events_do_not_matter(app):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    listing = listings.create_achievement(org, actor=actor)
    with transaction():
        services.withdraw(listing.id, actor=actor, now=clock.now())
    payload = {"listing_id": listing.id}
    for _ in range(3):
        handlers.INDEX.run([payload, payload])
        assert found() == set()


def test_many_changes_of_one_listing_are_one(app, monkeypatch):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    first = listings.create_achievement(org, actor=actor)
    second = listings.create_achievement(org, actor=actor)
    with transaction():
        for _ in range(20):
            outbox.add("listings.changed", listing_id=first.id, kind="achievement", title={}, org_id=org.id)
    puts: list[int] = []
    real = search.engine().put

    def put(documents):
        puts.append(len(documents))
        return real(documents)

    monkeypatch.setattr(search.engine(), "put", put)
    work_now()
    assert puts == [2]
    assert found() == {first.id, second.id}


def test_a_renamed_organisation_is_found_by_its_new_name(app):
    user, org = accounts.create_member(kind="university")
    listing = listings.create_achievement(org, actor=accounts.actor_of(user))
    work_now()
    renamed(org.id)
    work_now()
    assert found("碣石学院") == {listing.id}


def renamed(org_id: int) -> None:
    with transaction() as session:
        session.get(Organisation, org_id).name = Bilingual("演示碣石学院", "Demo Jieshi College")
        outbox.add("accounts.organisation_changed", org_id=org_id)


def test_a_rebuild_sees_what_changes_while_it_reads(app, monkeypatch):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    made = [listings.create_achievement(org, actor=actor) for _ in range(4)]
    org_id = org.id
    work_now()
    real = index._documents

    def documents():
        yield from real()
        # After everything was read: one goes, one changes, one comes.
        with transaction():
            services.withdraw(made[0].id, actor=actor, now=clock.now())
        with transaction():
            services.fade(made[1].id, now=clock.now())
            services.confirm(made[1].id, actor=actor, now=clock.now())
        made.append(listings.create_achievement(current_session().get(Organisation, org_id), actor=actor))

    monkeypatch.setattr(index, "_documents", documents)
    before = search.engine().status().generation
    report = index.rebuild()
    assert report.generation != before
    assert search.engine().status().generation == report.generation
    assert found() == {row.id for row in made[1:]}
    assert reading.index_equals_database() == []


@pytest.mark.parametrize("kept_for", [jobs.KEEP_DONE, dt.timedelta()])
def test_the_index_before_comes_back_with_what_has_changed_since(app, monkeypatch, kept_for):
    monkeypatch.setattr(jobs, "KEEP_DONE", kept_for)  # how long events are remembered
    user, org = accounts.create_member(kind="university")
    actor, org_id = accounts.actor_of(user), org.id
    gone, stays = (listings.create_achievement(org, actor=actor).id for _ in range(2))
    runner = app.test_cli_runner()
    assert runner.invoke(index_cli, ["rebuild", "--processes", "1"]).exit_code == 0
    search.engine().put([ListingDocument(id="need:999", kind="need", rev=1, title_zh="不在数据库")])
    assert runner.invoke(index_cli, ["rebuild", "--processes", "1"]).exit_code == 0
    with transaction():
        services.withdraw(gone, actor=actor, now=clock.now())
    new = listings.create_achievement(current_session().get(Organisation, org_id), actor=actor).id
    renamed(org_id)  # which no revision of a listing tells
    work_now()
    before = search.engine().status().generation
    back = runner.invoke(index_cli, ["rollback"])
    assert back.exit_code == 0, back.output
    assert search.engine().status().generation == back.output.split()[-1] != before
    assert found() == found("碣石学院") == {stays, new}
    assert reading.index_equals_database() == []


def test_status_warns_before_unknown_words_pass_for_known_ones(app, monkeypatch):
    runner = app.test_cli_runner()
    assert runner.invoke(index_cli, ["rebuild", "--processes", "1"]).exit_code == 0
    assert "too much" not in runner.invoke(index_cli, ["status"]).output
    monkeypatch.setattr("marketplace.matching.cli.index.MOST_IN_USE", -1.0)
    assert "too much: see WORD_BITS" in runner.invoke(index_cli, ["status"]).output


def test_commands_tell_the_truth_in_words_and_exit_code(app):
    runner = app.test_cli_runner()
    assert runner.invoke(index_cli, ["check"]).exit_code == 1
    assert "rebuild" in runner.invoke(index_cli, ["status"]).output
    listing = listings.create_achievement()
    built = runner.invoke(index_cli, ["rebuild", "--processes", "1"])
    assert built.exit_code == 0, built.output
    assert "1 documents" in built.output
    assert runner.invoke(index_cli, ["check"]).output.startswith("equal")
    told = runner.invoke(index_cli, ["status"])
    assert told.exit_code == 0
    assert re.search("words +0% of the table .* in use$", told.output, re.MULTILINE)
    assert re.search(r"lag +\d+ s, 1 jobs waiting, 0 given up$", told.output, re.MULTILINE)
    nowhere = runner.invoke(index_cli, ["rollback"])
    assert nowhere.exit_code == 1
    assert "no index is kept to go back to" in nowhere.output
    extra = ListingDocument(id="need:999", kind="need", rev=1, title_zh="不在数据库")
    search.engine().put([extra])
    search.engine().drop([(f"achievement:{listing.id}", 99)])
    checked = runner.invoke(index_cli, ["check"])
    assert checked.exit_code == 1
    assert "need:999" in checked.output
    assert f"achievement:{listing.id}" in checked.output


@pytest.mark.parametrize("command", ["index status", "index check", "market doctor", "market work"])
def test_a_command_before_the_first_start_says_what_to_do(tmp_path, command):
    unprepared = create_app(config.Testing(tmp_path))
    result = unprepared.test_cli_runner().invoke(args=command.split())
    assert result.exit_code == 1
    assert "market prepare" in result.output


@pytest.mark.parametrize("trouble", [ChangesRefused({"need:9": "too long"}), OSError(28, "No space left on device")])
def test_what_stops_a_rebuild_is_told_in_a_sentence(app, monkeypatch, trouble):
    def failing(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(index.building, "rebuild", failing)
    told = app.test_cli_runner().invoke(index_cli, ["rebuild", "--processes", "1"])
    assert (told.exit_code, told.output.strip().splitlines()[-1]) == (1, f"Error: {trouble}")
    assert f"pages answer from the database for now ({trouble})" in prepare.index("127.0.0.1")


def test_jobs_given_up_are_not_forgotten_by_the_commands(app):
    runner = app.test_cli_runner()
    listings.create_achievement()
    with transaction() as session:
        session.execute(update(outbox.Job).values(state="failed", attempts=jobs.MAX_ATTEMPTS))
        session.execute(update(outbox.OutboxEvent).values(at=clock.now() - dt.timedelta(seconds=300)))
    index.rebuild()
    assert re.search(r"lag +30\d s, 0 jobs waiting, 1 given up$", runner.invoke(index_cli, ["status"]).output, re.MULTILINE)
    assert runner.invoke(index_cli, ["check"]).output.strip() == "equal (0 jobs are waiting, 1 given up)"


def test_a_start_leaves_a_large_index_to_a_command(app, monkeypatch):
    listings.create_achievement()
    monkeypatch.setattr(prepare, "BUILT_AT_START", 0)
    left = "more than 0 listings, pages answer from the database for now; build it with: flask index rebuild"
    assert prepare.index("127.0.0.1") == left
    assert search.engine().status().generation is None


def test_a_start_builds_the_index_once(app):
    listings.create_achievement()
    assert prepare.index("127.0.0.1") == "1 documents"
    assert prepare.index("127.0.0.1") == ""


def test_what_is_secret_of_a_listing_is_not_in_its_document(app):
    listings.create_achievement(verified_detail={"zh": "金丝雀甲", "en": "canary-detail"})
    listings.create_need(verified_detail={"zh": "金丝雀乙", "en": "canary-need"}, is_anonymous=True)
    index_now()
    for folder in search.engine().store.root.rglob("*"):
        if folder.is_file():
            content = folder.read_bytes()
            for canary in ("金丝雀", "canary"):
                assert canary.encode() not in content, folder.name


def test_reading_for_the_index_costs_no_more_statements_for_more_listings(app):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    ids = [listings.create_achievement(org, actor=actor).id for _ in range(5)]
    assert len(listing_queries.for_indexing(ids)) == 5
    assert set(current_session().scalars(select(Listing.id))) == set(ids)
