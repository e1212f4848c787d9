"""Registering, confirming, signing in, resetting: what works, and that nothing tells who has an account."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from marketplace.accounts.models import LoginAttempt, User
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session, db, transaction
from tests.factories import accounts as make
from tests.factories.entrance import PASSWORD, create_person, csrf_of, letters, log_in, post

NEW = {"name": "周演示", "email": "Zhou@Example.org", "password": PASSWORD, "language": "zh", "agrees": "y"}


def person(address: str) -> User | None:
    current_session().rollback()
    return current_session().scalar(select(User).where(User.email == address))


def actions() -> list[str]:
    current_session().rollback()
    return list(current_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.both
def test_register_confirm_sign_in(app, client):
    answer = post(client, "/zh/account/register?next=/zh/help", NEW)
    assert answer.status_code == 302
    assert "zhou@example.org" in client.get(answer.location).text
    assert person("zhou@example.org").confirmed_at is None
    assert "确认" in log_in(client, "zhou@example.org").text  # not yet: the letter first

    (letter,) = letters(app, "zhou@example.org")
    assert client.get(letter.link).status_code == 200
    assert person("zhou@example.org").confirmed_at is None, "opening the link must not confirm: programs do that"
    answer = post(client, letter.link)
    assert answer.status_code == 302
    assert person("zhou@example.org").confirmed_at is not None
    assert "next=/zh/help" in answer.location

    answer = log_in(client, "ZHOU@example.org", query="?next=/zh/help")
    assert answer.status_code == 302
    assert answer.location == "/zh/help"
    assert "周演示" in client.get("/zh/account/settings").text
    assert actions()[-3:] == ["accounts.register", "accounts.confirm_address", "accounts.sign_in"]


def test_a_taken_address_gets_the_same_answer_and_a_letter(app, client):
    create_person("zhou@example.org", language="en")
    answer = post(client, "/zh/account/register", NEW)
    other = post(app.test_client(), "/zh/account/register", {**NEW, "email": "nobody@example.org"})
    assert (answer.status_code, answer.location) == (other.status_code, other.location)
    (letter,) = letters(app, "zhou@example.org")
    assert letter.subject == "You already have an account"
    assert person("zhou@example.org").name != "周演示"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "short", "8 characters"),
        ("password", "password123", "first that anybody would try"),
        ("password", "zhouzhou2024", "made of your name"),
        ("email", "not an address", "not an e-mail address"),
        ("name", " ", "Enter your name"),
        ("agrees", None, "Read the privacy page"),
    ],
)
def test_bad_input_is_told_at_the_field_and_kept(client, field, value, words):
    data = {**NEW, "email": "zhouzhou@example.org", field: value}
    answer = post(client, "/en/account/register", {key: text for key, text in data.items() if text is not None})
    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error:" in answer.text
    assert data["email"] in answer.text


@pytest.mark.both
def test_wrong_address_and_wrong_password_look_the_same(app, client):
    user = create_person()
    make.create_user("off@example.org", password=user.password, active=False)
    make.create_user("demo@example.org", password=user.password, is_demo=True)
    pages = set()
    for address, password in [
        (user.email, "not the right one"),
        ("nobody@example.org", PASSWORD),
        ("off@example.org", PASSWORD),
        ("off@example.org", "wrong as well"),
    ]:
        answer = log_in(app.test_client(), address, password, lang="en")
        assert answer.status_code == 422
        pages.add("".join(line for line in answer.text.splitlines() if "csrf" not in line).replace(address, ""))
    assert len(pages) == 1
    assert "The address or the password is wrong." in pages.pop()


def test_demonstration_accounts_work_on_the_machine_itself_only(app, client):
    user = create_person("demo@example.org", is_demo=True)
    outside = app.test_client()
    assert log_in(outside, user.email, environ_overrides={"REMOTE_ADDR": "10.1.2.3"}).status_code == 422
    through_proxy = app.test_client()
    assert log_in(through_proxy, user.email, headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 422
    assert log_in(client, user.email).status_code == 302
    assert client.get("/zh/account/settings").status_code == 200
    assert client.get("/zh/account/settings", environ_overrides={"REMOTE_ADDR": "10.1.2.3"}).status_code == 302


def samples(app, address: str, count: int) -> list[float]:
    times = []
    for number in range(count):
        with transaction() as session:
            session.query(LoginAttempt).delete()
        client = app.test_client()
        start = time.perf_counter()
        log_in(client, address, f"wrong password {number}")
        times.append(time.perf_counter() - start)
    return times


def test_the_cost_of_hashing_is_paid_for_unknown_addresses_too(app, monkeypatch):
    """Counted instead of timed: exactly one hash for a known and one for an unknown address."""
    from flask_security import forms, utils

    spent = []
    real_verify, real_hash = utils._pwd_context.verify, utils.hash_password
    monkeypatch.setattr(
        type(utils._pwd_context._get_current_object()),
        "verify",
        lambda self, *a, **k: spent.append("verify") or real_verify(*a, **k),
    )
    monkeypatch.setattr(forms, "hash_password", lambda *a: spent.append("hash") or real_hash(*a))
    user = create_person()
    log_in(app.test_client(), user.email, "wrong")
    log_in(app.test_client(), "nobody@example.org", "wrong")
    assert spent == ["verify", "hash"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Everything sent to the database meanwhile."""
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", ["reset", "confirm", "register"])
def test_the_database_does_the_same_for_every_address(app, client, page):
    """The page writes the same rows whoever is asked for; only the worker knows what to send."""
    user = create_person("known@example.org")
    work = []
    for address in (user.email, "nobody@example.org"):
        browser = app.test_client()
        form = {**NEW, "email": address, "csrf_token": csrf_of(browser, f"/en/account/{page}")}
        with statements() as seen:
            answer = browser.post(f"/en/account/{page}", data=form)
        assert answer.status_code == 302
        work.append([text for text in seen if "SAVEPOINT" not in text])
    assert work[0] == work[1]
    assert len(letters(app, "known@example.org")) == 1
    assert len(letters(app, "nobody@example.org")) == (1 if page == "register" else 0)


@pytest.mark.both
def test_reset_by_letter_once_and_in_the_readers_language(app, client):
    user = create_person("known@example.org", language="en")
    elsewhere = app.test_client()
    make.sign_in(elsewhere, user)
    post(client, "/zh/account/reset", {"email": user.email})
    (letter,) = letters(app, user.email)
    assert letter.subject == "Set a new password"
    assert "/en/account/reset/" in letter.link
    answer = post(client, letter.link, {"password": "another quite long one"})
    assert answer.status_code == 302
    assert elsewhere.get("/zh/account/settings").status_code == 302, "all sessions end"
    assert client.get(letter.link).status_code == 302, "the link works once"
    assert log_in(client, user.email, "another quite long one").status_code == 302
    assert [letter.subject for letter in letters(app, user.email)][-1] == "Your password was reset"


def test_a_reset_link_expires(app, client, monkeypatch):
    import datetime as dt

    user = create_person("known@example.org", language="en")
    post(client, "/en/account/reset", {"email": user.email})
    (letter,) = letters(app, user.email)
    app.config["SECURITY_RESET_PASSWORD_WITHIN"], kept = dt.timedelta(seconds=-1), app.config["SECURITY_RESET_PASSWORD_WITHIN"]
    try:
        answer = client.get(letter.link, follow_redirects=True)
    finally:
        app.config["SECURITY_RESET_PASSWORD_WITHIN"] = kept
    assert "expired" in answer.text


def test_a_changed_link_opens_nothing(app, client):
    user = create_person("known@example.org")
    post(client, "/en/account/reset", {"email": user.email})
    (letter,) = letters(app, user.email)
    broken = letter.link[:-3] + ("aaa" if not letter.link.endswith("aaa") else "bbb")
    assert client.get(broken).status_code == 302
    assert client.get("/en/account/confirm/nonsense").status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example", "javascript:alert(1)"]
)
def test_next_never_leads_away(app, target):
    from urllib.parse import quote

    user = create_person()
    client = app.test_client()
    answer = log_in(client, user.email, query=f"?next={quote(target)}")
    assert answer.status_code == 302
    assert answer.location == "/zh/account/"
    client = app.test_client()
    answer = post(client, "/zh/account/login", {"email": user.email, "password": PASSWORD, "next": target})
    assert answer.location == "/zh/account/"


def test_failed_tries_are_recorded_without_secrets(app, client):
    user = create_person()
    log_in(client, user.email, "hunter2 hunter2")
    log_in(client, "nobody@example.org", "hunter2 hunter2")
    current_session().rollback()
    rows = current_session().scalars(select(AuditEntry).where(AuditEntry.action == "accounts.sign_in_failed")).all()
    assert [(row.object_type, row.object_id, row.data) for row in rows] == [
        ("users", str(user.id), {"what": "password"}),
        ("users", "0", {"what": "password"}),
    ]
    text = "".join(str(row.data) for row in rows) + "".join(
        f"{row.account_key}{row.address_key}" for row in current_session().scalars(select(LoginAttempt))
    )
    assert "hunter2" not in text
    assert "example.org" not in text


def test_mail_in_the_registrants_language(app, client):
    post(client, "/zh/account/register", {**NEW, "language": "en"})
    (letter,) = letters(app, "zhou@example.org")
    assert letter.subject == "Confirm your e-mail address"
    assert "/en/account/confirm/" in letter.link
    assert 'lang="en"' in letter.html


def test_times_do_not_tell_either(app):
    """A rough guard beside the counted one: medians of known and unknown lie close together."""
    user = create_person()
    samples(app, user.email, 3)
    known, unknown = samples(app, user.email, 15), samples(app, "nobody@example.org", 15)
    assert statistics.median(known) < 2 * statistics.median(unknown)
    assert statistics.median(unknown) < 2 * statistics.median(known)
