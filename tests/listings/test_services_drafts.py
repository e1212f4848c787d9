"""Drafts through their services, on both databases: saved as typed, restored, copied, compared with others."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.core.db import current_session
from marketplace.core.errors import EditConflict, NotFound, RuleError
from marketplace.core.types import Bilingual
from marketplace.listings import queries, services
from marketplace.listings.models import ListingTitleKey
from marketplace.listings.states import ListingState
from tests.factories import listings
from tests.factories.houses import House, do, published, start, written

pytestmark = pytest.mark.both


@pytest.fixture
def house(app):
    return House()


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


def test_the_pages_own_autosave_is_no_conflict_but_another_tabs_is(house):
    """A full save may overtake the answer to the page's own autosave; an autosave that comes late must not win over it."""
    listing_id = start(house)

    def save(title, *, tab, auto):
        values = {"title_zh": [title]}
        return do(services.save_section, listing_id, "identity", values, version=1, actor=house.editor, tab=tab, keeps_tab=auto)

    save("甲", tab="one", auto=True)
    save("甲乙", tab="one", auto=True)
    with pytest.raises(EditConflict):
        save("别处", tab="two", auto=True)
    save("甲乙丙", tab="one", auto=False)
    with pytest.raises(EditConflict):
        save("甲乙", tab="one", auto=True)
    with pytest.raises(EditConflict):
        save("无名", tab="", auto=False)
    assert queries.draft(listing_id).data["identity"] == {"title_zh": ["甲乙丙"]}


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
