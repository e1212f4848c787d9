"""What scripts add, in a real browser. Every request is answered by the test itself: pages rendered by the application,
static files from the folder, and the answers an autosave or a search would get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "static"
SITE = "http://market.test"
PAGE = (
    '{% extends "layout/base.html" %}{% import "macros/forms.html" as f %}{% import "macros/ui.html" as ui %}'
    "{% block title %}x{% endblock %}{% block body %}<h1>x</h1>"
)
Answer = Callable[[playwright.Request], dict[str, object]]


class Site:
    """Answers a page's requests and remembers those that changed something."""

    def __init__(self, page: playwright.Page) -> None:
        self.page = page
        self.html: dict[str, str] = {}
        self.answers: dict[str, Answer] = {}
        self.posts: list[dict[str, list[str]]] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route("**/*", self._answer)

    def _answer(self, route: playwright.Route) -> None:
        request = route.request
        path = urlsplit(request.url).path
        if request.method == "POST":
            self.posts.append(parse_qs(request.post_data or "", keep_blank_values=True))
        if path in self.answers:
            answer = self.answers[path](request)
            route.abort() if answer.get("abort") else route.fulfill(**answer)
        elif path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        elif path in self.html:
            route.fulfill(body=self.html[path], content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=404, body="")

    def open(self, path: str = "/zh/x") -> None:
        self.page.goto(SITE + path)
        self.page.wait_for_function("document.documentElement.classList.contains('js')")


@pytest.fixture
def site(chromium: playwright.Browser) -> Iterator[Site]:
    context = chromium.new_context(viewport={"width": 1000, "height": 800}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(15_000)
    made = Site(page)
    yield made
    context.close()
    assert not made.errors


def render(app: Flask, body: str, **values: object) -> str:
    with app.test_request_context("/zh/"):
        app.preprocess_request()
        return render_template_string(PAGE + body + "{% endblock %}", **values)


def holding(held: list[playwright.Route]) -> Callable[[playwright.Route], None]:
    """A handler that keeps requests back."""

    def hold(route: playwright.Route) -> None:
        held.append(route)

    return hold


def answered(body: object, status: int = 200) -> Answer:
    return lambda _request: {"status": status, "body": json.dumps(body), "content_type": "application/json"}


DRAFT = """{{ f.conflict_slot('#theirs', '#reload') }}
<form method="post" action="/zh/saved" data-autosave-url="/zh/autosave" data-many><input type="hidden" name="version" value="3">
<label for="t">t</label><input class="input" id="t" name="t" value="old"><label for="u">u</label><input id="u" name="u">
{{ f.actions('save', saving=true) }}</form>"""


class TestAutosave:
    def test_leaving_a_field_saves_and_says_when(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, DRAFT)
        site.answers["/zh/autosave"] = answered({"version": 4, "saved_at": "10:32"})
        site.open()
        site.page.fill("#t", "新的")
        site.page.press("#t", "Tab")
        site.page.get_by_text("已保存 10:32").wait_for()
        assert site.posts[-1]["t"] == ["新的"]
        assert site.posts[-1]["version"] == ["3"]
        assert site.page.input_value("[name=version]") == "4"

    def test_nothing_moves_under_a_pressed_pointer(self, app: Flask, site: Site) -> None:
        """A click begins and ends on the same thing only if the answer of a save does not shift the page in between."""
        site.html["/zh/x"] = render(app, DRAFT + '<div id="quality">40</div>')
        site.answers["/zh/autosave"] = answered({"version": 4, "saved_at": "10:32", "quality": '<div id="quality">55</div>'})
        site.open()
        site.page.fill("#t", "新的")
        site.page.locator("h1").hover()
        with site.page.expect_response("**/zh/autosave"):
            site.page.mouse.down()
        site.page.evaluate("new Promise((resolve) => setTimeout(resolve, 200))")
        assert site.page.locator("#quality").inner_text() == "40"
        assert site.page.locator("[data-autosave-status]").inner_text() == ""
        site.page.mouse.up()
        site.page.get_by_text("已保存 10:32").wait_for()
        assert site.page.locator("#quality").inner_text() == "55"

    def test_a_release_that_never_comes_holds_no_save_up(self, app: Flask, site: Site) -> None:
        """A menu of the system may take the release of a press; another key press must still be saved."""
        site.html["/zh/x"] = render(app, DRAFT)
        site.answers["/zh/autosave"] = answered({"version": 4, "saved_at": "10:32"})
        site.open()
        site.page.fill("#t", "新的")
        site.page.locator("h1").hover()
        site.page.mouse.down()
        site.page.get_by_text("已保存 10:32").wait_for()
        site.page.mouse.up()

    def test_nothing_is_sent_while_nothing_changed(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, DRAFT)
        site.open()
        site.page.focus("#t")
        site.page.press("#t", "Tab")
        site.page.press("#u", "Tab")
        assert site.posts == []

    def test_a_newer_version_stops_saving_until_the_person_decides(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, DRAFT)
        site.answers["/zh/autosave"] = answered({"version": 9, "theirs_url": "/zh/theirs"}, 409)
        site.open()
        site.page.fill("#t", "mine")
        site.page.press("#t", "Tab")
        notice = site.page.locator("[data-autosave-conflict]")
        notice.wait_for()
        assert site.page.locator("[data-conflict-theirs]").get_attribute("href") == "/zh/theirs"
        site.page.fill("#u", "more")
        site.page.press("#u", "Tab")
        assert len(site.posts) == 1
        site.answers["/zh/autosave"] = answered({"version": 10})
        site.page.click("[data-conflict-mine]")
        site.page.get_by_text("已保存").wait_for()
        assert site.posts[-1]["version"] == ["9"]
        assert site.posts[-1]["t"] == ["mine"]
        assert notice.is_hidden()

    @pytest.mark.parametrize("status", [0, 403, 500])
    def test_what_could_not_be_saved_is_offered_again(self, app: Flask, site: Site, status: int) -> None:
        site.html["/zh/x"] = render(app, DRAFT)
        site.answers["/zh/autosave"] = answered({}, status) if status else lambda _request: {"abort": True}
        site.open()
        site.page.fill("#t", "almost lost")
        site.page.press("#t", "Tab")
        site.page.locator("[data-autosave-status].bad").wait_for()
        site.answers["/zh/autosave"] = answered({"version": 4, "saved_at": "11:00"})
        site.open()
        assert site.page.input_value("#t") == "old"
        site.page.get_by_role("button", name="恢复").click()
        site.page.get_by_text("已保存 11:00").wait_for()
        assert site.page.input_value("#t") == "almost lost"
        assert site.page.evaluate("localStorage.length") == 0


class TestSuggestions:
    BODY = """<form class="find" role="search" action="/zh/found"><label for="q">找</label>
<span class="box"><input id="q" name="q" type="search" data-suggest-url="/zh/suggest"></span></form>"""

    def test_the_keyboard_reaches_every_suggestion(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, self.BODY)
        site.html["/zh/found"] = "<title>found</title>"
        site.answers["/zh/suggest"] = answered({"items": [{"text": "质子交换膜", "hint": "领域"}, {"text": "质子泵"}]})
        site.open()
        box = site.page.get_by_role("combobox")
        box.press_sequentially("zhizi")
        site.page.get_by_role("option").first.wait_for()
        assert box.get_attribute("aria-expanded") == "true"
        box.press("ArrowDown")
        box.press("ArrowDown")
        assert site.page.locator(f"#{box.get_attribute('aria-activedescendant')}").inner_text().startswith("质子泵")
        box.press("Enter")
        site.page.wait_for_url("**/zh/found?q=*")
        assert parse_qs(urlsplit(site.page.url).query)["q"] == ["质子泵"]

    def test_letters_typed_before_the_script_arrived_are_completed_too(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, self.BODY)
        site.answers["/zh/suggest"] = answered({"items": [{"text": "质子交换膜"}]})
        held: list[playwright.Route] = []
        site.page.route("**/suggest.js*", holding(held))
        site.open()
        site.page.get_by_role("searchbox").press_sequentially("zhizi")
        held[0].fallback()
        site.page.get_by_role("option").first.wait_for()

    def test_escape_closes_and_enter_then_searches_what_was_typed(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, self.BODY)
        site.html["/zh/found"] = "<title>found</title>"
        site.answers["/zh/suggest"] = answered({"items": [{"text": "a"}]})
        site.open()
        box = site.page.get_by_role("combobox")
        box.press_sequentially("tc4")
        site.page.get_by_role("option").first.wait_for()
        box.press("Escape")
        assert box.get_attribute("aria-expanded") == "false"
        box.press("Enter")
        site.page.wait_for_url("**/zh/found?q=tc4")

    def test_a_failing_answer_leaves_a_plain_box(self, app: Flask, site: Site) -> None:
        site.html["/zh/x"] = render(app, self.BODY)
        site.html["/zh/found"] = "<title>found</title>"
        site.answers["/zh/suggest"] = answered({}, 500)
        site.open()
        site.page.get_by_role("combobox").press_sequentially("x")
        site.page.get_by_role("combobox").press("Enter")
        site.page.wait_for_url("**/zh/found?q=x")


class TestFacets:
    def result(self, app: Flask, count: int, *, checked: bool = False) -> str:
        return render(
            app,
            """<form method="get" action="/zh/x" data-facets><div id="facets" data-swap>
{{ ui.facet('城市', 'city', [{'value': '1', 'label': '济南', 'count': count, 'checked': checked}]) }}</div></form>
<div id="results" data-swap><p data-result-count="{{ count }}">{{ count }} 条</p></div>""",
            count=count,
            checked=checked,
        )

    def test_a_choice_swaps_the_results_and_the_address_tells_it(self, app: Flask, site: Site) -> None:
        site.answers["/zh/x"] = lambda request: {
            "body": self.result(app, 3, checked=True) if "city=1" in request.url else self.result(app, 46),
            "content_type": "text/html; charset=utf-8",
        }
        site.open()
        site.page.get_by_label("济南").check()
        site.page.get_by_text("3 条", exact=True).wait_for()
        assert urlsplit(site.page.url).query == "city=1"
        assert site.page.evaluate("document.activeElement.name") == "city"
        site.page.go_back()
        site.page.get_by_text("46 条", exact=True).wait_for()
        assert not site.page.get_by_label("济南").is_checked()

    def test_a_choice_made_before_the_script_arrived_counts(self, app: Flask, site: Site) -> None:
        site.answers["/zh/x"] = lambda request: {
            "body": self.result(app, 3, checked=True) if "city=1" in request.url else self.result(app, 46),
            "content_type": "text/html; charset=utf-8",
        }
        held: list[playwright.Route] = []
        site.page.route("**/facets.js*", holding(held))
        site.open()
        site.page.get_by_label("济南").check()
        held[0].fallback()
        site.page.get_by_text("3 条", exact=True).wait_for()
        assert urlsplit(site.page.url).query == "city=1"


class TestRows:
    def open(self, app: Flask, site: Site) -> None:
        from marketplace.pages.forms import SampleForm

        with app.test_request_context("/zh/"):
            form = SampleForm(formdata=None, meta={"csrf": False})
        body = """<form method="post" data-many>{% call(entry, index) f.rows(form.patents, '专利', most=3) %}
{{ f.field(entry.form.number) }}{{ f.field(entry.form.status) }}{% endcall %}</form>"""
        site.html["/zh/x"] = render(app, body, form=form)
        site.open()
        site.page.wait_for_selector("[data-rows][data-live]")

    def names(self, site: Site) -> list[str]:
        return site.page.eval_on_selector_all("[data-row] input", "found => found.map(field => field.name)")

    def test_a_row_is_added_empty_with_names_of_its_own(self, app: Flask, site: Site) -> None:
        self.open(app, site)
        site.page.fill("[name=patents-1-number]", "ZL1")
        site.page.click("[data-row-add]")
        assert self.names(site) == ["patents-0-number", "patents-1-number", "patents-2-number"]
        assert site.page.input_value("[name=patents-2-number]") == ""
        assert site.page.evaluate("document.activeElement.name") == "patents-2-number"
        assert site.page.locator("[data-row] label[for=patents-2-number]").count() == 1
        assert site.page.locator("[data-row-add]").is_hidden()

    def test_a_removed_row_can_be_brought_back(self, app: Flask, site: Site) -> None:
        self.open(app, site)
        site.page.fill("[name=patents-0-number]", "ZL0")
        site.page.locator("[data-row-remove]").first.click()
        assert self.names(site) == ["patents-1-number"]
        site.page.get_by_role("button", name="撤销").click()
        assert self.names(site) == ["patents-0-number", "patents-1-number"]
        assert site.page.input_value("[name=patents-0-number]") == "ZL0"

    def test_the_last_row_stays_and_is_emptied(self, app: Flask, site: Site) -> None:
        self.open(app, site)
        site.page.locator("[data-row-remove]").first.click()
        site.page.fill("[name=patents-1-number]", "ZL1")
        site.page.locator("[data-row-remove]").first.click()
        assert self.names(site) == ["patents-1-number"]
        assert site.page.input_value("[name=patents-1-number]") == ""


def test_a_double_click_sends_once(app: Flask, site: Site) -> None:
    site.html["/zh/x"] = render(
        app, """<form method="post" action="/zh/sent"><button id="b" type="submit" name="go" value="1">send</button></form>"""
    )
    site.answers["/zh/sent"] = lambda _request: {"status": 204}
    site.open()
    site.page.dblclick("#b")
    site.page.wait_for_timeout(200)
    assert [post["go"] for post in site.posts] == [["1"]]


def test_a_counter_counts_characters_as_people_do(app: Flask, site: Site) -> None:
    from marketplace.pages.forms import SampleForm

    with app.test_request_context("/zh/"):
        form = SampleForm(formdata=None, meta={"csrf": False})
        site.html["/zh/x"] = render(app, "{{ f.field(form.title, counter=true) }}", form=form)
    site.open()
    site.page.fill("#title", "膜𠮷")
    assert site.page.inner_text("#title-counter") == "还可输入 58 字"
    site.page.fill("#title", "长" * 61)
    assert site.page.inner_text("#title-counter") == "超出 1 字"


def test_a_slash_leads_to_the_search_box_wherever_it_is(app: Flask, site: Site) -> None:
    box = '<label for="q">q</label><input id="q" name="q" type="search" value="x">'
    site.html["/zh/x"] = render(app, f'<form><div role="search">{box}</div></form>')
    site.html["/zh/y"] = render(app, "<p>no box here</p>")
    site.html["/zh/search"] = site.html["/zh/x"]
    for path in ("/zh/x", "/zh/y"):
        site.open(path)
        site.page.keyboard.press("/")
        site.page.wait_for_function("document.activeElement.id === 'q'")
    assert site.page.url == f"{SITE}/zh/search#q"


def test_the_key_list_opens_and_closes(app: Flask, site: Site) -> None:
    site.html["/zh/x"] = render(app, """<label for="t">t</label><input id="t">""")
    site.open()
    site.page.fill("#t", "")
    site.page.press("#t", "?")
    assert not site.page.locator("#key-list").is_visible()
    site.page.locator("#main").press("?")
    assert site.page.locator("#key-list").is_visible()
    site.page.keyboard.press("Escape")
    assert not site.page.locator("#key-list").is_visible()


def test_the_error_summary_takes_the_focus(app: Flask, site: Site) -> None:
    site.html["/zh/x"] = render(app, """<div data-error-summary tabindex="-1" id="e">wrong</div>""")
    site.open()
    assert site.page.evaluate("document.activeElement.id") == "e"


@pytest.mark.parametrize(("language", "scheme", "width"), [("zh", "light", 1280), ("en", "dark", 320)])
@pytest.mark.parametrize(
    "path", ["", "help", "how-ranking-works", "accessibility", "privacy", "display", "styleguide", "nowhere"]
)
def test_everybody_can_use_the_parts(  # noqa: PLR0917 (pytest passes them by name)
    client: FlaskClient, chromium: playwright.Browser, path: str, language: str, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    site = Site(context.new_page())
    site.html[f"/{language}/{path}"] = client.get(f"/{language}/{path}").get_data(as_text=True)
    site.open(f"/{language}/{path}")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(site.page, options={"runOnly": tags, "preload": False}).response["violations"]
    assert not [(rule["id"], [node["html"] for node in rule["nodes"][:3]]) for rule in found]
    assert site.page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
