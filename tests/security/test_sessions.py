"""Sessions: new at each sign-in, listed, revocable, limited in time, ended by what should end them - at the next request."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from sqlalchemy import event, select

from marketplace.accounts import services
from marketplace.accounts.models import User, UserSession
from marketplace.core import clock
from marketplace.core.db import current_session, db, transaction
from tests.factories import accounts as make
from tests.factories.entrance import PASSWORD, create_person, log_in, post

HOME = "/zh/account/settings"


def is_in(client) -> bool:
    return client.get(HOME).status_code == 200


def test_a_visitors_session_is_not_carried_over(app, client):
    """Fixation: what an attacker put into the victim's cookie before the sign-in is gone after it."""
    user = create_person()
    client.get("/zh/account/login")
    with client.session_transaction() as cookie:
        cookie["sid"], cookie["planted"] = "known to the attacker", "x"
        before = dict(cookie)
    log_in(client, user.email)
    with client.session_transaction() as cookie:
        assert cookie["sid"] != before["sid"]
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != before["csrf_token"]
    other = app.test_client()
    with other.session_transaction() as cookie:
        cookie["_user_id"], cookie["sid"] = user.fs_uniquifier, "known to the attacker"
    assert not is_in(other)


def test_signing_out_ends_the_session_for_a_copied_cookie_too(app, client):
    user = create_person()
    log_in(client, user.email)
    copied = client.get_cookie("session").value
    post(client, "/zh/account/logout", form_at=HOME)
    thief = app.test_client()
    thief.set_cookie("session", copied)
    assert not is_in(thief)
    assert not is_in(client)


def test_signing_out_needs_a_post_with_a_token(app, client):
    make.sign_in(client, create_person())
    assert client.get("/zh/account/logout").status_code == 405
    assert client.post("/zh/account/logout").status_code == 400
    assert is_in(client)


@pytest.mark.parametrize("page", ["tf-validate", "mf-recovery", "tf-select", "wan-signin", "login", "logout"])
def test_opening_a_page_signs_nobody_out(app, client, page):
    make.sign_in(client, create_person())
    client.get(f"/zh/account/{page}")
    assert is_in(client)


@pytest.mark.both
def test_changing_the_password_ends_the_other_sessions_only(app, client):
    user = create_person()
    elsewhere = app.test_client()
    make.sign_in(elsewhere, user)
    log_in(client, user.email)
    answer = post(client, "/zh/account/change", {"password": PASSWORD, "new_password": "another quite long one"})
    assert answer.status_code == 302
    assert is_in(client)
    assert not is_in(elsewhere)
    assert log_in(app.test_client(), user.email, "another quite long one").status_code == 302


def test_changing_the_password_needs_the_present_one(app, client):
    user = create_person()
    log_in(client, user.email)
    data = {"password": "a wrong one", "new_password": "another quite long one"}
    assert post(client, "/zh/account/change", data).status_code == 422
    assert post(client, "/zh/account/change", {"password": PASSWORD, "new_password": "password123"}).status_code == 422
    assert log_in(app.test_client(), user.email).status_code == 302


@pytest.mark.both
def test_sessions_are_listed_and_can_be_ended(app, client):
    user = create_person()
    elsewhere, third = app.test_client(), app.test_client()
    log_in(client, user.email, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"})
    log_in(elsewhere, user.email)
    log_in(third, user.email)
    page = client.get(HOME).text
    assert "Firefox · Windows" in page
    addresses = re.findall(r'action="(/zh/account/sessions/\d+/end)"', page)
    assert len(addresses) == 2, "not the present one"
    post(client, addresses[0], form_at=HOME)
    assert sorted([is_in(elsewhere), is_in(third)]) == [False, True]
    post(client, "/zh/account/sessions/end-others", form_at=HOME)
    assert not is_in(elsewhere)
    assert not is_in(third)
    assert is_in(client)


def test_nobody_ends_the_session_of_another(app, client):
    mine, theirs = create_person(), create_person()
    victim = app.test_client()
    row = make.sign_in(victim, theirs)
    make.sign_in(client, mine)
    assert post(client, f"/zh/account/sessions/{row.id}/end", form_at=HOME).status_code == 404
    assert is_in(victim)


@pytest.mark.both
def test_idle_and_absolute_limits(app, client):
    user = create_person()
    start = clock.now()
    make.sign_in(client, user)
    idle = dt.timedelta(minutes=app.config["SESSION_IDLE_MINUTES"])
    with time_machine.travel(start + idle - dt.timedelta(minutes=1)):
        assert is_in(client)
    with time_machine.travel(start + 2 * idle - dt.timedelta(minutes=2)):
        assert is_in(client), "use keeps it alive"
    with time_machine.travel(start + 3 * idle):
        assert not is_in(client), "two hours without use end it"
    make.sign_in(client, user)
    step, now, ends = idle - dt.timedelta(minutes=1), start, start + dt.timedelta(hours=app.config["SESSION_ABSOLUTE_HOURS"])
    while now + step < ends:
        now += step
        with time_machine.travel(now):
            assert is_in(client)
    with time_machine.travel(ends + dt.timedelta(minutes=1)):
        assert not is_in(client), "three days end it however it is used"


@pytest.mark.both
def test_a_disabled_person_is_out_at_the_next_request(app, client):
    user, admin = create_person(), make.create_admin()
    make.create_admin()
    make.sign_in(client, user)
    assert is_in(client)
    with transaction():
        services.disable(user.id, actor=make.actor_of(admin), now=clock.now())
    assert not is_in(client)
    with transaction():
        services.enable(user.id, actor=make.actor_of(admin), now=clock.now())
    assert not is_in(client), "an ended session stays ended"
    assert log_in(client, user.email).status_code == 302


def test_a_removed_member_is_out_at_the_next_request(app, client):
    owner, org = make.create_member(verified=False)
    member = make.create_user()
    make.add_member(member, org, "editor")
    make.sign_in(client, member)
    address = f"/zh/organisations/{org.id}"
    assert client.get(address).status_code == 200
    with transaction():
        services.remove(org.id, member.id, actor=make.actor_of(owner), now=clock.now())
    assert client.get(address).status_code == 404


def test_a_withdrawn_role_is_gone_at_the_next_request(app, client):
    admin, other = make.create_admin(), make.create_admin()
    make.sign_in(client, admin)
    assert client.get("/zh/admin/people").status_code == 200
    with transaction():
        services.withdraw_role(admin.id, "admin", actor=make.actor_of(other), now=clock.now())
    assert client.get("/zh/admin/people").status_code == 403


def test_two_statements_tell_who_is_asking(app, client):
    user, _org = make.create_member()
    make.sign_in(client, user)
    client.get("/zh/account/")
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    client.get("/zh/account/")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len([text for text in seen if text.lstrip().upper().startswith("SELECT")]) == 2, seen


def test_the_cookie_is_closed_to_script_and_other_sites(app, client):
    user = create_person()
    answer = log_in(client, user.email)
    cookies = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith(("session=", "device="))]
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_a_table_of_sessions_holds_no_usable_token(app, client):
    user = create_person()
    log_in(client, user.email)
    with client.session_transaction() as cookie:
        token = cookie["sid"]
    current_session().rollback()
    row = current_session().scalars(select(UserSession)).one()
    assert token not in (row.token_hash, row.browser)
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"], cookie["sid"] = user.fs_uniquifier, row.token_hash
    assert not is_in(thief)


def test_pages_of_a_signed_in_person_are_not_kept_by_browsers(app, client):
    make.sign_in(client, create_person())
    assert client.get(HOME).headers["Cache-Control"] == "private, no-store"


def test_no_write_lock_is_held_while_a_password_is_hashed(app, client, monkeypatch):
    """Another process can write in the very moment of hashing."""
    from flask_security import utils

    user = create_person()
    written = []
    context = type(utils._pwd_context._get_current_object())
    real = context.verify

    def verify(self, *args, **kwargs):
        with app.app_context(), transaction():
            services.register(email="new@example.org", name="x", language="zh", password_hash="x", now=clock.now())
        written.append(1)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(context, "verify", verify)
    assert log_in(client, user.email).status_code == 302
    assert written
    current_session().rollback()
    assert current_session().scalar(select(User).where(User.email == "new@example.org")) is not None
