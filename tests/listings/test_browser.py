"""The editor in a real browser: saving while one writes, two tabs, rows in place, nothing refused by the policy of contents."""

from __future__ import annotations

import pytest

from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.listings import queries, services
from marketplace.listings.states import ListingKind
from tests.factories import accounts

pytestmark = pytest.mark.browser


@pytest.fixture
def writer(site, chromium):
    """A signed-in writer's browser and a draft: (new tab, id of the draft); `before` sees the tab before it opens the page."""
    with site.app.app_context():
        user, org = accounts.create_member(kind="university")
        with transaction():
            listing_id = services.start(ListingKind.ACHIEVEMENT, org.id, actor=accounts.actor_of(user), now=clock.now()).id
        user_id = user.id
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    context.add_cookies(site.cookies_of(user_id))
    trouble = []

    def tab(section, before=lambda page: None):
        page = context.new_page()
        before(page)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda m: trouble.append(m.text) if m.type == "error" and "409" not in m.text else None)
        page.goto(f"{site.url}/zh/listings/{listing_id}/edit/{section}")
        return page

    yield tab, listing_id
    context.close()
    assert trouble == []


def draft(site, listing_id):
    with site.app.app_context():
        current_session().rollback()
        return queries.draft(listing_id).data


def test_it_saves_when_a_field_is_left(site, writer):
    tab, listing_id = writer
    page = tab("identity")
    page.fill("#title_zh", "自动保存的名称")
    page.press("#title_zh", "Tab")
    page.get_by_text("已保存").first.wait_for()
    assert draft(site, listing_id)["identity"]["title_zh"] == ["自动保存的名称"]
    assert page.locator("#quality .big").inner_text() != "0"


def test_it_saves_what_was_typed_before_the_script_arrived(site, writer):
    tab, listing_id = writer
    held = []

    def hold(route):
        held.append(route)

    page = tab("identity", before=lambda page: page.route("**/autosave.js*", hold))
    page.fill("#title_zh", "慢线路上写的名称")
    page.press("#title_zh", "Tab")
    assert held, "the script was asked for and is held back"
    held[0].continue_()
    page.get_by_text("已保存").first.wait_for()
    assert draft(site, listing_id)["identity"]["title_zh"] == ["慢线路上写的名称"]


def test_two_tabs_stop_and_let_the_writer_choose(site, writer):
    tab, listing_id = writer
    first, second = tab("identity"), tab("identity")
    first.fill("#title_zh", "先写的")
    first.press("#title_zh", "Tab")
    first.get_by_text("已保存").first.wait_for()
    second.fill("#title_zh", "后写的")
    second.press("#title_zh", "Tab")
    second.locator("[data-autosave-conflict]").wait_for(state="visible")
    assert draft(site, listing_id)["identity"]["title_zh"] == ["先写的"]
    assert second.input_value("#title_zh") == "后写的"
    second.locator("[data-conflict-mine]").click()
    second.get_by_text("已保存").first.wait_for()
    assert draft(site, listing_id)["identity"]["title_zh"] == ["后写的"]


def test_rows_are_added_and_removed_in_place_and_saved(site, writer):
    tab, listing_id = writer
    page = tab("people")
    page.fill("#people-0-name_zh", "林某（演示）")
    page.locator("[data-row-add]").click()
    page.fill("#people-1-name_zh", "王某（演示）")
    page.get_by_role("button", name="保存并继续").last.click()
    page.wait_for_url("**/edit/transfer")
    assert draft(site, listing_id)["people"] == {"people-0-name_zh": ["林某（演示）"], "people-1-name_zh": ["王某（演示）"]}
    page = tab("people")
    page.locator("[data-row-remove]").first.click()
    page.get_by_role("button", name="保存并继续").last.click()
    page.wait_for_url("**/edit/transfer")
    assert draft(site, listing_id)["people"] == {"people-0-name_zh": ["王某（演示）"]}


def test_enter_in_a_field_saves_and_does_not_remove_a_row(site, writer):
    tab, listing_id = writer
    page = tab("people")
    page.fill("#people-0-name_zh", "林某（演示）")
    page.press("#people-0-name_zh", "Enter")
    page.wait_for_url("**/edit/transfer")
    assert draft(site, listing_id)["people"] == {"people-0-name_zh": ["林某（演示）"]}
