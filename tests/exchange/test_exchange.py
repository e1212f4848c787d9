"""Feed, table, sitemap and robots file: well-formed, safe to open, and silent about what is hidden."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET

import pytest

from marketplace.accounts.models import Organisation
from marketplace.core.db import current_session
from marketplace.exchange.rules import csv_lines, safe_cell, xml_text
from tests.factories import accounts, listings
from tests.factories.matching import index_now

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SITE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "＋1", "－1", "＠x", "|x", "%x", "\x00=1"]
)
def test_no_cell_acts_as_a_formula(text):
    assert safe_cell(text) == "'" + text
    ((cell,),) = csv.reader(io.StringIO("".join(csv_lines([], [[text]])).split("\r\n", 1)[1].replace("\x00", ""), newline=""))
    assert cell.startswith("'")


@pytest.mark.parametrize("value", [-5, "-5.25", 12, "3 kW", "质子-交换", "", None])
def test_plain_numbers_and_words_stay(value):
    assert safe_cell(value) == ("" if value is None else str(value))


def test_xml_text_drops_what_xml_forbids():
    assert xml_text("a\x0bb\x00c\ufffe膜\t\n😀") == "abc膜\t\n😀"


def test_the_feed_is_the_search(client):
    shown = listings.create_achievement(title={"zh": "甲<膜>&乙", "en": "Membrane <A> & B"})
    listings.create_need()
    index_now()
    answer = client.get("/zh/search.atom?q=膜&kind=achievement")
    assert answer.mimetype == "application/atom+xml"
    feed = ET.fromstring(answer.data)
    (entry,) = feed.findall("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM) == "甲<膜>&乙"
    assert entry.findtext("a:id", namespaces=ATOM).endswith(f"/zh/achievements/{shown.id}")
    assert feed.find("a:link[@rel='self']", ATOM).get("href").startswith("http://127.0.0.1:8000/zh/search.atom?q=")
    for name in ("updated", "id", "title"):
        assert feed.findtext(f"a:{name}", namespaces=ATOM)
    empty = ET.fromstring(client.get("/en/search.atom?q=zzzz").data)
    assert empty.findall("a:entry", ATOM) == []
    assert client.get("/en/search.atom?page=x").status_code == 400


def test_the_table_is_the_search_and_opens_safely(client):
    listings.create_achievement(
        title={"zh": '=HYPERLINK("http://x")', "en": "@SUM(1+1)"}, money_min=26_050, money_max=300_000_000
    )
    listings.create_need(title={"zh": '需求, 带"引号"', "en": "+need"})
    index_now()
    answer = client.get("/zh/search.csv?sort=fresh")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert len(rows) == 2
    assert all(len(row) == len(head) for row in rows)
    by_kind = {row[0]: row for row in rows}
    assert by_kind["成果"][1:3] == ['\'=HYPERLINK("http://x")', "'@SUM(1+1)"]
    assert by_kind["成果"][8:10] == ["260.50", "3000000"]
    assert by_kind["需求"][1:3] == ['需求, 带"引号"', "'+need"]
    for row in rows:
        assert not any(cell[:1] in "=+@\t\r＝" for cell in row if cell)


def test_the_sitemap_names_every_public_page_in_both_languages(client):
    achievement = listings.create_achievement()
    need = listings.create_need(is_anonymous=True)
    hidden = listings.create_achievement(audience="verified")
    draft = listings.create_achievement(published=False)
    waiting = accounts.create_organisation(verified=False, owner=accounts.create_user())
    index = ET.fromstring(client.get("/sitemap.xml").data)
    parts = [part.text.replace("http://127.0.0.1:8000", "") for part in index.findall("s:sitemap/s:loc", SITE)]
    assert parts == ["/sitemap-0.xml", "/sitemap-1.xml"]
    pages = [page for part in parts for page in ET.fromstring(client.get(part).data).findall("s:url", SITE)]
    addresses = [page.findtext("s:loc", namespaces=SITE).replace("http://127.0.0.1:8000", "") for page in pages]
    organisation = f"organisations/{achievement.org_id}"
    for path in (f"achievements/{achievement.id}", f"needs/{need.id}", organisation, "help", "search"):
        assert f"/zh/{path}" in addresses
        assert f"/en/{path}" in addresses
    unknown = [f"achievements/{hidden.id}", f"achievements/{draft.id}", f"organisations/{waiting.id}"]
    assert not any(address.endswith(tuple(unknown)) for address in addresses)
    for page in pages:
        assert {link.get("hreflang") for link in page.findall("x:link", SITE)} == {"zh-CN", "en"}
    for address in addresses:
        assert client.get(address).status_code == 200, address
    assert client.get("/sitemap-7.xml").status_code == 404


def test_robots_may_read_records_but_not_machines_files(client):
    text = client.get("/robots.txt").text
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in text
    assert "Disallow: /zh/search.csv" in text
    assert "Disallow: /api/" in text


CANARIES = ("canary-verified-detail", "canary-hidden-title", "金丝雀单位", "金丝雀人", "canary-draft")
MACHINES = (
    "/zh/search.atom",
    "/en/search.csv",
    "/zh/search.csv?q=canary",
    "/sitemap-1.xml",
    "/api/v1/search",
    "/api/v1/search?q=canary",
    "/en/search?q=canary",
    "/zh/suggest?q=canary",
    "/zh/suggest?q=金丝雀",
    "/en/search",
)


def test_nothing_hidden_leaves_through_machines_files(client):
    """What only verified organisations may know, drafts, and who stands behind an anonymous need."""
    user, org = accounts.create_member(kind="enterprise", name="金丝雀人")
    actor = accounts.actor_of(user)
    with_name = current_session().get(Organisation, org.id)
    from marketplace.core.db import transaction
    from marketplace.core.types import Bilingual

    with transaction() as session:
        session.get(Organisation, org.id).name = Bilingual("金丝雀单位", "Canary firm 金丝雀单位")
    org = current_session().get(Organisation, with_name.id)
    need = listings.create_need(org, actor=actor, is_anonymous=True, verified_detail={"zh": "canary-verified-detail", "en": ""})
    achievement = listings.create_achievement(verified_detail={"zh": "canary-verified-detail", "en": ""})
    listings.create_achievement(audience="verified", title={"zh": "canary-hidden-title", "en": "canary-hidden-title"})
    listings.create_achievement(published=False, title={"zh": "canary-draft", "en": "canary-draft"})
    index_now()
    addresses = (*MACHINES, f"/api/v1/needs/{need.id}/matches", f"/api/v1/achievements/{achievement.id}/matches")
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        body = answer.get_data(as_text=True)
        shown = body.replace("q=canary", "").replace('value="canary"', "")
        for canary in CANARIES:
            assert canary not in shown, (address, canary)
    # The control: whoever may see it does.
    accounts.sign_in(client, user)
    assert "canary-hidden-title" in client.get("/en/search.csv").text
    assert "金丝雀单位" in client.get("/zh/search.csv").text


def test_a_table_names_its_encoding_once(client):
    assert client.get("/zh/search.csv").headers["Content-Type"] == "text/csv; charset=utf-8"
