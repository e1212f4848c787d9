"""Tries are counted in the database before a password is hashed, over all processes, and cannot lock a person out."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from flask_security import utils
from sqlalchemy import func, select

from marketplace.accounts import services
from marketplace.accounts.models import LoginAttempt
from marketplace.accounts.services.attempts import ACCOUNT_WIDE_FACTOR, ADDRESS_WIDE_FACTOR, Caller
from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import Throttled
from tests.factories.entrance import create_person, log_in, post

LIMIT = 5


def from_address(number: int) -> dict[str, dict[str, str]]:
    return {"environ_overrides": {"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250 + 1}"}}


@pytest.mark.both
def test_after_five_failures_nothing_is_hashed_any_more(app, client, monkeypatch):
    user = create_person()
    hashed = []
    context = type(utils._pwd_context._get_current_object())
    real = context.verify
    monkeypatch.setattr(context, "verify", lambda self, *a, **k: hashed.append(1) or real(self, *a, **k))
    answers = [log_in(client, user.email, f"wrong number {n}", lang="en") for n in range(LIMIT + 2)]
    assert [answer.status_code for answer in answers] == [422] * LIMIT + [429] * 2
    assert len(hashed) == LIMIT
    assert int(answers[-1].headers["Retry-After"]) <= 900
    assert "Too many tries" in answers[-1].text
    assert log_in(client, user.email, lang="en").status_code == 429, "the right password does not help now"
    with time_machine.travel(clock.now() + dt.timedelta(minutes=16)):
        assert log_in(client, user.email).status_code == 302


def test_unknown_addresses_are_throttled_alike(app, client):
    answers = [log_in(client, "nobody@example.org", f"wrong number {n}").status_code for n in range(LIMIT + 1)]
    assert answers == [422] * LIMIT + [429]


def test_a_success_does_not_count(app, client):
    user = create_person()
    for _ in range(LIMIT * 2):
        assert log_in(app.test_client(), user.email).status_code == 302
    current_session().rollback()
    assert current_session().scalar(select(func.count()).select_from(LoginAttempt)) == 0


def test_strangers_cannot_lock_the_owner_out(app):
    """Many addresses try one account until it is shut for strangers; the known browser still gets in."""
    user = create_person()
    home = app.test_client()
    assert log_in(home, user.email).status_code == 302
    post(home, "/zh/account/logout", form_at="/zh/account/settings")
    most = LIMIT * ACCOUNT_WIDE_FACTOR
    codes = [
        log_in(app.test_client(), user.email, "wrong again and again", **from_address(n)).status_code for n in range(most + 1)
    ]
    assert codes == [422] * most + [429]
    assert log_in(app.test_client(), user.email, **from_address(999)).status_code == 429, "a new browser must wait"
    assert log_in(home, user.email, **from_address(998)).status_code == 302, "the known browser need not"


def test_a_known_browser_has_its_own_limit(app):
    user = create_person()
    home = app.test_client()
    log_in(home, user.email)
    post(home, "/zh/account/logout", form_at="/zh/account/settings")
    codes = [log_in(home, user.email, "wrong again and again").status_code for _ in range(LIMIT + 1)]
    assert codes == [422] * LIMIT + [429]


def test_the_mark_of_a_browser_is_good_for_its_account_only(app):
    mine, theirs = create_person(), create_person()
    home = app.test_client()
    log_in(home, mine.email)
    post(home, "/zh/account/logout", form_at="/zh/account/settings")
    for n in range(LIMIT * ACCOUNT_WIDE_FACTOR):
        log_in(app.test_client(), theirs.email, "wrong again and again", **from_address(n))
    assert log_in(home, theirs.email).status_code == 429
    home.set_cookie("device", "forged.value")
    assert log_in(home, theirs.email).status_code == 429


def test_one_address_cannot_try_many_accounts(app):
    codes = [
        log_in(app.test_client(), f"person{n}@example.org", "wrong").status_code for n in range(LIMIT * ADDRESS_WIDE_FACTOR + 1)
    ]
    assert codes == [422] * LIMIT * ADDRESS_WIDE_FACTOR + [429]


def _reserve_at_once(app, tries: int, wait) -> int:
    """How many of `tries` simultaneous tries are let through."""
    start = Barrier(tries)

    def one(_number: int) -> bool:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    services.reserve(Caller("account", "address"), limit=LIMIT, now=clock.now())
                    wait()
            except Throttled:
                return False
            return True

    with ThreadPoolExecutor(tries) as pool:
        return sum(pool.map(one, range(tries)))


@pytest.mark.both
def test_no_try_slips_through_between_counting_and_noting(app, database):
    assert _reserve_at_once(app, 12, lambda: None) == LIMIT


def test_without_its_lock_tries_do_slip_through(request):
    """The control: on PostgreSQL without the lock the same rig lets more than five through."""
    app = request.getfixturevalue("postgres_app")
    gate = Barrier(12)
    from marketplace.accounts.services import attempts

    real = attempts._refuse_over

    def slow(*args, **kwargs):
        real(*args, **kwargs)
        if kwargs.get("now") and args[0] == LIMIT * ADDRESS_WIDE_FACTOR:
            gate.wait(timeout=20)

    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        with transaction() as session:
            session.query(LoginAttempt).delete()
        patch.setattr(attempts, "text", lambda _sql: select(1))
        patch.setattr(attempts, "_refuse_over", slow)
        assert _reserve_at_once(app, 12, lambda: None) > LIMIT


def test_another_process_sees_the_same_count(app, client):
    """What a second worker, or the site after a restart, knows: the rows."""
    for n in range(LIMIT):
        log_in(client, "nobody@example.org", f"wrong number {n}")
    current_session().rollback()
    row = current_session().scalars(select(LoginAttempt)).first()
    script = textwrap.dedent(
        f"""
        import config
        from pathlib import Path
        from marketplace.app import create_app
        from marketplace.accounts import services
        from marketplace.core import clock
        from marketplace.core.db import transaction
        from marketplace.core.errors import Throttled
        app = create_app(config.Testing(Path({str(app.config["INSTANCE"])!r})))
        with app.app_context():
            try:
                with transaction():
                    services.reserve(services.Caller({row.account_key!r}, {row.address_key!r}), limit={LIMIT}, now=clock.now())
            except Throttled:
                print("throttled")
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=app.root_path + "/..")
    assert done.stdout.strip().endswith("throttled")


@pytest.mark.parametrize("path", ["register", "reset", "confirm"])
def test_letters_cannot_be_sent_without_end(app, client, path):
    data = {
        "name": "周演示",
        "email": "victim@example.org",
        "password": "tractor seven owl lamp",
        "language": "zh",
        "agrees": "y",
    }
    codes = [post(app.test_client(), f"/zh/account/{path}", data).status_code for _ in range(7)]
    assert codes == [302] * 5 + [429] * 2


def test_old_tries_are_forgotten(app):
    long_ago = clock.now() - dt.timedelta(days=2)
    with transaction():
        for number in range(70):
            services.reserve(Caller(f"account {number}", f"address {number}"), limit=LIMIT, now=long_ago)
        for number in range(64):
            services.reserve(Caller(f"new {number}", f"new {number}"), limit=LIMIT, now=clock.now())
    current_session().rollback()
    query = select(func.count()).select_from(LoginAttempt).where(LoginAttempt.at < clock.now() - dt.timedelta(days=1))
    assert current_session().scalar(query) == 0
