"""Another e-mail address: only with the password, only when the new box answers, and the old box can take it back."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select

from marketplace.accounts import handlers, services
from marketplace.accounts.models import AddressChange, Passkey, User
from marketplace.accounts.rules import OLD_ADDRESS_KEPT
from marketplace.accounts.services import addresses
from marketplace.core import clock
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import MarketError
from tests.factories import accounts as make
from tests.factories.entrance import PASSWORD, create_person, csrf_of, letters, log_in, post

FORM = "/en/account/change-email"
SETTINGS = "/en/account/settings"
OLD, NEW = "old.box@example.org", "new.box@example.org"


def ask(client, new=NEW, password=PASSWORD, **options):
    return post(client, FORM, {"email": new, "password": password}, **options)


def email_of(user: User) -> str:
    current_session().rollback()
    return make.again(user).email


def confirm(client, link):
    return post(client, link)


@pytest.fixture
def person(app, client):
    user = create_person(OLD, name="换邮箱的人", language="en")
    log_in(client, OLD)
    return user


def link_to(app, box, subject):
    found = [letter for letter in letters(app, box) if letter.subject == subject]
    assert found, [letter.subject for letter in letters(app, box)]
    return found[-1].link


def confirm_link(app, box=NEW):
    return link_to(app, box, "Confirm your new e-mail address")


def take_back_link(app, box=OLD):
    return link_to(app, box, "Your e-mail address is to be changed")


def actions() -> list[str]:
    return list(current_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.both
def test_the_whole_way(app, client, person):
    elsewhere = app.test_client()
    make.sign_in(elsewhere, person)
    answer = ask(client)
    assert answer.status_code == 302
    page = client.get(SETTINGS).text
    assert "Open the link in our letter to new.box@example.org" in page
    assert email_of(person) == OLD, "nothing changes before the new box answers"
    link = confirm_link(app)
    assert link.startswith("/en/"), "letters lead to the person's language"
    assert client.get(link).status_code == 200
    assert email_of(person) == OLD, "opening the link changes nothing"
    assert confirm(client, link).status_code == 302
    assert email_of(person) == NEW
    page = client.get(SETTINGS)
    assert page.status_code == 200, "this session stays"
    assert NEW in page.text
    assert "waits to be confirmed" not in page.text
    assert elsewhere.get(SETTINGS).status_code == 302, "the other sessions ended"
    assert [letter.subject for letter in letters(app, OLD)][-1] == "Your e-mail address was changed"
    assert log_in(app.test_client(), OLD).status_code == 422
    assert log_in(app.test_client(), NEW).status_code == 302
    assert {"accounts.ask_for_address", "accounts.change_address"} <= set(actions())
    assert confirm_again(client, link) == 400


def confirm_again(client, link) -> int:
    token = csrf_of(client, SETTINGS)
    return client.post(link, data={"csrf_token": token}).status_code


def test_it_needs_the_password_and_counts_wrong_ones(app, client, person):
    answers = [ask(client, password=f"wrong {n} password").status_code for n in range(6)]
    assert answers == [422] * 5 + [429]
    assert current_session().scalar(select(AddressChange)) is None
    assert letters(app, NEW) == []


@pytest.mark.parametrize("new", ["no address", "", OLD, "Old.Box@Example.org"])
def test_what_is_no_other_address_is_refused_at_the_field(client, person, new):
    assert ask(client, new).status_code == 422


def test_strangers_are_sent_to_sign_in(client):
    for path in (FORM, f"{FORM}/anything"):
        assert "/account/login" in client.get(path).location


@pytest.mark.both
def test_a_taken_address_is_answered_alike_and_its_owner_is_told(app, client, person):
    """Enumeration: page, status, settings, letters to the old box; only the owner of the taken box learns it."""
    other = create_person("taken@example.org", name="另一人", language="en")
    said = []
    for new in ("free@example.org", "taken@example.org"):
        answer = ask(client, new)
        # The minute on the page may pass between the two.
        seen = re.sub(r'name="csrf_token"[^>]*>|nonce-\S+|\d{1,2}:\d\d', "", client.get(SETTINGS).text)
        to_old = [re.sub(r"/take-back-address/\S+|\d{1,2}:\d\d", "", letter.text) for letter in letters(app, OLD)][-1]
        said.append((answer.status_code, answer.location, seen.replace(new, "NEW"), to_old.replace(new[0] + "***", "*")))
    assert said[0] == said[1]
    assert [letter.subject for letter in letters(app, "free@example.org")] == ["Confirm your new e-mail address"]
    assert [letter.subject for letter in letters(app, "taken@example.org")] == ["Somebody wanted to use your e-mail address"]
    assert OLD not in letters(app, "taken@example.org")[0].text
    assert email_of(other) == "taken@example.org"


def test_an_address_that_was_taken_meanwhile_stays_with_its_owner(app, client, person):
    ask(client)
    link = confirm_link(app)
    create_person(NEW)
    answer = confirm(client, link)
    assert answer.status_code == 409
    assert email_of(person) == OLD


def test_a_link_in_a_strangers_hands_gives_nothing_away(app, client, person):
    """A typing error sends the link to somebody else: without the account's own browser it changes nothing."""
    ask(client)
    link = confirm_link(app)
    stranger = app.test_client()
    assert "/account/login" in stranger.get(link).location
    make.sign_in(stranger, create_person("stranger@example.org"))
    page = stranger.get(link)
    assert page.status_code == 400
    assert OLD not in page.text
    assert NEW not in page.text
    assert confirm_again(stranger, link) == 400
    assert email_of(person) == OLD


def test_the_link_expires_and_a_newer_wish_ends_the_older(app, client, person):
    ask(client)
    first = confirm_link(app)
    ask(client, "third@example.org")
    assert client.get(first).status_code == 400
    second = confirm_link(app, "third@example.org")
    now = clock.now()
    with time_machine.travel(now + dt.timedelta(minutes=119), tick=False):
        assert client.get(second).status_code == 200
    with time_machine.travel(now + dt.timedelta(minutes=121), tick=False):
        make.sign_in(client, person)
        assert client.get(second).status_code == 400
        assert confirm_again(client, second) == 400
    assert email_of(person) == OLD


def test_a_changed_link_or_one_for_something_else_opens_nothing(app, client, person):
    ask(client)
    link, back = confirm_link(app), take_back_link(app)
    token, other = link.rsplit("/", 1)[1], back.rsplit("/", 1)[1]
    assert client.get(link[:-2]).status_code == 400
    assert client.get(link.replace(token, other)).status_code == 400
    assert client.get(back.replace(other, token)).status_code == 400


def test_one_can_think_better_of_it(app, client, person):
    ask(client)
    link = confirm_link(app)
    assert post(client, "/en/account/new-address/give-up", form_at=SETTINGS).status_code == 302
    assert client.get(link).status_code == 400
    assert "waits to be confirmed" not in client.get(SETTINGS).text


def test_letters_asked_for_are_counted(app, client, person):
    answers = [ask(client, f"box{n}@example.org").status_code for n in range(6)]
    assert answers == [302] * 5 + [429]


@pytest.mark.both
def test_the_old_box_takes_the_account_back(app, client, person):
    """Somebody with the password moved the account, twice, and added a passkey: one click ends all of it."""
    ask(client)
    back = take_back_link(app)
    confirm(client, confirm_link(app))
    ask(client, "further@example.org")
    confirm(client, confirm_link(app, "further@example.org"))
    assert email_of(person) == "further@example.org"
    _add_passkey(person)
    owner = app.test_client()
    assert owner.get(back).status_code == 200
    assert email_of(person) == "further@example.org", "opening the link changes nothing"
    assert post(owner, back).status_code == 302
    assert email_of(person) == OLD
    assert client.get(SETTINGS).status_code == 302, "the thief is out"
    assert current_session().scalar(select(Passkey).where(Passkey.user_id == person.id)) is None
    assert log_in(app.test_client(), OLD).status_code == 422, "the stolen password opens nothing"
    link = link_to(app, OLD, "Set a new password")
    assert post(owner, link, {"password": "an owl lives in my lamp"}).status_code == 302
    assert log_in(app.test_client(), OLD, "an owl lives in my lamp").status_code == 302
    later = take_back_link(app, NEW)
    assert owner.get(later).status_code == 400, "the box in between has no say"
    assert owner.get(back).status_code == 400, "once"
    assert "accounts.take_back_address" in actions()


def _add_passkey(person) -> None:
    with transaction() as session:
        session.add(
            Passkey(
                user_id=person.id, credential_id=b"c", public_key=b"k", sign_count=0, backup_state=False, device_type="x",
                create_datetime=clock.now(), lastuse_datetime=clock.now(), name="thief", usage="first",
            )
        )  # fmt: skip


def test_a_wish_is_stopped_before_it_is_confirmed(app, client, person):
    ask(client)
    link = confirm_link(app)
    post(app.test_client(), take_back_link(app))
    make.sign_in(client, make.again(person))
    assert client.get(link).status_code == 400
    assert email_of(person) == OLD


def test_the_old_address_is_kept_for_a_week(app, client, person):
    """Nobody registers it meanwhile, which would keep its owner from taking it back; afterwards it is free."""
    ask(client)
    back = take_back_link(app)
    confirm(client, confirm_link(app))
    now = clock.now()
    new = {"name": "x", "language": "zh", "password_hash": "x"}
    with transaction():
        services.register(email=OLD, now=now, **new)
    assert current_session().scalar(select(User).where(User.email == OLD)) is None
    ask(client, OLD)
    confirm(client, confirm_link(app, OLD))
    assert email_of(person) == OLD, "its own person may go back to it"
    with transaction():
        services.register(email=NEW, now=now + OLD_ADDRESS_KEPT + dt.timedelta(minutes=1), **new)
    assert current_session().scalar(select(User).where(User.email == NEW)) is not None
    with time_machine.travel(now + OLD_ADDRESS_KEPT + dt.timedelta(minutes=1), tick=False):
        assert app.test_client().get(back).status_code == 400


def test_links_to_the_old_box_die_with_the_change(app, client, person):
    with transaction():
        services.ask_for_letter("reset", OLD, language="en", now=clock.now())
    reset = link_to(app, OLD, "Set a new password")
    assert client.application.test_client().get(reset).status_code == 200, "the control"
    ask(client)
    confirm(client, confirm_link(app))
    assert app.test_client().get(reset).status_code == 302


@pytest.mark.both
def test_addresses_are_forgotten_when_they_open_nothing_any_more(app, client, person):
    ask(client)
    confirm(client, confirm_link(app))
    ask(client, "never@example.org")
    now = clock.now()
    handlers.tick(now + OLD_ADDRESS_KEPT - dt.timedelta(hours=1))
    assert len(current_session().scalars(select(AddressChange)).all()) == 2
    handlers.tick(now + OLD_ADDRESS_KEPT)
    assert current_session().scalars(select(AddressChange)).all() == []


def test_closing_the_account_forgets_them_at_once(app, client, person):
    ask(client)
    with transaction():
        services.close_account(actor=make.actor_of(person), now=clock.now())
    assert current_session().scalars(select(AddressChange)).all() == []


def test_letters_are_written_once(app, client, person):
    ask(client)
    change = current_session().scalars(select(AddressChange)).one()
    before = len(letters(app, NEW))
    handlers.write_address_letters([{"change_id": change.id}])
    assert len(letters(app, NEW)) == before == 1


@pytest.mark.both
@pytest.mark.parametrize("looks_first", [True, False])
def test_two_people_cannot_move_to_one_address(app, monkeypatch, looks_first):
    """Both confirm at the same moment. The database has the last word also when the look beforehand is off."""
    people = [create_person() for _ in range(2)]
    with transaction():
        keys = [
            services.ask_for_address(NEW, actor=make.actor_of(user), within=dt.timedelta(hours=2), now=clock.now()).key
            for user in people
        ]
    actors = [make.actor_of(user) for user in people]
    current_session().rollback()
    if not looks_first:
        monkeypatch.setattr(addresses.queries, "is_registered", lambda *_a, **_k: False)
    start = Barrier(2)

    def one(number: int) -> str:
        with app.app_context():
            start.wait(timeout=20)
            try:
                with transaction():
                    services.confirm_address(keys[number], keep_token_hash="", actor=actors[number], now=clock.now())
            except MarketError as error:
                return error.code
            return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["address_taken", "done"]
    current_session().rollback()
    assert len(current_session().scalars(select(User).where(User.email == NEW)).all()) == 1
