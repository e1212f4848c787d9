"""Writing in a browser without script: from nothing to published, errors kept, rows, conflicts, autosave, preview."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.listings import queries, services
from marketplace.listings.models import Listing
from marketplace.listings.rules import raw
from marketplace.listings.states import ListingKind, ListingState
from tests.factories import accounts, listings

A, N = ListingKind.ACHIEVEMENT, ListingKind.NEED


@pytest.fixture
def owner(app):
    return accounts.create_member(kind="university")


def typed(values):
    """Form data of one section as a browser sends it."""
    return {name: texts if len(texts) > 1 else texts[0] for name, texts in values.items()}


def version_on(page):
    return re.search(r'name="version" value="(\d+)"', page.text).group(1)


def reread(listing_id):
    current_session().rollback()
    return queries.draft(listing_id)


@pytest.mark.parametrize(("lang", "kind"), [("zh", A), ("en", A), ("zh", N), ("en", N)])
def test_from_nothing_to_published(app, visit, lang, kind):
    user, org = accounts.create_member(kind="university" if kind is A else "enterprise")
    visitor = visit(user)
    assert visitor.get(f"/{lang}/listings/new").status_code == 200
    page = visitor.get(f"/{lang}/listings/new/{kind}")
    assert page.status_code == 200
    answer = visitor.post(f"/{lang}/listings/new/{kind}", data={"org_id": org.id})
    first = answer.location
    assert re.search(rf"/{lang}/listings/(\d+)/edit/(identity|problem)$", first)
    listing_id = int(first.split("/")[3])
    content = listings.achievement_content() if kind is A else listings.need_content()
    url = first
    seen = []
    for section, values in raw.draft_of(kind, content).items():
        assert url.endswith(section)
        page = visitor.get(url)
        assert page.status_code == 200
        answer = visitor.post(url, data={**typed(values), "version": version_on(page)})
        assert answer.status_code == 302, (section, re.findall(r'class="err".*?</p>', answer.text))
        url = answer.location
        seen.append(section)
    assert url.endswith("/check")
    page = visitor.get(url)
    assert page.status_code == 200
    assert content["title"][lang] in page.text
    answer = visitor.post(f"/{lang}/listings/{listing_id}/publish")
    assert answer.location.endswith("/done")
    assert visitor.get(answer.location).status_code == 200
    row = listings.reload(listing_id)
    assert row.state == ListingState.PUBLISHED
    where = "achievements" if kind is A else "needs"
    public = app.test_client().get(f"/{lang}/{where}/{listing_id}")
    assert public.status_code == 200
    assert content["title"][lang] in public.text


def draft_of(user, org, kind=A):
    with transaction():
        return services.start(kind, org.id, actor=accounts.actor_of(user), now=clock.now()).id


def test_bad_input_is_kept_told_and_saved(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    url = f"/zh/listings/{listing_id}/edit/transfer"
    answer = visitor.post(url, data={"money_min": "三百万", "money_max": "２００", "modes": ["transfer"], "version": "1"})
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text
    assert 'value="三百万"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<title>错误：" in answer.text
    assert reread(listing_id).data["transfer"]["money_min"] == ["三百万"]
    again = visitor.get(url)
    assert 'value="三百万"' in again.text
    assert "data-error-summary" not in again.text
    assert "data-error-summary" in visitor.get(url + "?errors=1").text


def test_save_and_come_back_later_judges_nothing(visit, owner):
    listing_id = draft_of(*owner)
    answer = visit(owner[0]).post(
        f"/zh/listings/{listing_id}/edit/identity", data={"title_zh": "半句", "later": "1", "version": "1"}
    )
    assert answer.location.endswith(f"/zh/listings/{listing_id}/edit")
    assert reread(listing_id).data["identity"] == {"title_zh": ["半句"]}


def test_rows_are_added_and_removed_by_plain_submits(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    url = f"/zh/listings/{listing_id}/edit/people"
    answer = visitor.post(url, data={"people-0-name_zh": "林", "add": "people", "version": "1"})
    assert answer.location.endswith("#people-1")
    page = visitor.get(url)
    assert 'name="people-1-name_zh"' in page.text
    answer = visitor.post(
        url, data={"people-0-name_zh": "林", "people-1-name_zh": "王", "add": "people", "version": version_on(page)}
    )
    page = visitor.get(url)
    assert 'name="people-2-name_zh"' in page.text
    data = {
        "people-0-name_zh": "林",
        "people-1-name_zh": "王",
        "people-2-name_zh": "",
        "remove": "people-0",
        "version": version_on(page),
    }
    answer = visitor.post(url, data=data)
    assert answer.status_code == 302
    page = visitor.get(url)
    assert re.search(r'name="people-0-name_zh"[^>]*value="王"|value="王"[^>]*name="people-0-name_zh"', page.text)
    visitor.post(url, data={"people-0-name_zh": "王", "people-1-name_zh": "", "version": version_on(page)})
    assert reread(listing_id).data["people"] == {"people-0-name_zh": ["王"]}


def test_adding_to_an_empty_group_gives_a_second_row(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    url = f"/zh/listings/{listing_id}/edit/benefits"
    visitor.post(url, data={"benefits-0-name_zh": "", "add": "benefits", "version": "1"})
    assert 'name="benefits-1-name_zh"' in visitor.get(url).text


def test_rows_end_at_the_most(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    url = f"/zh/listings/{listing_id}/edit/benefits"
    full = {f"benefits-{i}-name_zh": f"甲{i}" for i in range(8)}
    visitor.post(url, data={**full, "add": "benefits", "version": "1"})
    assert 'name="benefits-8-name_zh"' not in visitor.get(url).text


def test_two_tabs_the_second_is_told_and_loses_nothing(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    url = f"/zh/listings/{listing_id}/edit/identity"
    visitor.post(url, data={"title_zh": "第一个标签页", "later": "1", "version": "1"})
    answer = visitor.post(url, data={"title_zh": "第二个标签页", "version": "1"})
    assert answer.status_code == 409
    assert 'value="第二个标签页"' in answer.text
    assert f'href="{url}"' in answer.text  # the newer version, in another tab
    assert "data-autosave-url" not in answer.text  # nothing is overwritten behind one's back
    assert reread(listing_id).data["identity"]["title_zh"] == ["第一个标签页"]
    answer = visitor.post(url, data={"title_zh": "合在一起", "later": "1", "version": version_on(answer)})
    assert answer.status_code == 302
    assert reread(listing_id).data["identity"]["title_zh"] == ["合在一起"]


def autosave(visitor, listing_id, data, section="identity", **more):
    headers = {"Accept": "application/json", "X-Autosave": "1"}
    return visitor.post(f"/zh/listings/{listing_id}/edit/{section}/autosave", data=data, headers=headers, **more)


def test_autosave(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    answer = autosave(visitor, listing_id, {"title_zh": "自动保存", "version": "1"})
    assert answer.status_code == 200
    assert answer.json["version"] == 2
    assert re.fullmatch(r"\d\d:\d\d", answer.json["saved_at"])
    assert 'id="quality"' in answer.json["quality"]
    assert reread(listing_id).data["identity"] == {"title_zh": ["自动保存"]}
    again = autosave(visitor, listing_id, {"title_zh": "自动保存", "version": "2"})
    assert again.json["version"] == 2  # nothing new, nothing counted


def test_autosave_conflict(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    autosave(visitor, listing_id, {"title_zh": "甲", "version": "1"})
    answer = autosave(visitor, listing_id, {"title_zh": "乙", "version": "1"})
    assert answer.status_code == 409
    assert answer.json == {"version": 2, "theirs_url": f"/zh/listings/{listing_id}/edit/identity"}
    assert reread(listing_id).data["identity"]["title_zh"] == ["甲"]


def test_autosave_takes_json_too(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    visitor.post(f"/zh/listings/{listing_id}/edit/identity", data={"later": "1", "version": "1"})  # brings the token
    headers = {"X-CSRFToken": visitor._token, "Accept": "application/json"}
    url = f"/zh/listings/{listing_id}/edit/identity/autosave"
    body = {"version": 1, "values": {"title_zh": "甲", "state": "published"}}
    answer = visitor.client.post(url, json=body, headers=headers)
    assert answer.status_code == 200
    assert reread(listing_id).data["identity"] == {"title_zh": ["甲"]}
    for junk in ([], "x", {"values": []}, {"version": "x", "values": {"title_zh": None}}):
        assert visitor.client.post(url, json=junk, headers=headers).status_code in (200, 409)
    assert visitor.client.post(url, json=body, headers={"Accept": "application/json"}).status_code == 400  # no token


def test_autosave_keeps_wrong_input_too(visit, owner):
    listing_id = draft_of(*owner)
    answer = autosave(visit(owner[0]), listing_id, {"money_min": "abc", "version": "1"}, section="transfer")
    assert answer.status_code == 200
    assert reread(listing_id).data["transfer"] == {"money_min": ["abc"]}


@pytest.mark.parametrize("section", ["state", "problem", "../check", ""])
def test_sections_that_do_not_exist(visit, owner, section):
    listing_id = draft_of(*owner)
    assert visit(owner[0]).get(f"/zh/listings/{listing_id}/edit/{section}").status_code in (404, 308)


def test_publishing_what_is_incomplete_leads_to_the_check_page(visit, owner):
    listing_id = draft_of(*owner)
    visitor = visit(owner[0])
    answer = visitor.post(f"/zh/listings/{listing_id}/publish")
    assert answer.location.endswith("/check")
    page = visitor.get(answer.location)
    assert page.text.count("errors=1") >= 4  # each section that lacks something is linked
    assert listings.reload(listing_id).state == ListingState.DRAFT


def test_an_unverified_organisation_is_told_why_it_cannot_publish(visit, app):
    user, org = accounts.create_member(verified=False, kind="university")
    row = listings.create_achievement(org, actor=accounts.actor_of(user), published=False)
    page = visit(user).get(f"/zh/listings/{row.id}/check")
    assert f"/zh/listings/{row.id}/publish" not in page.text
    assert "核验" in page.text
    assert visit(user).post(f"/zh/listings/{row.id}/publish").status_code == 403


def test_the_double_is_named_before_submitting(visit, owner):
    user, org = owner
    actor = accounts.actor_of(user)
    ip = [{"kind": "invention", "status": "granted", "number": listings.patent_number(9)}]
    first = listings.create_achievement(org, actor=actor, ip=ip)
    second = listings.create_achievement(org, actor=actor, ip=ip, published=False)
    page = visit(user).get(f"/zh/listings/{second.id}/check")
    assert f'href="/zh/listings/{first.id}"' in page.text
    assert ip[0]["number"] in page.text


CANARY = {"zh": "只给核验单位", "en": "verified only"}


def test_preview_by_audience(visit, owner):
    user, org = owner
    row = listings.create_achievement(org, actor=accounts.actor_of(user), published=False, verified_detail=CANARY)
    visitor = visit(user)
    pages = {who: visitor.get(f"/zh/listings/{row.id}/preview/{who}") for who in ("public", "verified", "owner")}
    assert all(page.status_code == 200 for page in pages.values())
    assert {who: CANARY["zh"] in page.text for who, page in pages.items()} == {"public": False, "verified": True, "owner": True}
    assert all('name="robots" content="noindex"' in page.text for page in pages.values())


def test_preview_of_an_anonymous_need_is_masked(visit, app):
    user, org = accounts.create_member()
    row = listings.create_need(org, actor=accounts.actor_of(user), published=False, is_anonymous=True)
    visitor = visit(user)
    texts = {who: visitor.get(f"/zh/listings/{row.id}/preview/{who}").text for who in ("public", "verified", "owner")}
    main = {who: text[text.index('id="main"') :] for who, text in texts.items()}
    assert [org.name.zh in main[who] for who in ("public", "verified", "owner")] == [False, False, True]


def png():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return io.BytesIO(out.getvalue())


def test_a_file_is_added_described_removed_and_only_then_public(app, visit, owner, client):
    user, org = owner
    row = listings.create_achievement(org, actor=accounts.actor_of(user))
    visitor = visit(user)
    answer = visitor.post(f"/zh/listings/{row.id}/files", data={"file": (png(), "膜样品.png"), "tier": "public", "note": "样品"})
    assert answer.status_code == 302
    page = visitor.get(answer.location)
    assert "膜样品.png" in page.text
    attachment = listings.reload(row.id).attachments[0]
    url = f"/zh/listings/{row.id}/files/{attachment.id}"
    assert client.get(url).status_code == 404  # readers do not see the draft
    assert visitor.get(url).status_code == 200
    assert visitor.post(f"/zh/listings/{row.id}/publish-changes").status_code == 302
    assert client.get(url).status_code == 200
    assert "膜样品.png" in client.get(f"/zh/achievements/{row.id}").text
    page = visitor.get(f"/zh/listings/{row.id}/edit/files")
    data = {"attachments-0-id": attachment.id, "attachments-0-tier": "verified", "later": "1", "version": version_on(page)}
    visitor.post(f"/zh/listings/{row.id}/edit/files", data=data)
    visitor.post(f"/zh/listings/{row.id}/publish-changes")
    # Whoever is not signed in is led to the sign-in page: the file is known, only its tier does not reach so far.
    assert client.get(url).status_code == 302
    page = visitor.get(f"/zh/listings/{row.id}/edit/files")
    visitor.post(
        f"/zh/listings/{row.id}/edit/files",
        data={"remove": "attachments-0", "attachments-0-id": attachment.id, "version": version_on(page)},
    )
    visitor.post(f"/zh/listings/{row.id}/publish-changes")
    assert client.get(url).status_code == 404


def test_versions_and_their_differences(visit, owner):
    user, org = owner
    actor = accounts.actor_of(user)
    row = listings.create_achievement(org, actor=actor)
    content = listings.achievement_content(summary={"zh": "现在只增加 4.2 %", "en": ""})
    with transaction():
        version = services.write(row.id, content, actor=actor, now=clock.now()).version
        services.publish_changes(row.id, content, version=version, actor=actor, now=clock.now())
    visitor = visit(user)
    page = visitor.get(f"/zh/listings/{row.id}/versions/2")
    assert "<ins>" in page.text
    assert "<del>" in page.text
    assert visitor.get(f"/zh/listings/{row.id}/versions/3").status_code == 404
    answer = visitor.post(f"/zh/listings/{row.id}/versions/1/restore")
    assert answer.location.endswith("/check")
    assert "<del>" in visitor.get(answer.location).text  # what readers do not see yet


@pytest.mark.parametrize(
    ("step", "state", "data"),
    [("withdraw", "withdrawn", {}), ("confirm", "published", {}), ("copy", "published", {}), ("discard", "published", {})],
)
def test_buttons_of_the_own_record(visit, owner, step, state, data):
    user, org = owner
    row = listings.create_achievement(org, actor=accounts.actor_of(user))
    visitor = visit(user)
    assert visitor.get(f"/zh/listings/{row.id}").status_code == 200
    assert visitor.post(f"/zh/listings/{row.id}/{step}", data=data).status_code == 302
    assert listings.reload(row.id).state == state


def test_review_by_an_owner(visit, owner):
    user, org = owner
    editor = accounts.create_user()
    accounts.add_member(editor, org, "editor")
    row = listings.create_achievement(org, actor=accounts.actor_of(editor), published=False)
    writes, reviews = visit(editor), visit(user)
    assert writes.post(f"/zh/listings/{row.id}/submit").location.endswith("/done")
    assert f"/zh/listings/{row.id}" in reviews.get("/zh/listings/review").text
    answer = reviews.post(f"/zh/listings/{row.id}/send-back", data={"note": ""})
    assert listings.reload(row.id).state == ListingState.SUBMITTED
    answer = reviews.post(f"/zh/listings/{row.id}/send-back", data={"note": "补充<b>证据</b>"})
    assert answer.status_code == 302
    page = writes.get(f"/zh/listings/{row.id}")
    assert "补充&lt;b&gt;证据&lt;/b&gt;" in page.text
    writes.post(f"/zh/listings/{row.id}/submit")
    assert reviews.post(f"/zh/listings/{row.id}/publish").location.endswith("/done")
    assert listings.reload(row.id).state == ListingState.PUBLISHED


def test_a_title_given_in_the_address_begins_the_draft(visit, app):
    user, org = accounts.create_member()
    visitor = visit(user)
    page = visitor.get("/zh/listings/new/need?title=膜半年就坏")
    assert 'value="膜半年就坏"' in page.text
    answer = visitor.post("/zh/listings/new/need", data={"org_id": org.id, "title": "膜半年就坏"})
    assert 'value="膜半年就坏"' in visitor.get(answer.location).text


def test_one_cannot_begin_for_somebody_elses_organisation(visit, owner, app):
    foreign = accounts.create_organisation()
    answer = visit(owner[0]).post("/zh/listings/new/achievement", data={"org_id": foreign.id})
    assert answer.status_code == 422
    assert current_session().query(Listing).count() == 0
