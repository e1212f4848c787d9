"""The public pages: what everybody reads, what machines read, what stays hidden, how files are sent."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import struct
from pathlib import Path

import pytest
from PIL import Image

from marketplace.core import clock, files
from marketplace.core.db import transaction
from marketplace.core.types import Bilingual
from marketplace.listings import services
from marketplace.listings.states import Audience
from tests.factories import accounts, listings

SECRET = {"zh": "金丝雀工艺窗口", "en": "canary process window"}


def ld(page):
    """The page's JSON-LD."""
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL).group(1))


def main_of(page):
    return page.text[page.text.index('id="main"') : page.text.index("</main>")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_achievement_says_what_it_is_why_it_is_better_and_how_far(client, app, lang):
    row = listings.create_achievement()
    page = client.get(f"/{lang}/achievements/{row.id}")
    text = main_of(page)
    assert page.status_code == 200
    for part in (
        row.title,
        row.summary,
        row.description,
        row.application,
        row.maturity_evidence,
        Bilingual.of(row.benefits[0]["name"]),
    ):
        assert html.escape(part.pick(lang), quote=False) in text
    assert "5.8 %" in text
    assert "14 %" in text
    assert f"/{lang}/listings/{row.id}/enquire" in text or "enquire" in text
    assert text.index("5.8 %") < text.index(row.application.pick(lang))  # why it is better comes before the rest


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_need_tells_problem_results_and_terms(client, app, lang):
    row = listings.create_need()
    text = main_of(client.get(f"/{lang}/needs/{row.id}"))
    for part in (row.title, row.tried, row.site):
        assert html.escape(part.pick(lang), quote=False) in text
    assert "6 %" in text
    assert ("还剩 60 天" if lang == "zh" else "60 days left") in text


def test_each_kind_has_its_own_address(client, app):
    achievement, need = listings.create_achievement(), listings.create_need()
    assert client.get(f"/zh/needs/{achievement.id}").status_code == 404
    assert client.get(f"/zh/achievements/{need.id}").status_code == 404
    assert client.get(f"/zh/l/{need.id}").location == f"/zh/needs/{need.id}"
    assert client.get(f"/en/l/{achievement.id}").location == f"/en/achievements/{achievement.id}"


def test_drafts_and_withdrawn_ones_are_not_found(client, app):
    draft = listings.create_achievement(published=False)
    user, org = accounts.create_member(kind="university")
    gone = listings.create_achievement(org, actor=accounts.actor_of(user))
    with transaction():
        services.withdraw(gone.id, actor=accounts.actor_of(user), now=clock.now())
    for row in (draft, gone):
        assert client.get(f"/zh/achievements/{row.id}").status_code == 404
        assert client.get(f"/zh/l/{row.id}").status_code == 404


def test_for_verified_organisations_only(client, app, visit):
    row = listings.create_achievement(audience="verified")
    assert client.get(f"/zh/achievements/{row.id}").status_code == 404
    assert visit(accounts.create_user()).get(f"/zh/achievements/{row.id}").status_code == 404
    assert visit(accounts.create_member(verified=False)[0]).get(f"/zh/achievements/{row.id}").status_code == 404
    page = visit(accounts.create_member()[0]).get(f"/zh/achievements/{row.id}")
    assert page.status_code == 200
    assert 'name="robots" content="noindex"' in page.text


def test_the_layer_for_verified_organisations(client, app, visit):
    people = [{"name": {"zh": n, "en": n}, "contribution": {"zh": "", "en": ""}} for n in ("林甲", "王乙", "赵丙")]
    row = listings.create_achievement(verified_detail=SECRET, people=people)
    for visitor in (client, visit(accounts.create_user()), visit(accounts.create_member(verified=False)[0])):
        text = visitor.get(f"/zh/achievements/{row.id}").text
        assert SECRET["zh"] not in text
        assert "王乙" not in text
        assert "林甲" in text  # the first person, and how many more
        assert "另有 2 人" in text
        assert "已核验单位可以看到更多" in text
    text = visit(accounts.create_member()[0]).get(f"/zh/achievements/{row.id}").text
    assert SECRET["zh"] in text
    assert "王乙" in text


def test_an_anonymous_need_names_nobody(client, app, visit):
    user, org = accounts.create_member()
    with transaction() as session:
        fresh = session.get(type(org), org.id)
        fresh.name, fresh.trade, fresh.city = (
            Bilingual("潍坊金丝雀泵业", "Canary Pumps"),
            Bilingual("装备企业", "equipment maker"),
            "370700",
        )
    row = listings.create_need(org, actor=accounts.actor_of(user), is_anonymous=True)
    for visitor in (client, visit(accounts.create_member()[0])):
        for lang, name in (("zh", "潍坊某装备企业"), ("en", "an equipment maker in Weifang")):
            page = visitor.get(f"/{lang}/needs/{row.id}")
            assert name in page.text
            assert "金丝雀" not in page.text
            assert "Canary" not in page.text
            assert f"organisations/{org.id}" not in page.text
    assert "潍坊金丝雀泵业" in visit(user).get(f"/zh/needs/{row.id}").text


def test_what_machines_read_of_an_achievement(client, app):
    row = listings.create_achievement(money_min=250_000_050, money_max=None)
    page = client.get(f"/zh/achievements/{row.id}")
    data = ld(page)
    assert data["@context"] == "https://schema.org"
    assert data["@type"] == "Product"
    assert data["name"] == row.title.zh
    assert data["offers"]["priceSpecification"] == {"@type": "PriceSpecification", "priceCurrency": "CNY", "minPrice": 2500000.5}
    assert data["offers"]["offeredBy"]["name"] == row.organisation.name.zh
    base = app.config["PUBLIC_URL"]
    assert f'<link rel="canonical" href="{base}/zh/achievements/{row.id}">' in page.text
    assert f'hreflang="en" href="{base}/en/achievements/{row.id}"' in page.text
    assert f'property="og:title" content="{row.title.zh}"' in page.text


def test_what_machines_read_of_a_need(client, app):
    row = listings.create_need(is_anonymous=True)
    data = ld(client.get(f"/en/needs/{row.id}"))
    assert data["@type"] == "Demand"
    assert data["availabilityEnds"] == row.closes_on.isoformat()
    assert row.organisation.name.zh not in json.dumps(data, ensure_ascii=False)


def test_json_ld_cannot_break_out_of_its_element(client, app):
    nasty = {"zh": "</script><script>alert(1)</script>", "en": "<!--<script>"}
    row = listings.create_achievement(title=nasty, summary=nasty)
    page = client.get(f"/zh/achievements/{row.id}")
    assert "</script><script>alert(1)" not in page.text
    assert ld(page)["name"] == nasty["zh"]


def test_what_is_not_translated_is_marked(client, app):
    row = listings.create_achievement(title={"zh": "只有中文", "en": ""}, summary={"zh": "只有中文 5 %", "en": ""})
    page = client.get(f"/en/achievements/{row.id}")
    assert '<span lang="zh-CN">只有中文</span>' in page.text


def test_freshness_and_fading(client, app):
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    fresh = listings.create_achievement(org, actor=actor)
    older = listings.create_achievement(org, actor=actor, at=clock.now() - dt.timedelta(days=3))
    faded = listings.create_achievement(org, actor=actor, at=clock.now() - dt.timedelta(days=200))
    with transaction():
        services.fade(faded.id, now=clock.now())
    texts = [client.get(f"/zh/achievements/{row.id}").text for row in (fresh, older, faded)]
    assert "今天确认有效" in texts[0]
    assert "3 天前确认有效" in texts[1]
    assert "之后未再确认" in texts[2]


def test_the_pages_hold_no_inline_script_or_style(client, app, visit):
    row = listings.create_achievement()
    for page in (client.get(f"/zh/achievements/{row.id}"), visit(accounts.create_member()[0]).get("/zh/listings")):
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page.text)
        assert all('type="application/' in attributes for attributes in scripts)
        assert not re.search(r"<[^>]+\sstyle=", page.text)
        assert not re.search(r"<[^>]+\son[a-z]+=", page.text)


def attached(tier, name="检测报告 \u202egpj.exe.pdf", *, content=b"%PDF-1.4\n%%EOF"):
    """A published achievement with one file; (listing, attachment)."""
    user, org = accounts.create_member(kind="university")
    actor = accounts.actor_of(user)
    row = listings.create_achievement(org, actor=actor)
    from flask import current_app

    accepted = files.accept(io.BytesIO(content), name)
    with transaction():
        root = Path(current_app.config["FILES"])
        services.attach(row.id, accepted, tier=tier, note="", root=root, actor=actor, now=clock.now())
    attachment = listings.reload(row.id).attachments[0]
    content_now = listings.achievement_content(
        attachments=[{"id": attachment.id, "name": attachment.name, "note": "", "tier": str(tier)}]
    )
    with transaction():
        version = services.write(row.id, content_now, actor=actor, now=clock.now()).version
        services.publish_changes(row.id, content_now, version=version, actor=actor, now=clock.now())
    return listings.reload(row.id), attachment


def test_a_file_is_sent_as_a_download_that_cannot_run_here(client, app):
    row, attachment = attached(Audience.PUBLIC)
    answer = client.get(f"/zh/listings/{row.id}/files/{attachment.id}")
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "filename*=UTF-8''" in disposition
    assert "%E6%A3%80%E6%B5%8B" in disposition  # 检测
    assert "\u202e" not in attachment.name
    assert attachment.name.endswith(".pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.mimetype == "application/pdf"


def test_file_tiers(client, app, visit):
    row, attachment = attached(Audience.VERIFIED)
    url = f"/zh/listings/{row.id}/files/{attachment.id}"
    assert client.get(url).status_code == 302
    assert visit(accounts.create_member(verified=False)[0]).get(url).status_code == 403
    answer = visit(accounts.create_member()[0]).get(url)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    text = client.get(f"/zh/achievements/{row.id}").text
    assert attachment.name not in text
    assert "另有 1 个文件" in text


def test_a_file_is_found_under_its_own_listing_only(client, app):
    _, attachment = attached(Audience.PUBLIC)
    other = listings.create_achievement()
    assert client.get(f"/zh/listings/{other.id}/files/{attachment.id}").status_code == 404
    assert client.get(f"/zh/listings/{other.id}/files/9999").status_code == 404


def test_the_file_of_a_hidden_listing_is_hidden(client, app):
    row, attachment = attached(Audience.PUBLIC)
    actor = listings.owner_of(row.organisation)
    with transaction():
        services.withdraw(row.id, actor=actor, now=clock.now())
    assert client.get(f"/zh/listings/{row.id}/files/{attachment.id}").status_code == 404


def test_a_picture_loses_its_metadata(app):
    out = io.BytesIO()
    picture = Image.new("RGB", (8, 8))
    exif = picture.getexif()
    exif[0x010E] = "secret place"
    picture.save(out, "JPEG", exif=exif)
    accepted = files.accept(io.BytesIO(out.getvalue()), "a.jpg")
    assert b"secret place" in out.getvalue()
    assert b"secret place" not in accepted.content


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_link_to_a_public_page_has_a_card_with_a_picture(client, app, lang):
    row = listings.create_achievement()
    for path in ("", f"achievements/{row.id}", f"organisations/{row.org_id}"):
        page = client.get(f"/{lang}/{path}")
        said = dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]*)">', page.text))
        assert said["og:title"]
        assert said["og:description"]
        assert said["og:url"] == f"{app.config['PUBLIC_URL']}/{lang}/{path}"
        picture = client.get(said["og:image"].removeprefix(app.config["PUBLIC_URL"]))
        width, height = struct.unpack(">II", picture.data[16:24])
        assert picture.data[:8] == b"\x89PNG\r\n\x1a\n"
        assert (str(width), str(height)) == (said["og:image:width"], said["og:image:height"])


def test_an_organisation_shows_all_it_has_page_by_page(client):
    org = accounts.create_organisation(owner=accounts.create_user())
    shown = {listings.create_achievement(org).id for _ in range(21)}
    listings.create_achievement(org, audience="verified")
    listings.create_need(org, is_anonymous=True)
    address = f"/en/organisations/{org.id}"
    pages = [client.get(address), client.get(f"{address}?page=2")]
    found = [re.findall(r'<h3><a href="/en/(?:achievements|needs)/(\d+)"', page.text) for page in pages]
    assert [len(ids) for ids in found] == [20, 1]
    assert {int(number) for ids in found for number in ids} == shown
    assert "21 achievements · 0 needs" in pages[0].text
    assert f'href="{address}?page=2"' in pages[0].text
    assert f'rel="prev" href="{address}"' in pages[1].text
    assert "<title>" in pages[1].text and "Page 2" in pages[1].text.split("</title>")[0]
    for odd in ("0", "-3", "99999999999999999999", "x"):
        assert client.get(f"{address}?page={odd}").status_code == 200


def test_machines_read_the_language_of_the_page_not_of_the_product(client, app):
    """schema.org knows no language and no date of change of a Product or Demand; the page that tells of them has both."""
    for path, row in (("achievements", listings.create_achievement()), ("needs", listings.create_need())):
        data = ld(client.get(f"/zh/{path}/{row.id}"))
        assert not {"inLanguage", "dateModified"} & set(data)
        assert data["mainEntityOfPage"]["inLanguage"] == "zh-CN"
