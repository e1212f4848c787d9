"""The life of a listing through its services, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from marketplace.core import clock
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import EditConflict, Forbidden, NotFound, RuleError, StepNotAllowed
from marketplace.core.outbox import OutboxEvent
from marketplace.core.types import Bilingual
from marketplace.core.workflow import Transition
from marketplace.listings import queries, services
from marketplace.listings.models import Listing, ListingTitleKey
from marketplace.listings.rules.content import content_of
from marketplace.listings.states import ListingKind, ListingState
from tests.factories import accounts, listings

pytestmark = pytest.mark.both


class House:
    """A verified university with an owner, an editor and a viewer."""

    def __init__(self, *, verified=True):
        self.owner_user, self.org = accounts.create_member(kind="university", verified=verified)
        self.owner = accounts.actor_of(self.owner_user)
        self.editor, self.viewer = (self._member(role) for role in ("editor", "viewer"))

    def _member(self, role):
        user = accounts.create_user()
        accounts.add_member(user, self.org, role)
        return accounts.actor_of(user)


@pytest.fixture
def house(app):
    return House()


def do(service, *args, actor, at=None, **more):
    with transaction():
        return service(*args, actor=actor, now=at or clock.now(), **more)


def start(house, actor=None, kind=ListingKind.ACHIEVEMENT):
    return do(services.start, kind, house.org.id, actor=actor or house.editor).id


def written(house, **changes):
    """A draft with complete content; (id, content, version)."""
    listing_id = start(house)
    content = listings.achievement_content(**changes)
    draft = do(services.write, listing_id, content, actor=house.editor)
    return listing_id, content, draft.version


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


def published(house, **changes):
    listing_id, content, version = written(house, **changes)
    do(services.publish, listing_id, content, version=version, actor=house.owner)
    return listing_id, content


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


def test_changes_are_thrown_away(house):
    listing_id, content = published(house)
    do(services.write, listing_id, content | {"city": "370200"}, actor=house.editor)
    draft = do(services.discard_changes, listing_id, actor=house.editor)
    assert not draft.has_changes
    assert draft.data["place"]["city"] == ["370100"]


def test_restore_brings_an_old_version_into_the_draft_only(house):
    listing_id, content = published(house)
    changed = content | {"summary": {"zh": "新的说法 9 %", "en": ""}}
    version = do(services.write, listing_id, changed, actor=house.owner).version
    do(services.publish_changes, listing_id, changed, version=version, actor=house.owner)
    draft = do(services.restore, listing_id, 1, actor=house.editor)
    assert draft.data["purpose"]["summary_zh"] == [content["summary"]["zh"]]
    assert listings.reload(listing_id).summary.zh == "新的说法 9 %"
    with pytest.raises(NotFound):
        do(services.restore, listing_id, 99, actor=house.editor)


def test_a_copy_is_a_new_draft_with_the_same_words(house):
    listing_id, content = published(house)
    fresh = do(services.copy, listing_id, actor=house.editor)
    assert fresh.id != listing_id
    assert fresh.state == ListingState.DRAFT
    assert fresh.title == Bilingual.of(content["title"])
    draft = queries.draft(fresh.id)
    assert draft.data["purpose"]["summary_zh"] == [content["summary"]["zh"]]
    assert "files" not in draft.data


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


def test_two_sections_are_written_side_by_side_but_not_one_twice(house):
    listing_id = start(house)
    do(services.save_section, listing_id, "identity", {"title_zh": ["甲"]}, version=1, actor=house.editor)
    do(services.save_section, listing_id, "people", {"people-0-name_zh": ["林"]}, version=1, actor=house.owner)
    with pytest.raises(EditConflict) as conflict:
        do(services.save_section, listing_id, "identity", {"title_zh": ["乙"]}, version=1, actor=house.owner)
    assert conflict.value.params == {"theirs": 3}
    assert queries.draft(listing_id).data["identity"] == {"title_zh": ["甲"]}
    do(services.save_section, listing_id, "identity", {"title_zh": ["乙"]}, version=3, actor=house.owner)
    assert queries.draft(listing_id).data["identity"] == {"title_zh": ["乙"]}


def test_saving_the_same_again_changes_nothing(house):
    listing_id = start(house)
    first = do(services.save_section, listing_id, "identity", {"title_zh": ["甲"]}, version=1, actor=house.editor).version
    again = do(services.save_section, listing_id, "identity", {"title_zh": ["甲"]}, version=1, actor=house.editor).version
    assert first == again == 2


def test_a_draft_is_called_by_what_is_typed_and_a_shown_listing_is_not(house):
    listing_id, _ = published(house)
    title = listings.reload(listing_id).title
    do(services.save_section, listing_id, "identity", {"title_zh": ["改过的"]}, version=99, actor=house.editor)
    assert listings.reload(listing_id).title == title
    fresh = start(house)
    do(services.save_section, fresh, "identity", {"title_zh": ["未写完"]}, version=1, actor=house.editor)
    assert listings.reload(fresh).title.zh == "未写完"


@pytest.mark.parametrize(
    "values", [{f"n{i}": ["x"] for i in range(500)}, {"summary_zh": ["长" * 70_000]}], ids=["many names", "long text"]
)
def test_what_one_section_may_weigh(house, values):
    listing_id = start(house)
    with pytest.raises(RuleError, match="section_too_large"):
        do(services.save_section, listing_id, "purpose", values, version=1, actor=house.editor)


def test_a_section_of_the_other_kind_is_not_found(house):
    listing_id = start(house)
    with pytest.raises(NotFound):
        do(services.save_section, listing_id, "problem", {}, version=1, actor=house.editor)


def test_doubles_by_number_and_by_title(house):
    number = listings.patent_number(77)
    ip = [{"kind": "invention", "status": "granted", "number": number}]
    title = {"zh": "增强型质子交换膜的连续流延制备", "en": "Continuous casting of reinforced membranes"}
    other = House()
    first, _ = published(other, ip=ip, title={"zh": "完全不同的名称叫法", "en": "Something else entirely"})
    second, _ = published(house, title=title)
    hidden, _, _ = written(other, title=title)
    mine, content, _ = written(
        house, title={"zh": "增强型质子交换膜连续流延制备", "en": ""}, ip=[{**ip[0], "number": f"ZL {number}"}]
    )
    row = queries.listing(mine)
    found = queries.doubles(row, title=Bilingual.of(content["title"]), numbers=[number], actor=house.editor)
    assert [(d.listing_id, d.number) for d in found] == [(first, number), (second, "")]
    assert hidden not in {d.listing_id for d in found}  # another organisation's draft is nobody's business


def test_title_keys_follow_the_title(house):
    listing_id, content = published(house)
    before = set(current_session().scalars(select(ListingTitleKey.key).where(ListingTitleKey.listing_id == listing_id)))
    changed = content | {"title": {"zh": "全新的名字叫做高强铝合金", "en": ""}}
    version = do(services.write, listing_id, changed, actor=house.owner).version
    do(services.publish_changes, listing_id, changed, version=version, actor=house.owner)
    after = set(current_session().scalars(select(ListingTitleKey.key).where(ListingTitleKey.listing_id == listing_id)))
    assert before
    assert after
    assert not before & after


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
