"""Search and matches in Chromium: facets without a new page, back and forward, suggestions by keyboard, answers without
script; no barrier in either language, empty or full."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import current_session, db, transaction
from marketplace.matching.services import judging
from tests.browser.site import Site
from tests.browser.visiting import visitor
from tests.factories import accounts, listings
from tests.waiting import until

pytestmark = pytest.mark.browser
WORDS = "深海耐压浮力材料"


@dataclass(frozen=True)
class Seeded:
    """A need with fitting achievements, and who may judge and administer."""

    need_id: int
    buyer_id: int
    admin_id: int


@pytest.fixture(scope="module")
def seeded(site: Site) -> Seeded:
    texts = {"title": {"zh": f"{WORDS}批量制备", "en": "Deep sea buoyancy material in batches"}, "fields": ["F19"]}
    texts["keywords"] = {"zh": [WORDS, "浮力材料"], "en": ["buoyancy"]}
    with site.app.app_context():
        buyer, firm = accounts.create_member(kind="enterprise")
        need = listings.create_need(firm, actor=accounts.actor_of(buyer), **texts)
        for city, level in (("370200", 7), ("370200", 5), ("371000", 3)):
            listings.create_achievement(city=city, maturity=level, **texts)
        admin = accounts.create_admin()
        made = Seeded(need.id, buyer.id, admin.id)
        db.session.remove()
    return made


@pytest.fixture
def indexed(site: Site, chromium, seeded: Seeded) -> Seeded:
    """The worker has indexed what was seeded."""
    with visitor(site, chromium) as who:

        def is_found() -> bool:
            who.page.goto(f"{site.url}/zh/search?q={WORDS}")
            count = who.page.locator("[data-result-count]").get_attribute("data-result-count")
            return count == "4" and not who.page.locator(".note.wait").count()

        until(is_found, seconds=90, what="the seeded listings are found")
        who.complaints.clear()
    return seeded


PAGES = [
    f"search?q={WORDS}",
    "search?q=buoyancy&city=370200&sort=maturity",
    "search?q=qqzzxxyy&city=370200",
    "search?kind=need",
    "matches/{need}",
]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_no_barrier_and_no_sideways_scroll(site, chromium, indexed, lang, page):
    with visitor(site, chromium) as who:
        path = f"/{lang}/{page.format(need=indexed.need_id)}"
        who.visit(path)
        found = who.barriers() + who.dark_contrast()
        for width in (1280, 768, 360):
            who.picture(path, width)
        found += who.sideways()
        assert found == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", ["admin/match-weights", "admin/match-quality", "matches"])
def test_pages_of_people(site, chromium, indexed, lang, page):
    user_id = indexed.admin_id if page.startswith("admin") else indexed.buyer_id
    with visitor(site, chromium, user_id=user_id) as who:
        who.visit(f"/{lang}/{page}")
        found = who.barriers() + who.sideways()
        who.picture(f"/{lang}/{page}", 1280)
        assert found == []


def shows(page: Page, count: int) -> None:
    """Wait until the page counts so many results (the policy forbids scripts made from text, so Playwright looks itself)."""
    expect(page.locator("[data-result-count]")).to_have_attribute("data-result-count", str(count))


def test_a_facet_answers_in_place_and_back_undoes_it(site, chromium, indexed):
    with visitor(site, chromium) as who:
        page = who.visit(f"/zh/search?q={WORDS}")
        page.locator("input[name=city][value='370200']").check()
        shows(page, 2)
        assert "city=370200" in page.url
        assert page.locator(".chip").count() == 1
        page.go_back()
        shows(page, 4)
        page.go_forward()
        shows(page, 2)
        page.locator(".chip").click()
        page.wait_for_load_state("load")
        assert page.locator("[data-result-count]").get_attribute("data-result-count") == "4"


def test_facets_work_without_script(site, chromium, indexed):
    with visitor(site, chromium, script=False) as who:
        page = who.page
        page.goto(f"{site.url}/zh/search?q={WORDS}")
        page.locator("input[name=city][value='370200']").check()
        page.locator("#facets button[type=submit]").click()
        assert "city=370200" in page.url
        assert page.locator("article.hit").count() == 2


def test_suggestions_by_keyboard(site, chromium, indexed):
    with visitor(site, chromium) as who:
        page = who.visit("/zh/search")
        page.locator("#q").focus()
        page.keyboard.insert_text("深海")
        page.locator(".suggest li").first.wait_for()
        page.keyboard.press("ArrowDown")
        assert page.locator("#q").get_attribute("aria-activedescendant")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?**")
        assert page.locator("[data-result-count]").get_attribute("data-result-count") == "4"


@pytest.mark.parametrize("script", [True, False])
def test_an_answer_reorders_with_and_without_script(site, chromium, indexed, script):
    with visitor(site, chromium, user_id=indexed.buyer_id, script=script) as who:
        page = who.page
        page.goto(f"{site.url}/zh/matches/{indexed.need_id}")
        first = page.locator("article.match").first.get_attribute("id")
        match = page.locator(f"#{first}")
        match.locator("details.more > summary").click()
        match.get_by_label("价格与预算不合").check()
        match.locator("button[value=not_relevant]").click()
        page.wait_for_load_state("load")
        assert page.locator("article.match").first.get_attribute("id") != first
        page.goto(f"{site.url}/zh/matches/{indexed.need_id}")
        if page.locator(f"#{first}").count():
            page.locator(f"#{first}").locator("button[value=none]").click()
        else:  # it fell below what is shown: take it back where the owner of the market can
            _take_back(site, indexed, int(first.removeprefix("match-")))
        page.goto(f"{site.url}/zh/matches/{indexed.need_id}")
        assert page.locator("article.match").first.get_attribute("id") == first


def _take_back(site: Site, seeded: Seeded, achievement_id: int) -> None:
    with site.app.app_context():
        actor = accounts.actor_of(current_session().get(User, seeded.buyer_id))
        with transaction():
            judging.take_back(seeded.need_id, achievement_id, actor=actor, now=clock.now())
        db.session.remove()
