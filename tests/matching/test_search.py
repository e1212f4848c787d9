"""The search page: what it finds, for whom, and what stands in the address."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import event, select

from marketplace.accounts.models import Organisation
from marketplace.core import clock
from marketplace.core.db import current_session, db, transaction
from marketplace.core.policy import ANONYMOUS
from marketplace.core.types import Bilingual
from marketplace.listings import policy as listings_policy
from marketplace.listings import services
from marketplace.listings.models import Listing
from marketplace.listings.states import ON_SHOW
from marketplace.matching.queries import search as searches
from marketplace.matching.queries.search import Query
from marketplace.matching.views import cards
from search_index.requests import InvalidSearch
from tests.factories import accounts, listings
from tests.factories.matching import ids_on, index_now


def links_of(page: str, name: str) -> list[dict[str, list[str]]]:
    """The queries of all links of a page that set `name`."""
    found = [parse_qs(urlsplit(unescape(href)).query) for href in re.findall(r'href="([^"]*/search\?[^"]*)"', page)]
    return [query for query in found if name in query]


def test_a_published_listing_is_found_and_its_words_are_marked(client):
    achievement = listings.create_achievement(title={"zh": "质子交换膜连续流延", "en": "Casting <b>membranes</b>"})
    index_now()
    page = client.get("/zh/search?q=质子交换膜")
    assert page.status_code == 200
    assert ids_on(page.text) == [("achievement", achievement.id)]
    assert "<mark>质子交换膜</mark>" in page.text
    english = client.get("/en/search?q=membranes").text
    assert "&lt;b&gt;<mark>membranes</mark>&lt;/b&gt;" in english
    assert "<b>membranes" not in english


@pytest.mark.parametrize(
    "words", ["质子", "membrane", "MEMBRANE", "质子 membrane", "zhizijiaohuanmo", "zzjhm", "質子交換膜", "ＭＥＭＢＲＡＮＥ"]
)
def test_people_find_it_however_they_write_it(client, words):
    achievement = listings.create_achievement(title={"zh": "质子交换膜连续流延", "en": "Casting of membrane"})
    index_now()
    assert ("achievement", achievement.id) in ids_on(client.get("/zh/search", query_string={"q": words}).text)


@pytest.fixture
def market(app):
    """Six achievements and three needs that differ in field, city, maturity, modes and rights."""
    made = [
        listings.create_achievement(fields=["F11"], city="370100", maturity=4, modes=["transfer"]),
        listings.create_achievement(fields=["F11", "F13"], city="370200", maturity=6, modes=["licence"]),
        listings.create_achievement(fields=["F13"], city="370200", maturity=8, modes=["licence", "transfer"], ip=[]),
        listings.create_achievement(fields=["F16"], city="370300", maturity=2, modes=["stake"]),
        listings.create_achievement(fields=["F20"], city="370100", maturity=9, modes=["transfer"]),
        listings.create_achievement(fields=["F20"], city="370600", maturity=5, modes=["use_first"]),
        listings.create_need(fields=["F11"], city="370300"),
        listings.create_need(fields=["F16"], city="370100"),
        listings.create_need(fields=["F13"], city="370200", is_anonymous=True),
    ]
    index_now()
    return made


@pytest.mark.parametrize("start", [{}, {"q": "膜"}, {"chain": "C03"}, {"field": "F11", "city": "370100"}, {"kind": "need"}])
def test_each_facet_count_is_the_list_behind_it_and_none_is_empty(market, start):
    query = Query.of({name: [value] for name, value in start.items()})
    found = searches.find(query, ANONYMOUS, clock.now())
    assert found.total == len(found.rows)
    for name, choices in found.facets.items():
        for choice in choices:
            if choice.selected:
                continue
            chosen = searches.find(query.only(name, choice.value), ANONYMOUS, clock.now())
            assert chosen.total == choice.count == len(chosen.rows), (name, choice)
            assert chosen.total > 0


def test_choices_stand_in_the_address_and_can_be_let_go(client, market):
    page = client.get("/zh/search?q=膜&field=F11&city=370100&sort=maturity").text
    assert page.count('class="chip"') == 2
    removed = [query for query in links_of(page, "city") if "field" not in query]
    assert {"q": ["膜"], "city": ["370100"], "sort": ["maturity"]} in removed
    assert {"q": ["膜"], "sort": ["maturity"]} in links_of(page, "sort")  # clear all
    assert 'value="F11" checked' in page


def test_orders(client, market):
    by_maturity = [kind_id[1] for kind_id in ids_on(client.get("/zh/search?kind=achievement&sort=maturity").text)]
    levels = {row.id: row.maturity for row in market}
    assert [levels[i] for i in by_maturity] == [9, 8, 6, 5, 4, 2]
    newest = [kind_id[1] for kind_id in ids_on(client.get("/zh/search?kind=achievement&sort=fresh").text)]
    assert sorted(newest) == sorted(by_maturity)


def test_an_anonymous_need_is_shown_masked_and_not_found_by_its_owner(client, market):
    need = market[-1]
    org = _org(need)
    page = client.get("/zh/search?kind=need").text
    assert ("need", need.id) in ids_on(page)
    assert org.name.zh not in page
    assert ("need", need.id) not in ids_on(client.get("/zh/search", query_string={"q": org.name.zh, "kind": "need"}).text)


def test_a_closed_need_is_not_found(app):
    need = listings.create_need()
    index_now()
    now = clock.now()
    assert searches.find(Query(), ANONYMOUS, now).total == 1
    later = clock.end_of_day(need.closes_on)
    assert searches.find(Query(), ANONYMOUS, later).total == 0


# -- who finds what: search, list and object check agree ---------------------------------------------------------------


@pytest.mark.both
def test_search_list_and_object_check_agree_for_every_role(app):
    owner, org = accounts.create_member(kind="university")
    viewer = accounts.create_user()
    accounts.add_member(viewer, org, "viewer")
    verified, _ = accounts.create_member(kind="enterprise")
    unverified, _ = accounts.create_member(kind="enterprise", verified=False)
    actor = accounts.actor_of(owner)
    shown = {
        "public": listings.create_achievement(org, actor=actor),
        "verified": listings.create_achievement(org, actor=actor, audience="verified"),
        "draft": listings.create_achievement(org, actor=actor, published=False),
        "need": listings.create_need(audience="verified"),
    }
    withdrawn = listings.create_achievement(org, actor=actor)
    with transaction():
        services.withdraw(withdrawn.id, actor=actor, now=clock.now())
    index_now()
    readers = {
        "visitor": ANONYMOUS,
        "owner": actor,
        "viewer": accounts.actor_of(viewer),
        "verified": accounts.actor_of(verified),
        "unverified": accounts.actor_of(unverified),
        "admin": accounts.actor_of(accounts.create_admin()),
    }
    seen = {}
    for name, reader in readers.items():
        found = {row.card.id for row in searches.find(Query(), reader, clock.now()).rows}
        rule = listings_policy.visible_to(reader)
        in_sql = set(current_session().scalars(select(Listing.id).where(rule.sql(Listing), Listing.state.in_(ON_SHOW))))
        by_object = {row.id for row in current_session().scalars(select(Listing)) if rule.matches(row) and row.state in ON_SHOW}
        assert found == in_sql == by_object, name
        seen[name] = found
    assert seen["visitor"] == seen["unverified"] == {shown["public"].id}
    assert seen["verified"] == seen["admin"] == {shown["public"].id, shown["verified"].id, shown["need"].id}
    assert seen["owner"] == seen["viewer"] == {shown["public"].id, shown["verified"].id, shown["need"].id}


def test_counts_and_suggestions_do_not_tell_of_what_is_hidden(client):
    listings.create_achievement(
        audience="verified", title={"zh": "绝密叶轮", "en": "Hidden impeller"}, keywords={"zh": ["叶轮"], "en": []}
    )
    index_now()
    page = client.get("/zh/search?q=叶轮").text
    assert 'data-result-count="0"' in page
    assert "绝密" not in page
    assert client.get("/zh/suggest?q=叶").json == {"items": []}
    user, _ = accounts.create_member(kind="enterprise")
    accounts.sign_in(client, user)
    assert 'data-result-count="1"' in client.get("/zh/search?q=叶轮").text
    assert client.get("/zh/suggest?q=叶").json["items"]


def test_an_index_that_lags_behind_shows_nothing_that_was_taken_off(client):
    achievement = listings.create_achievement()
    index_now()
    owner = listings.owner_of(_org(achievement))
    with transaction():
        services.withdraw(achievement.id, actor=owner, now=clock.now())
    assert ids_on(client.get("/zh/search").text) == []


def _org(listing):
    return current_session().get(Organisation, listing.org_id)


# -- nothing found, nothing available, nothing reasonable -----------------------------------------------------------


def test_where_nothing_is_found_every_offered_way_leads_somewhere(client, market):
    listings.create_achievement(title={"zh": "碳纤维缠绕储氢瓶", "en": "Wound hydrogen cylinder"})
    index_now()
    page = client.get("/zh/search?q=membrane&city=371700").text
    assert 'data-result-count="0"' in page
    ways = re.findall(r'<li>(?:[^<]*)<a href="([^"]+)">.*?\((\d+)\)', page)
    assert ways
    for href, count in ways:
        assert f'data-result-count="{count}"' in client.get(unescape(href)).text
    assert "/listings/new/need?title=membrane" in page


def test_an_empty_market_says_so_and_gives_no_advice_about_words(client):
    page = client.get("/zh/search").text
    assert "有机构通过核验并发布后，会出现在这里" in page
    assert "查看全部" not in page
    assert "更换搜索词" not in page
    asked = client.get("/zh/search?q=没有").text
    assert "更换搜索词" in asked
    assert "查看全部" in asked


def test_a_spelling_is_corrected(client, market):
    page = client.get("/en/search?q=membrene").text
    assert "Did you mean" in page
    assert "membrane" in page


def test_where_no_record_holds_all_words_the_page_says_so(client, market):
    texts = {name: {"zh": "小麦抗旱新品种亩产提高一成。" * 4, "en": ""} for name in ("summary", "description", "application")}
    wheat = listings.create_achievement(title={"zh": "抗旱小麦", "en": ""}, keywords={"zh": ["小麦"], "en": []}, **texts)
    index_now()
    page = client.get("/zh/search?q=小麦+流延").text
    assert "没有同时包含全部搜索词的结果" in page
    assert ("achievement", wheat.id) in ids_on(page)
    assert "没有同时包含全部搜索词的结果" not in client.get("/zh/search?q=小麦").text


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a" * 10_000},
        {"q": "膜" * 10_000},
        {"q": " ".join(f"w{n}" for n in range(500))},
        {"q": "泵", "page": "1000000000"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "one"},
        {"page": "٣"},
        {"sort": "price"},
        {"field": ["F" + str(n) for n in range(500)]},
        {"city": "x" * 500},
        {"cursor": "@@@", "sort": "fresh"},
    ],
    ids=lambda query: str(query)[:40],
)
def test_hostile_questions_get_a_clear_400(client, query):
    listings.create_achievement()
    index_now()
    answer = client.get("/zh/search", query_string=query)
    assert answer.status_code == 400
    assert 'class="lede"' in answer.text
    for other in ("/zh/search.csv", "/zh/search.atom"):
        assert client.get(other, query_string={**query, "page": "1"}).status_code in (200, 400)
    if query.get("page") != "٣":  # marshmallow reads any digits; on the page they are refused
        assert client.get("/api/v1/search", query_string=query).status_code in (400, 422)


def test_an_address_reads_as_it_was_written(app):
    address = {"q": ["泵"], "kind": ["need"], "field": ["F11", "F13"], "city": ["370100"], "sort": ["fresh"], "page": ["3"]}
    query = Query.of(address)
    assert query.values() == address
    assert Query.of(query.values()) == query
    assert Query.of({"city": ["371200"]}).chosen == {"city": ("370100",)}  # a former code leads to its successor
    with pytest.raises(InvalidSearch):
        Query.of({"page": ["1e9"]})


def test_robots_read_lists_but_not_every_combination(client, market):
    for address, is_kept in (
        ("/zh/search", True),
        ("/zh/search?kind=need", True),
        ("/zh/search?q=膜", False),
        ("/zh/search?city=370100", False),
    ):
        assert ('name="robots"' not in client.get(address).text) == is_kept, address


def test_pages_have_no_more_statements_than_one(client, market):
    """The hot path: one more result costs no more statements."""

    def statements(address):
        seen = []

        def note(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        client.get(address)  # fill what is kept between requests
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            client.get(address)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    few = statements("/zh/search?q=膜&city=370600")
    many = statements("/zh/search")
    assert many <= few <= 4


def test_suggestions_are_keywords_and_titles(client, market):
    items = client.get("/zh/suggest?q=质子").json["items"]
    assert items[0]["text"] == "质子交换膜"
    assert "url" not in items[0]
    assert any(item.get("url", "").startswith("/zh/achievements/") for item in items)
    needs = client.get("/zh/suggest?q=燃料&kind=need").json["items"]
    assert all("/needs/" in item["url"] for item in needs if "url" in item)
    assert client.get("/zh/suggest?q=zhizi").json["items"]
    assert client.get("/zh/suggest?q=").json == {"items": []}


def test_a_number_copied_from_a_record_finds_the_record(client):
    """The page prints ZL 2024 1 0123456.5 in groups; pasted into the search box, that must not be five words."""
    granted = [{"kind": "invention", "status": "granted", "number": "ZL202410123456.0"}]
    other = [{"kind": "invention", "status": "granted", "number": "ZL202410123457.5"}]
    row, _ = listings.create_achievement(ip=granted), listings.create_achievement(ip=other)
    index_now()
    page = client.get(f"/zh/achievements/{row.id}").text
    (printed,) = re.findall(r"ZL \d{4} \d \d{7}\.[\dX]", page)
    found = client.get("/api/v1/search", query_string={"q": printed}).json
    assert [item["id"] for item in found["items"]] == [row.id]


def test_a_wrong_address_leads_on_to_a_new_search_and_not_to_a_form(client):
    page = client.get("/zh/search?page=0")
    assert page.status_code == 400
    main = page.text.split("<main")[1].split("</main>")[0]
    assert "重新打开表单" not in main
    assert 'name="q"' in main


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("德州某食品企业", "德州某食品企业"),
        ("山东某食品企业", "山东某食品企业 · 德州"),
        ("德州食品（演示）", "德州食品（演示）"),
    ],
)
def test_a_card_names_the_city_once(app, name, shown):
    with app.test_request_context("/zh/"):
        app.preprocess_request()
        assert cards.owner(SimpleNamespace(org_name=Bilingual(name), city="371400")) == shown
