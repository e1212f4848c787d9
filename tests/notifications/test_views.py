"""The bell's page, preferences and the way out of mail, without script and (for the last) without signing in."""

from __future__ import annotations

import re

import pytest

from marketplace.core.db import current_session
from marketplace.notifications import queries
from marketplace.notifications.handlers import notify
from marketplace.notifications.handlers.letters import token_for
from tests.factories import accounts
from tests.notifications.samples import PAYLOADS, payload
from tests.visitor import Visitor

KIND = "deals.message_sent"


@pytest.fixture
def person(app, client):
    user, org = accounts.create_member(kind="university")
    return user, org, Visitor(app, user)


def unread(user) -> int:
    current_session().rollback()
    return queries.unread_count(accounts.actor_of(user))


def test_the_bell_counts_and_lists(person):
    user, org, browser = person
    assert "还没有消息" in browser.get("/zh/notifications/").text
    notify([payload(KIND, event_id=1, to_orgs=[org.id])])
    notify([payload("listings.published", event_id=2, to_users=[user.id])])
    page = browser.get("/zh/notifications/").text
    assert "青岛某电堆企业（演示）就“增强型质子交换膜连续流延制备”给您留言了。" in page
    assert '<span class="badge">2</span>' in page
    assert "Qingdao stack maker (demo) has written to you" in browser.get("/en/notifications/").text


def test_opening_marks_as_read_and_leads_there(person):
    user, org, browser = person
    notify([payload(KIND, to_orgs=[org.id])])
    page = browser.get("/zh/notifications/").text
    action = re.search(r'action="(/zh/notifications/\d+/open)"', page).group(1)
    answer = browser.post(action)
    assert (answer.status_code, answer.location) == (302, "/zh/enquiries/7")
    assert unread(user) == 0
    assert "没有未读消息" in browser.get("/zh/notifications/?show=unread").text


def test_marking_one_and_all(person):
    user, _org, browser = person
    for number in range(3):
        notify([payload("listings.published", event_id=number + 1, to_users=[user.id])])
    page = browser.get("/zh/notifications/").text
    assert browser.post(re.search(r'action="(/zh/notifications/\d+/read)"', page).group(1)).status_code == 302
    assert unread(user) == 2
    newest = re.search(r'name="up_to" value="(\d+)"', page).group(1)
    notify([payload("listings.published", event_id=9, to_users=[user.id])])
    assert browser.post("/zh/notifications/read-all", data={"up_to": newest}).status_code == 302
    assert unread(user) == 1
    assert browser.post("/zh/notifications/read-all", data={"up_to": "x"}).status_code == 302


def test_news_of_others_is_not_there(app, person):
    user, org, browser = person
    notify([payload(KIND, to_orgs=[org.id])])
    page = browser.get("/zh/notifications/").text
    action = re.search(r'action="(/zh/notifications/\d+/open)"', page).group(1)
    other = Visitor(app, accounts.create_member()[0])
    assert other.post(action).status_code == 404
    assert unread(user) == 1


def test_visitors_are_asked_to_sign_in(client):
    for path in ("", "preferences"):
        assert client.get(f"/zh/notifications/{path}").status_code == 302


def test_every_kind_of_news_can_be_shown(person):
    user, _org, browser = person
    for number, name in enumerate(PAYLOADS):
        notify([payload(name, event_id=number + 1, to_users=[user.id])])
    for language in ("zh", "en"):
        for page in (1, 2):
            assert browser.get(f"/{language}/notifications/?page={page}").status_code == 200


def test_preferences_are_kept(app, person):
    user, _org, browser = person
    page = browser.get("/zh/notifications/preferences").text
    assert page.count("checked") >= 20
    assert "有单位等待核验" not in page
    answer = browser.post("/zh/notifications/preferences", data={"mail_enquiries": [KIND, "deals.enquiry_sent"]})
    assert answer.status_code == 302
    off = queries.muted_kinds(user.id)
    assert KIND not in off
    assert {"listings.published", "deals.enquiry_closed"} <= off
    assert "deals.reported" not in off
    assert browser.post("/zh/notifications/preferences", data={"mail_listings": ["made.up"]}).status_code == 422
    admin = Visitor(app, accounts.create_admin())
    assert "有单位等待核验" in admin.get("/zh/notifications/preferences").text


def test_a_person_without_mail_is_told_so(app, client):
    browser = Visitor(app, accounts.create_user(wants_mail=False))
    assert "您目前不接收任何邮件" in browser.get("/zh/notifications/preferences").text


def test_unsubscribing_without_signing_in(app, client):
    user = accounts.create_user()
    path = f"/en/notifications/unsubscribe/{token_for(user.id, KIND)}"
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"  # the address is the key: no other site learns it
    assert queries.muted_kinds(user.id) == frozenset()
    # As a mail program does it: no session, no cookie, no token of ours (RFC 8058).
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    current_session().rollback()
    assert queries.muted_kinds(user.id) == {KIND}
    assert client.post(path).status_code == 200
    assert client.get(path + "x").status_code == 404
    assert client.post("/en/notifications/unsubscribe/rubbish").status_code == 404
    unknown = token_for(user.id, "made.up")
    assert client.post(f"/en/notifications/unsubscribe/{unknown}").status_code == 404


def test_other_posts_still_need_a_token(person):
    _user, _org, browser = person
    assert browser.client.post("/zh/notifications/read-all", data={"up_to": "1"}).status_code == 400
