"""The life of a listing through its services, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from marketplace.core import clock
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session
from marketplace.core.errors import EditConflict, Forbidden, NotFound, RuleError, StepNotAllowed
from marketplace.core.outbox import OutboxEvent
from marketplace.core.workflow import Transition
from marketplace.listings import queries, services
from marketplace.listings.models import Listing
from marketplace.listings.rules.content import content_of
from marketplace.listings.states import ListingKind, ListingState
from tests.factories import accounts, listings
from tests.factories.houses import House, do, published, written

pytestmark = pytest.mark.both


@pytest.fixture
def house(app):
    return House()


def state_of(listing_id):
    current_session().rollback()
    return current_session().scalar(select(Listing.state).where(Listing.id == listing_id))


def events(name):
    rows = current_session().scalars(select(OutboxEvent).where(OutboxEvent.name == f"listings.{name}").order_by(OutboxEvent.id))
    return [row.payload for row in rows]


def test_submit_then_publish(house):
    listing_id, content, version = written(house)
    do(services.submit, listing_id, content, version=version, actor=house.editor)
    assert state_of(listing_id) == ListingState.SUBMITTED
    assert queries.revisions(listing_id) == []
    told = events("submitted")[0]
    assert told["to_orgs"] == [house.org.id]
    assert told["to_roles"] == ["owner"]
    assert told["title"] == content["title"]
    do(services.publish, listing_id, content, version=version, actor=house.owner)
    row = listings.reload(listing_id)
    assert row.state == ListingState.PUBLISHED
    assert row.published_at == row.confirmed_at
    assert row.rev == 1
    assert content_of(row) == content | {"stage": "middle"}
    assert events("published")[0]["to_users"] == [house.editor.user_id]
    assert events("published")[0]["link"] == ["listings.achievement", {"id": listing_id}]
    steps = (
        current_session()
        .scalars(select(Transition.step).where(Transition.object_type == "listings").order_by(Transition.id))
        .all()
    )
    assert steps == ["submit", "publish"]


def test_an_owner_does_both_at_once(house):
    listing_id, content, version = written(house)
    do(services.publish, listing_id, content, version=version, actor=house.owner)
    assert state_of(listing_id) == ListingState.PUBLISHED
    assert [r.number for r in queries.revisions(listing_id)] == [1]


def test_only_members_of_verified_organisations_publish(app):
    unverified = House(verified=False)
    listing_id, content, version = written(unverified)
    with pytest.raises(Forbidden) as error:
        do(services.publish, listing_id, content, version=version, actor=unverified.owner)
    assert error.value.code == "verified_only"
    do(services.submit, listing_id, content, version=version, actor=unverified.editor)
    with pytest.raises(Forbidden):
        do(services.publish, listing_id, content, version=version, actor=unverified.owner)
    assert state_of(listing_id) == ListingState.SUBMITTED


def test_editors_do_not_publish_and_strangers_do_nothing(house):
    listing_id, content, version = written(house)
    with pytest.raises(Forbidden):
        do(services.publish, listing_id, content, version=version, actor=house.editor)
    stranger = House().owner
    calls = [
        lambda: do(services.publish, listing_id, content, version=version, actor=stranger),
        lambda: do(services.submit, listing_id, content, version=version, actor=stranger),
        lambda: do(services.save_section, listing_id, "identity", {}, version=9, actor=stranger),
        lambda: do(services.write, listing_id, content, actor=stranger),
        lambda: do(services.withdraw, listing_id, actor=stranger),
        lambda: do(services.confirm, listing_id, actor=stranger),
        lambda: do(services.copy, listing_id, actor=stranger),
        lambda: do(services.restore, listing_id, 1, actor=stranger),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    with pytest.raises(Forbidden):
        do(services.start, ListingKind.NEED, house.org.id, actor=stranger)
    with pytest.raises(Forbidden):
        do(services.write, listing_id, content, actor=house.viewer)
    assert state_of(listing_id) == ListingState.DRAFT


def test_incomplete_content_is_refused(house):
    listing_id, content, version = written(house)
    with pytest.raises(RuleError) as error:
        do(services.submit, listing_id, content | {"modes": []}, version=version, actor=house.editor)
    assert error.value.code == "listing_incomplete"
    assert state_of(listing_id) == ListingState.DRAFT


def test_content_of_an_older_draft_is_refused(house):
    listing_id, content, version = written(house)
    do(services.save_section, listing_id, "people", {"people-0-name_zh": ["王"]}, version=version, actor=house.editor)
    with pytest.raises(EditConflict):
        do(services.submit, listing_id, content, version=version, actor=house.editor)


def test_sent_back_with_a_reason(house):
    listing_id, content, version = written(house)
    do(services.submit, listing_id, content, version=version, actor=house.editor)
    with pytest.raises(Forbidden):
        do(services.send_back, listing_id, note="x", actor=house.editor)
    with pytest.raises(RuleError, match="note_missing"):
        do(services.send_back, listing_id, note="  ", actor=house.owner)
    do(services.send_back, listing_id, note="请补充证据", actor=house.owner)
    assert state_of(listing_id) == ListingState.DRAFT
    assert events("sent_back")[0]["note"] == "请补充证据"
    assert events("sent_back")[0]["to_users"] == [house.editor.user_id]
    waiting = queries.waiting_for(house.editor, clock.now())
    assert [(w.what, w.note) for w in waiting] == [("sent_back", "请补充证据")]
    do(services.submit, listing_id, content, version=version, actor=house.editor)
    assert queries.waiting_for(house.editor, clock.now()) == []


def test_editors_wait_while_it_is_in_review_and_may_take_it_back(house):
    listing_id, content, version = written(house)
    do(services.submit, listing_id, content, version=version, actor=house.editor)
    with pytest.raises(Forbidden) as error:
        do(services.save_section, listing_id, "people", {}, version=version, actor=house.editor)
    assert error.value.code == "in_review"
    do(services.take_back, listing_id, actor=house.editor)
    do(services.save_section, listing_id, "people", {}, version=version, actor=house.editor)
    assert state_of(listing_id) == ListingState.DRAFT


def test_changes_wait_until_an_owner_publishes_them(house):
    listing_id, content = published(house)
    changed = content | {"city": "370200", "fields": ["F12", "F11"]}
    version = do(services.write, listing_id, changed, actor=house.editor).version
    assert listings.reload(listing_id).city == "370100"
    assert listings.reload(listing_id).rev == 1
    with pytest.raises(Forbidden):
        do(services.publish_changes, listing_id, changed, version=version, actor=house.editor)
    do(services.offer_changes, listing_id, changed, version=version, actor=house.editor)
    assert [w.what for w in queries.waiting_for(house.owner, clock.now())] == ["changes"]
    assert events("changes_offered")[0]["to_roles"] == ["owner"]
    do(services.publish_changes, listing_id, changed, version=version, actor=house.owner)
    row = listings.reload(listing_id)
    assert (row.city, row.field_codes, row.rev) == ("370200", ["F12", "F11"], 2)
    assert [r.step for r in queries.revisions(listing_id)] == ["change", "publish"]
    assert events("changed")[0]["to_users"] == [house.editor.user_id]
    assert queries.waiting_for(house.owner, clock.now()) == []
    with pytest.raises(RuleError, match="nothing_changed"):
        do(services.publish_changes, listing_id, changed, version=version, actor=house.owner)


def test_swapping_fields_meets_no_constraint(house):
    listing_id, content = published(house, fields=["F11", "F12", "F13"])
    for fields in (["F12", "F11", "F13"], ["F13"], ["F11", "F12", "F13"]):
        changed = content | {"fields": fields}
        version = do(services.write, listing_id, changed, actor=house.owner).version
        do(services.publish_changes, listing_id, changed, version=version, actor=house.owner)
        assert listings.reload(listing_id).field_codes == fields


def test_withdraw_and_reopen(house):
    listing_id, content = published(house)
    with pytest.raises(Forbidden):
        do(services.withdraw, listing_id, actor=house.editor)
    do(services.withdraw, listing_id, note="已转让", actor=house.owner)
    assert state_of(listing_id) == ListingState.WITHDRAWN
    assert listings.reload(listing_id).rev == 2
    do(services.reopen, listing_id, actor=house.editor)
    version = queries.draft(listing_id).version
    do(services.publish, listing_id, content, version=version, actor=house.owner)
    assert state_of(listing_id) == ListingState.PUBLISHED
    assert listings.reload(listing_id).rev == 3


def test_an_administrator_withdraws_with_a_reason(house):
    listing_id, _ = published(house)
    admin = accounts.actor_of(accounts.create_admin())
    with pytest.raises(RuleError, match="note_missing"):
        do(services.withdraw, listing_id, actor=admin)
    do(services.withdraw, listing_id, note="违规", actor=admin)
    assert state_of(listing_id) == ListingState.WITHDRAWN
    for service in (services.publish_changes, services.publish):
        with pytest.raises((Forbidden, NotFound)):
            do(service, listing_id, {}, version=1, actor=admin)


@pytest.mark.parametrize("step", ["publish", "withdraw", "reopen", "take_back", "send_back", "confirm", "publish_changes"])
def test_steps_that_the_state_does_not_have(house, step):
    listing_id, content, version = written(house)
    wrong_state = {"publish": "published", "reopen": "published", "take_back": "draft", "send_back": "draft"}.get(step, "draft")
    if wrong_state == "published":
        do(services.publish, listing_id, content, version=version, actor=house.owner)
    more = {"note": "x"} if step in ("send_back", "withdraw") else {}
    args = (content,) if step.startswith("publish") else ()
    more |= {"version": version} if args else {}
    with pytest.raises(StepNotAllowed):
        do(getattr(services, step), listing_id, *args, actor=house.owner, **more)


def test_every_step_leaves_an_audit_entry_without_secrets(house):
    listing_id, content = published(house)
    do(services.withdraw, listing_id, note="geheim", actor=house.owner)
    rows = (
        current_session().execute(select(AuditEntry.action, AuditEntry.data).where(AuditEntry.object_id == str(listing_id))).all()
    )
    actions = [action for action, _ in rows if action.startswith("listings.")]
    assert actions == ["listings.start", "listings.submit", "listings.publish", "listings.withdraw"]
    assert content["verified_detail"]["zh"] not in str(rows)
    assert "geheim" not in str(rows)


def test_a_need_is_written_the_same_way(app):
    need = listings.create_need(is_anonymous=True)
    assert need.is_anonymous
    assert need.closes_on > dt.date(2020, 1, 1)
    assert content_of(need)["indicators"][0]["must"] is True


def test_every_invariant_holds_after_all_this(house):
    published(house)
    listings.create_need()
    for name, check in queries.INVARIANTS.items():
        assert list(check()) == [], name
