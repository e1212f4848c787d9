"""Two people at once: shown with the defence off, prevented with it on, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Connection, event, func, select
from sqlalchemy.engine import Engine

from marketplace.accounts import queries, services
from marketplace.accounts.models import Member, Organisation, User
from marketplace.accounts.services import OrganisationFacts
from marketplace.accounts.services import people as people_services
from marketplace.accounts.states import OrgKind, OrgRole
from marketplace.core import clock
from marketplace.core import db as core_db
from marketplace.core.db import current_session, db, transaction
from marketplace.core.errors import MarketError
from marketplace.core.types import Bilingual
from tests.factories import accounts as make


def at_once(app, *verbs: Callable[[], object]) -> list[str]:
    """Run the verbs in transactions of their own at the same moment; what each came to: "done" or the error's code."""
    start = Barrier(len(verbs))

    def one(verb: Callable[[], object]) -> str:
        with app.app_context():
            start.wait(timeout=20)
            try:
                with transaction():
                    verb()
            except MarketError as error:
                return error.code
            return "done"

    with ThreadPoolExecutor(len(verbs)) as pool:
        return sorted(pool.map(one, verbs))


@contextmanager
def without_the_lock(monkeypatch: pytest.MonkeyPatch, name: str, unlocked: Callable) -> Iterator[None]:
    """Take the row lock away and let SQLite's transactions begin nothing; both sides meet after reading, before writing."""

    def begin_nothing(_connection: Connection) -> None:
        return None

    meet = Barrier(2)

    def read_then_wait(*args):
        found = unlocked(*args)
        with suppress(BrokenBarrierError):
            meet.wait(timeout=5)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(queries, name, read_then_wait)
        current_session().rollback()  # give the connection back, or it would live on beside the new ones
        event.remove(Engine, "begin", core_db._begin)
        event.listen(Engine, "begin", begin_nothing)
        db.engine.dispose()
        try:
            yield
        finally:
            current_session().rollback()
            event.remove(Engine, "begin", begin_nothing)
            event.listen(Engine, "begin", core_db._begin)
            db.engine.dispose()


def owners_of(org: Organisation) -> int:
    current_session().rollback()
    return current_session().scalar(select(func.count()).where(Member.org_id == org.id, Member.role == OrgRole.OWNER))


def two_owners() -> tuple[Organisation, list[Callable[[], object]]]:
    first, org = make.create_member()
    second = make.create_user()
    make.add_member(second, org, "owner")
    actors, org_id = [make.actor_of(user) for user in (first, second)], org.id
    return org, [lambda actor=actor: services.leave(org_id, actor=actor, now=clock.now()) for actor in actors]


@pytest.mark.both
def test_two_owners_leaving_at_once_leave_an_orphan_without_the_lock(app, monkeypatch):
    org, leaving = two_owners()
    real = queries.other_owners
    with without_the_lock(monkeypatch, "other_owners", real):
        monkeypatch.setattr(queries, "organisation_for_update", queries.organisation)
        assert at_once(app, *leaving) == ["done", "done"]
    assert owners_of(org) == 0, "the rig must be able to catch it"


@pytest.mark.both
def test_two_owners_leaving_at_once_never_leave_an_orphan(app):
    for _ in range(3):
        org, leaving = two_owners()
        assert at_once(app, *leaving) == ["done", "last_owner"]
        assert owners_of(org) == 1


@pytest.mark.both
def test_one_leaves_while_the_other_is_made_an_editor(app):
    first, org = make.create_member()
    second = make.create_user()
    make.add_member(second, org, "owner")
    one, two, org_id = make.actor_of(first), make.actor_of(second), org.id
    outcome = at_once(
        app,
        lambda: services.leave(org_id, actor=one, now=clock.now()),
        lambda: services.change_role(org_id, two.user_id, OrgRole.EDITOR, actor=two, now=clock.now()),
    )
    assert outcome == ["done", "last_owner"]
    assert owners_of(org) == 1


def active_admins() -> int:
    current_session().rollback()
    return len(current_session().scalars(select(User).where(User.active, User.roles.any(name="admin"))).all())


def two_admins_disable_each_other() -> list[Callable[[], object]]:
    one, two = make.create_admin(), make.create_admin()
    first, second = make.actor_of(one), make.actor_of(two)
    return [
        lambda: services.disable(second.user_id, actor=first, now=clock.now()),
        lambda: services.disable(first.user_id, actor=second, now=clock.now()),
    ]


@pytest.mark.both
def test_the_last_administrator_is_not_removed_twice(app):
    assert at_once(app, *two_admins_disable_each_other()) == ["done", "last_administrator"]
    assert active_admins() == 1


@pytest.mark.both
def test_without_the_lock_no_administrator_remains(app, monkeypatch):
    verbs = two_admins_disable_each_other()
    with without_the_lock(monkeypatch, "administrators_for_update", queries.administrators):
        monkeypatch.setattr(queries, "person_for_update", queries.person)
        assert at_once(app, *verbs) == ["done", "done"]
    assert active_admins() == 0
    assert people_services.queries is queries


@pytest.mark.both
def test_one_organisation_for_one_code(app):
    facts = OrganisationFacts("", "370100", Bilingual(), Bilingual(), "", 3)
    actors = [make.actor_of(make.create_user()) for _ in range(4)]
    verbs = [
        lambda actor=actor: services.register_organisation(
            facts, kind=OrgKind.ENTERPRISE, name_zh="演示", uscc=make.make_uscc(31337), actor=actor, now=clock.now()
        )
        for actor in actors
    ]
    assert at_once(app, *verbs) == ["done", "uscc_taken", "uscc_taken", "uscc_taken"]


@pytest.mark.both
def test_one_account_for_one_address(app):
    verbs = [
        lambda name=name: services.register(email="new@example.org", name=name, language="zh", password_hash="x", now=clock.now())
        for name in "abcd"
    ]
    assert at_once(app, *verbs) == ["done"] * 4
    current_session().rollback()
    assert current_session().scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.both
def test_an_invitation_opened_in_two_windows_is_accepted_once(app):
    owner, org = make.create_member()
    with transaction():
        _invitation, token = services.invite(org.id, "c@example.org", OrgRole.EDITOR, actor=make.actor_of(owner), now=clock.now())
    actor = make.actor_of(make.create_user("c@example.org"))
    verbs = [lambda: services.accept(token, actor=actor, now=clock.now())] * 3
    assert at_once(app, *verbs) == ["done", "invitation_ended", "invitation_ended"]
    current_session().rollback()
    assert len(queries.members(org.id)) == 2
