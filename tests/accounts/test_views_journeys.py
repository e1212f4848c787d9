"""Through the pages: an organisation enters, proves itself, invites; a person keeps the account; administrators look on."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from PIL import Image

from marketplace.accounts import queries, services
from marketplace.core import clock, settings
from marketplace.core.db import current_session, transaction
from tests.factories import accounts as make
from tests.factories.entrance import PASSWORD, create_person, letters, log_in, post

ENTRY = {
    "kind": "university",
    "name_zh": "演示：渤海理工大学",
    "name_en": "Demo: Bohai University of Technology",
    "uscc": make.make_uscc(12345, head="12"),
    "city": "370200",
    "about_zh": "演示用的大学",
    "about_en": "",
    "trade_zh": "海工装备",
    "trade_en": "",
    "website": "https://www.example.org",
    "promised_reply_days": "2",
}


def picture() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "PNG")
    out.seek(0)
    return out, "../../执照\u202egnp.png"


@pytest.mark.both
def test_an_organisation_enters_the_market(app, client):
    user, admin = make.create_user(), make.create_admin()
    make.sign_in(client, user)
    answer = post(client, "/zh/organisations/new", ENTRY)
    assert answer.status_code == 302
    org = queries.organisation_by_code(ENTRY["uscc"])
    assert answer.location == f"/zh/organisations/{org.id}/verification"
    assert post(client, answer.location, {"document": picture()}).status_code == 302
    page = client.get(answer.location).text
    assert "审核中" in page

    document = queries.documents(org.id)[0]
    address = f"/zh/organisations/documents/{document.id}"
    got = client.get(address)
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
    assert "\u202e" not in document.name
    visitor, stranger, chief = app.test_client(), app.test_client(), app.test_client()
    make.sign_in(stranger, make.create_member()[0])
    make.sign_in(chief, admin)
    assert visitor.get(address).status_code == stranger.get(address).status_code == 404
    assert visitor.get(f"/zh/organisations/{org.id}").status_code == 404

    assert ENTRY["name_zh"] in chief.get("/zh/admin/organisations").text
    check = f"/zh/admin/organisations/{org.id}"
    assert chief.get(address).status_code == 200
    too_short = post(chief, f"{check}/send-back", {"note": "no"}, form_at=check)
    assert too_short.status_code == 422
    assert post(chief, f"{check}/send-back", {"note": "看不清名称，请重新扫描。"}, form_at=check).status_code == 302
    assert "看不清名称，请重新扫描。" in client.get(f"/zh/organisations/{org.id}/verification").text
    post(client, f"/zh/organisations/{org.id}/verification", {"document": picture()})
    assert post(chief, f"{check}/verify", form_at=check).status_code == 302
    page = visitor.get(f"/zh/organisations/{org.id}")
    assert page.status_code == 200
    assert "通过核验" in page.text
    assert "2 个工作日内" in page.text
    for private in (user.email, user.name, document.name):
        assert private not in page.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uscc": ENTRY["uscc"][:-1]}, "The code has 18 characters."),
        ({"uscc": ""}, "Enter the code."),
        ({"city": "110100"}, "Not a valid choice"),
        ({"website": "javascript:alert(1)"}, "Enter the full address"),
        ({"promised_reply_days": "90"}, "Enter a number from 1 to 15."),
        ({"kind": "emperor"}, "Not a valid choice"),
    ],
)
def test_a_slip_is_told_at_its_field_and_nothing_is_lost(app, client, changes, words):
    make.sign_in(client, make.create_user())
    answer = post(client, "/en/organisations/new", {**ENTRY, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert ENTRY["about_zh"] in answer.text
    assert answer.text.count(words) >= 2, "in the summary and at the field"


def test_every_slip_is_told_at_once_in_the_order_of_the_page(client):
    make.sign_in(client, make.create_user())
    wrong = {**ENTRY, "kind": "", "uscc": ENTRY["uscc"][:-1], "city": "", "promised_reply_days": "90"}
    page = post(client, "/en/organisations/new", wrong).text
    summary = page.split("data-error-summary")[1].split("</ul>")[0]
    assert re.findall(r'href="#(\w+?)(?:-\d)?"', summary) == ["kind", "uscc", "city", "promised_reply_days"]


def test_fields_that_are_not_in_the_form_change_nothing(app, client):
    """Mass assignment."""
    make.sign_in(client, make.create_user())
    post(client, "/zh/organisations/new", {**ENTRY, "state": "verified", "verified_at": "2026-01-01", "is_demo": "1", "id": "99"})
    org = queries.organisation_by_code(ENTRY["uscc"])
    assert (str(org.state), org.verified_at, org.is_demo) == ("format_ok", None, False)
    post(
        client,
        "/zh/account/settings",
        {"name": "新名", "language": "zh", "is_admin": "1", "email": "x@example.org", "active": "0"},
    )
    user = queries.members(org.id)[0].user
    current_session().refresh(user)
    assert (user.name, user.active, user.email == "x@example.org") == ("新名", True, False)


@pytest.mark.both
def test_a_colleague_is_invited_registers_and_joins(app, client):
    owner, org = make.create_member()
    make.sign_in(client, owner)
    members = f"/zh/organisations/{org.id}/members"
    answer = post(client, f"{members}/invite", {"email": "New@Example.org", "role": "editor"}, form_at=members)
    assert answer.status_code == 302
    (letter,) = letters(app, "new@example.org")
    assert org.name.zh in letter.text
    guest = app.test_client()
    page = guest.get(letter.link).text
    register = re.search(r'href="(/zh/account/register[^"]+)"', page).group(1).replace("&amp;", "&")
    data = {"name": "新同事", "email": "new@example.org", "password": PASSWORD, "language": "zh", "agrees": "y"}
    assert post(guest, register, data).status_code == 302
    confirm = letters(app, "new@example.org")[-1]
    sign_in = post(guest, confirm.link).location
    answer = post(guest, sign_in, {"email": "new@example.org", "password": PASSWORD})
    assert answer.location == letter.link, "back to the invitation"
    assert post(guest, letter.link).location == f"/zh/organisations/{org.id}"
    assert "新同事" in client.get(members).text
    assert guest.get(letter.link).status_code == 410
    assert "已接受" in guest.get(letter.link).text
    assert app.test_client().get(letter.link).status_code == 410


def test_an_invitation_opened_by_somebody_else(app, client):
    owner, org = make.create_member()
    make.sign_in(client, owner)
    members = f"/en/organisations/{org.id}/members"
    post(client, f"{members}/invite", {"email": "new@example.org", "role": "editor"}, form_at=members)
    (letter,) = letters(app, "new@example.org")
    other = app.test_client()
    make.sign_in(other, make.create_user())
    assert "another address" in other.get(letter.link).text
    token_page = "/en/account/settings"
    answer = post(other, letter.link, form_at=token_page)
    assert answer.status_code == 409


def test_inviting_known_and_unknown_addresses_looks_the_same(app, client):
    owner, org = make.create_member()
    make.create_user("known@example.org")
    make.sign_in(client, owner)
    members = f"/en/organisations/{org.id}/members"
    answers = [
        post(client, f"{members}/invite", {"email": address, "role": "editor"}, form_at=members, follow_redirects=True)
        for address in ("known@example.org", "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert "演示人员" not in answers[1].text.split("Open invitations")[1].split("</section>")[0]


def test_members_pages_show_addresses_to_owners_only(app, client):
    owner, org = make.create_member(email="owner@example.org")
    viewer = make.create_user("viewer@example.org")
    make.add_member(viewer, org, "viewer")
    address = f"/zh/organisations/{org.id}/members"
    assert client.get(address).status_code == 302
    make.sign_in(client, viewer)
    assert "owner@example.org" not in client.get(address).text
    make.sign_in(client, owner)
    assert "viewer@example.org" in client.get(address).text
    stranger = app.test_client()
    make.sign_in(stranger, make.create_member()[0])
    assert stranger.get(address).status_code == 403


def test_two_tabs_of_one_entry(app, client):
    owner, org = make.create_member()
    make.sign_in(client, owner)
    address = f"/en/organisations/{org.id}/settings"
    old = re.search(r'name="version"[^>]*value="(\d+)"', client.get(address).text).group(1)
    entry = {**ENTRY, "version": old}
    assert post(client, address, entry).status_code == 302
    answer = post(client, address, {**entry, "about_zh": "第二个标签页写的"})
    assert answer.status_code == 422
    assert "第二个标签页写的" in answer.text
    assert "Somebody else has saved this" in answer.text


def test_my_data_and_closing(app, client):
    user = create_person("mine@example.org", name="我自己")
    log_in(client, user.email)
    got = client.get("/zh/account/my-data")
    assert got.headers["Content-Disposition"].startswith("attachment")
    data = json.loads(got.text)
    assert data["account"]["email"] == "mine@example.org"
    assert data["sessions"]
    assert user.password not in got.text
    assert user.fs_uniquifier not in got.text
    with client.session_transaction() as cookie:
        cookie["fs_paa"] = 1.0
    assert "/account/verify" in client.get("/zh/account/my-data").location
    assert "/account/verify" in client.get("/zh/account/close").location
    log_in(app.test_client(), user.email)
    client = app.test_client()
    log_in(client, user.email)
    assert post(client, "/zh/account/close").status_code == 422
    assert post(client, "/zh/account/close", {"understands": "y"}).status_code == 302
    assert log_in(app.test_client(), "mine@example.org").status_code == 422


def test_administrators_find_disable_and_give_roles(app, client):
    admin, user = make.create_admin(), make.create_user("findme@example.org", name="要找的人")
    make.sign_in(client, admin)
    assert "要找的人" in client.get("/zh/admin/people?q=FINDME").text
    assert "要找的人" not in client.get("/zh/admin/people?q=nobody").text
    assert "要找的人" not in client.get("/zh/admin/people?q=%25_").text
    page = f"/zh/admin/people/{user.id}"
    post(client, f"{page}/disable", form_at=page)
    assert not make.again(user).active
    post(client, f"{page}/enable", form_at=page)
    post(client, f"{page}/roles", {"role": "expert"}, form_at=page)
    assert [role.name for role in make.again(user).roles] == ["expert"]
    post(client, f"{page}/roles/withdraw", {"role": "expert"}, form_at=page)
    assert make.again(user).roles == []
    with client.session_transaction() as cookie:
        cookie["fs_paa"] = 1.0
    assert "/account/verify" in post(client, f"{page}/disable", form_at=page).location
    assert make.again(user).active


def test_settings_of_the_market(app, client):
    make.sign_in(client, make.create_admin())
    data = {key.replace(".", "__"): str(settings.whole(key)) for key in settings.KNOWN}
    answer = post(client, "/zh/admin/settings", {**data, "accounts__invitation_days": "900"})
    assert answer.status_code == 422
    assert settings.whole("accounts.invitation_days") == 14
    assert post(client, "/zh/admin/settings", {**data, "accounts__invitation_days": "7"}).status_code == 302
    current_session().rollback()
    assert settings.whole("accounts.invitation_days") == 7
    page = client.get("/zh/admin/audit?action=settings.change").text
    assert "变更后：7" in page


def test_the_record_is_searched_and_checked(app, client):
    admin = make.create_admin(email="chief@example.org")
    owner, org = make.create_member()
    with transaction():
        services.suspend(org.id, note="please explain", actor=make.actor_of(admin), now=clock.now())
    make.sign_in(client, admin)
    address = "/en/admin/audit"
    hit = "accounts.suspend_organisation</small>"
    today = clock.local_day(clock.now()).isoformat()
    for query, found in [
        ("?person=chief@example.org", True),
        (f"?person={admin.id}", True),
        (f"?person={owner.id}", False),
        ("?person=nobody@example.org", False),
        (f"?object_type=organisations&object_id={org.id}", True),
        ("?object_type=organisations&object_id=99999", False),
        ("?action=accounts.", True),
        ("?action=listings.", False),
        (f"?from_day={today}&to_day={today}", True),
        ("?from_day=2020-01-01&to_day=2020-01-02", False),
    ]:
        assert (hit in client.get(address + query).text) == found, query
    assert client.get(f"{address}?from_day=yesterday").status_code == 422
    assert "every link is sound" in post(client, f"{address}/verify", form_at=address, follow_redirects=True).text


def word_file() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    out.seek(0)
    return out, "执照.docx"


@pytest.mark.parametrize("upload", [word_file, lambda: (io.BytesIO(b"<svg/>"), "执照.svg")])
def test_a_document_is_something_to_look_at_as_its_hint_says(client, upload):
    user, org = make.create_member(kind="enterprise", verified=False)
    make.sign_in(client, user)
    page = post(client, f"/zh/organisations/{org.id}/verification", {"document": upload()})
    assert page.status_code == 422
    assert "这里只接受 PDF、PNG、JPEG 和 WebP 文件" in page.text


def test_a_letter_in_chinese_has_chinese_colons(app, client):
    create_person("colon@example.org")
    post(client, "/zh/account/reset", {"email": "colon@example.org"})
    assert "设置新密码：\n" in letters(app, "colon@example.org")[-1].text
