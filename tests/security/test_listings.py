"""Attacks on listings: script in every text, fields nobody may set, other organisations' listings, requests from elsewhere."""

from __future__ import annotations

import io
import re
from pathlib import Path

import html5lib
import pytest
from PIL import Image
from sqlalchemy import inspect, select

from marketplace.core import clock, files
from marketplace.core.db import current_session, transaction
from marketplace.listings import services
from marketplace.listings.models import Achievement, Attachment, Listing, ListingDraft, ListingRevision
from marketplace.listings.rules import content as contents
from marketplace.listings.rules.content import SECTIONS
from marketplace.listings.states import Audience, ListingKind
from tests.conftest import Browser
from tests.factories import accounts, listings
from tests.visitor import Visitor

PAYLOADS = (
    '"><img src=x onerror=window.__xss=1 data-xss=1>',
    "</title></textarea></script><svg onload=window.__xss=1 data-xss=1>",
    "' data-xss=1 autofocus onfocus=window.__xss=1 x='",
    "{{ 7*7 }}<b data-xss=1>${7*7}",
    "<a href=javascript:window.__xss=1 data-xss=1>x</a>",
)


def poisoned(value, payload):
    """The same content with the payload in every free text, as far as its length allows."""
    closed = {"kind", "status", "op", "value", "value_to", "rival_value", "must", "number", "tier", "id", "unit"}
    if isinstance(value, dict):
        return {k: v if k in closed else poisoned(v, payload) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, payload) for v in value]
    return payload[:120]


FREE = {
    ListingKind.ACHIEVEMENT: (
        "title",
        "summary",
        "description",
        "application",
        "verified_detail",
        "maturity_evidence",
        "benefits",
        "people",
    ),
    ListingKind.NEED: ("title", "description", "tried", "site", "verified_detail", "indicators"),
}


def elements_of_the_payload(text):
    """Elements and attributes that a browser would make of a payload; none is right."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return [
        element
        for element in tree.iter()
        if "data-xss" in element.attrib or any(name.startswith("on") for name in element.attrib)
    ]


def test_the_detector_sees_what_an_unescaped_page_would_hold():
    for payload in PAYLOADS:
        assert elements_of_the_payload(f"<p title='{payload}'>{payload}</p>"), payload


@pytest.fixture
def house(app):
    app.test_client_class = Browser
    user, org = accounts.create_member(kind="university")
    return user, org, accounts.actor_of(user)


def attach(app, listing_id, actor, payload):
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    accepted = files.accept(io.BytesIO(out.getvalue()), payload + ".png")
    with transaction():
        root = Path(app.config["FILES"])
        services.attach(listing_id, accepted, tier=Audience.PUBLIC, note=payload, root=root, actor=actor, now=clock.now())


def own_pages(listing_id, kind):
    base = f"/zh/listings/{listing_id}"
    sections = [f"/edit/{name}" for name in SECTIONS[kind]]
    return [
        base + rest for rest in ("", "/edit", "/check", "/versions/1", "/preview/public", "/preview/owner", "/done", *sections)
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("kind", list(ListingKind))
def test_script_in_every_text_stays_text(app, client, house, kind, payload):
    user, org, actor = house
    make = listings.create_achievement if kind is ListingKind.ACHIEVEMENT else listings.create_need
    plain = listings.achievement_content() if kind is ListingKind.ACHIEVEMENT else listings.need_content()
    changes = {name: poisoned(plain[name], payload) for name in FREE[kind]}
    changes["keywords"] = {"zh": [payload[:30]], "en": [payload[:30]]}
    row = make(org, actor=actor, **changes)
    attach(app, row.id, actor, payload)
    public = f"/zh/{'achievements' if kind is ListingKind.ACHIEVEMENT else 'needs'}/{row.id}"
    visitor = Visitor(app, user)
    pages = [client.get(public), visitor.get(public), *(visitor.get(path) for path in [*own_pages(row.id, kind), "/zh/listings"])]
    for page in pages:
        assert page.status_code == 200, page.request.path
        assert elements_of_the_payload(page.text) == [], page.request.path
        assert "49<b" not in page.text  # no template is made of input


def test_a_note_of_review_and_a_name_of_a_person_stay_text(app, house):
    user, org, actor = house
    editor = accounts.create_user(name=PAYLOADS[0])
    accounts.add_member(editor, org, "editor")
    row = listings.create_achievement(org, actor=accounts.actor_of(editor), published=False)
    content = listings.achievement_content()
    with transaction():
        version = services.write(row.id, content, actor=actor, now=clock.now()).version
        services.submit(row.id, content, version=version, actor=accounts.actor_of(editor), now=clock.now())
        services.send_back(row.id, note=PAYLOADS[1], actor=actor, now=clock.now())
    for path in (f"/zh/listings/{row.id}", "/zh/listings"):
        assert elements_of_the_payload(Visitor(app, user).get(path).text) == []


@pytest.mark.browser
def test_nothing_runs_in_a_real_browser(app, house, chromium, site):
    with site.app.app_context():
        user, org = accounts.create_member(kind="university")
        actor = accounts.actor_of(user)
        plain = listings.achievement_content()
        changes = {name: poisoned(plain[name], PAYLOADS[0]) for name in FREE[ListingKind.ACHIEVEMENT]}
        listing_id = listings.create_achievement(org, actor=actor, **changes).id
    context = chromium.new_context()
    page = context.new_page()
    trouble = []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.goto(f"{site.url}/zh/achievements/{listing_id}")
    assert page.evaluate("window.__xss") is None
    assert page.evaluate("document.querySelectorAll('[data-xss]').length") == 0
    assert [text for text in trouble if "Content Security Policy" in text] == []
    context.close()


FORBIDDEN = {
    "state": "published",
    "org_id": "999",
    "created_by": "999",
    "owner_id": "999",
    "quality": "100",
    "rev": "99",
    "published_at": "2020-01-01",
    "confirmed_at": "2099-01-01",
    "id": "999",
    "version_id": "99",
    "is_admin": "1",
    "role": "owner",
    "kind": "need",
    "offered_at": "2020-01-01",
    "applied_version": "1",
}


def columns(listing_id):
    """Every column of the listing (and of its achievement)."""
    session = current_session()
    session.rollback()
    row = session.scalars(select(Achievement).where(Achievement.id == listing_id)).one()
    names = [c.key for c in inspect(Achievement).column_attrs]
    return {name: getattr(row, name) for name in names}


@pytest.mark.parametrize("section", list(SECTIONS[ListingKind.ACHIEVEMENT]))
def test_fields_nobody_may_set_are_not_taken_from_a_section(app, house, section):
    user, org, actor = house
    row = listings.create_achievement(org, actor=actor, published=False)
    before = columns(row.id)
    Visitor(app, user).post(f"/zh/listings/{row.id}/edit/{section}", data={**FORBIDDEN, "version": "99"})
    after = columns(row.id)
    titles = {"title_zh", "title_en", "version_id"}  # a draft is called by what is typed
    assert {k: v for k, v in after.items() if k not in titles} == {k: v for k, v in before.items() if k not in titles}
    draft = current_session().get(ListingDraft, row.id)
    assert not FORBIDDEN.keys() & draft.data.get(section, {}).keys()
    assert draft.applied_version is None
    assert draft.offered_at is None


@pytest.mark.parametrize("step", ["confirm", "withdraw", "copy", "discard"])
def test_fields_nobody_may_set_are_not_taken_from_a_step(app, house, step):
    user, org, actor = house
    row = listings.create_achievement(org, actor=actor)
    before = columns(row.id)
    Visitor(app, user).post(f"/zh/listings/{row.id}/{step}", data=FORBIDDEN)
    after = columns(row.id)
    for name in ("org_id", "created_by", "quality", "published_at", "kind", "title_zh"):
        assert after[name] == before[name]
    fresh = current_session().scalars(select(Listing).where(Listing.id != row.id)).all()
    assert all((copy.org_id, copy.created_by, copy.quality) == (org.id, user.id, 0) for copy in fresh)


def test_a_new_listing_belongs_to_whom_it_must(app, house):
    user, org, _ = house
    Visitor(app, user).post("/zh/listings/new/achievement", data={**FORBIDDEN, "org_id": org.id})
    row = current_session().scalars(select(Listing)).one()
    assert (row.org_id, row.created_by, row.state, row.kind, row.quality, row.rev) == (
        org.id,
        user.id,
        "draft",
        "achievement",
        0,
        0,
    )


def test_a_file_of_another_listing_cannot_be_smuggled_in(app, house):
    user, org, actor = house
    foreign = listings.create_achievement()
    attach(app, foreign.id, listings.owner_of(foreign.organisation), "geheim")
    theirs = listings.reload(foreign.id).attachments[0]
    mine = listings.create_achievement(org, actor=actor)
    visitor = Visitor(app, user)
    visitor.post(
        f"/zh/listings/{mine.id}/edit/files",
        data={"attachments-0-id": theirs.id, "attachments-0-tier": "public", "version": "99"},
    )
    visitor.post(f"/zh/listings/{mine.id}/publish-changes")
    assert visitor.get(f"/zh/listings/{mine.id}/files/{theirs.id}").status_code == 404
    assert current_session().get(Attachment, theirs.id, populate_existing=True).listing_id == foreign.id
    content = listings.achievement_content(attachments=[{"id": theirs.id, "name": "x", "note": "", "tier": "public"}])
    with transaction():
        version = services.write(mine.id, content, actor=actor, now=clock.now()).version
    with transaction(), pytest.raises(Exception, match="file_of_another_listing"):
        services.publish_changes(mine.id, content, version=version, actor=actor, now=clock.now())


def routes(app, method):
    """Addresses of this feature that take a listing and answer to `method`."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("listings.") and method in rule.methods]
    values = {"section": "identity", "viewer": "owner", "number": 1, "attachment_id": 1}
    for rule in rules:
        if "id" in rule.arguments:
            yield rule, {name: values[name] for name in rule.arguments - {"id", "lang"}}


def everything():
    """All rows that a listing consists of, to see that nothing moved."""
    session = current_session()
    session.rollback()
    return {
        model.__name__: [tuple(row) for row in session.execute(select(model.__table__).order_by(*model.__table__.primary_key))]
        for model in (Listing, Achievement, ListingDraft, ListingRevision, Attachment)
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("who", ["anonymous", "nobody", "other organisation", "administrator"])
def test_the_own_side_of_a_listing_is_closed_to_others(app, house, method, who):
    _, org, actor = house
    row = listings.create_achievement(org, actor=actor, published=False)
    attach(app, row.id, actor, "geheim")
    people = {
        "nobody": accounts.create_user,
        "other organisation": lambda: accounts.create_member()[0],
        "administrator": accounts.create_admin,
    }
    visitor = Visitor(app, people[who]()) if who in people else None
    before = everything()
    asked = 0
    for rule, values in routes(app, method):
        url = app.url_map.bind("localhost").build(rule.endpoint, {"id": row.id, "lang": "zh", **values}, method=method)
        if visitor is None:
            client = app.test_client()
            answer = client.open(url, method=method)
        else:
            answer = visitor.get(url) if method == "GET" else visitor.post(url)
        assert answer.status_code in ((404, 403, 302, 400) if visitor is None else (404,)), (rule.endpoint, answer.status_code)
        if answer.status_code == 302:
            assert "login" in answer.location
        assert row.title.zh not in answer.text
        asked += 1
    assert asked >= (10 if method == "GET" else 14)
    assert everything() == before


def test_every_change_needs_the_token_of_the_session(app, house):
    user, org, actor = house
    row = listings.create_achievement(org, actor=actor)
    visitor, other = Visitor(app, user), Visitor(app, accounts.create_user())
    other.post("/zh/listings/new/need")
    before = everything()
    for rule, values in routes(app, "POST"):
        url = app.url_map.bind("localhost").build(rule.endpoint, {"id": row.id, "lang": "zh", **values}, method="POST")
        assert visitor.client.post(url, data={}).status_code == 400, rule.endpoint
        assert visitor.client.post(url, data={"csrf_token": other._token}).status_code == 400, rule.endpoint
    assert everything() == before


def test_looking_changes_nothing(app, house):
    user, org, actor = house
    row = listings.create_achievement(org, actor=actor)
    attach(app, row.id, actor, "a")
    visitor = Visitor(app, user)
    before = everything()
    for rule, values in routes(app, "GET"):
        url = app.url_map.bind("localhost").build(rule.endpoint, {"id": row.id, "lang": "zh", **values}, method="GET")
        assert visitor.get(url).status_code in (200, 404), rule.endpoint
    assert everything() == before


def test_the_anonymous_owner_is_nowhere_in_what_others_get(app, client):
    app.test_client_class = Browser
    user, org = accounts.create_member()
    actor = accounts.actor_of(user)
    row = listings.create_need(org, actor=actor, is_anonymous=True)
    outsider = Visitor(app, accounts.create_member()[0])
    canaries = (org.name.zh, org.name.en, org.uscc, user.email, user.name)
    for path in (f"/zh/needs/{row.id}", f"/en/needs/{row.id}", f"/api/v1/needs/{row.id}", f"/zh/l/{row.id}", "/zh/"):
        for answer in (client.get(path), outsider.get(path)):
            assert not [canary for canary in canaries if canary in answer.text], path
            assert not re.search(rf"organisations/{org.id}\b", answer.text), path


def test_nobody_publishes_by_filling_the_columns_of_a_revision(app, house):
    """Content from a revision goes through the draft and the rules again, whatever it holds."""
    _, org, actor = house
    row = listings.create_achievement(org, actor=actor)
    with transaction() as session:
        revision = session.scalars(select(ListingRevision).where(ListingRevision.listing_id == row.id)).one()
        revision.content = contents.empty(ListingKind.ACHIEVEMENT) | {
            "state": "published",
            "org_id": 99,
            "title": {"zh": "x", "en": ""},
        }
    with transaction():
        draft = services.restore(row.id, 1, actor=actor, now=clock.now())
    assert "state" not in str(draft.data)
    assert listings.reload(row.id).title == row.title
