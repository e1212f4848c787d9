"""Accounts: settings, closing, what administrators decide; and the commands."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from marketplace.accounts import queries, services
from marketplace.accounts.models import Member, User, UserSession
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import Forbidden, NotFound, RuleError
from tests.factories import accounts as make

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


@pytest.mark.both
def test_closing_erases_who_it_was(app, client):
    _owner, org = make.create_member()
    user = make.create_user("gone@example.org", name="要走的人", has_second_factor=True)
    make.add_member(user, org)
    make.sign_in(client, user)
    with transaction():
        services.close_account(actor=make.actor_of(user), now=NOW)
    row = make.again(user)
    assert (row.name, row.password, row.active, row.tf_totp_secret, row.closed_at) == ("", None, False, None, NOW)
    assert "gone" not in row.email
    assert current_session().scalars(select(Member).where(Member.user_id == user.id)).all() == []
    assert all(
        session.ended_at for session in current_session().scalars(select(UserSession).execution_options(populate_existing=True))
    )
    assert client.get("/zh/account/settings").status_code == 302
    assert queries.person_by_email("gone@example.org") is None
    with transaction():
        services.register(email="gone@example.org", name="新人", language="zh", password_hash="x", now=NOW)
    assert queries.person_by_email("gone@example.org").id != user.id
    admin = make.actor_of(make.create_admin())
    with transaction(), pytest.raises(NotFound):
        services.enable(user.id, actor=admin, now=NOW)


def test_an_only_owner_hands_over_before_closing(app):
    owner, org = make.create_member(verified=False)
    editor = make.create_user()
    make.add_member(editor, org)
    with transaction(), pytest.raises(RuleError, match="last_owner_closes"):
        services.close_account(actor=make.actor_of(owner), now=NOW)
    with transaction():
        services.remove(org.id, editor.id, actor=make.actor_of(owner), now=NOW)
    with transaction():
        services.close_account(actor=make.actor_of(owner), now=NOW)
    assert all(check() == [] for check in queries.INVARIANTS.values())


@pytest.mark.both
def test_the_last_administrator_stays(app):
    admin, other = make.create_admin(), make.create_user()
    with transaction(), pytest.raises(RuleError, match="last_administrator"):
        services.close_account(actor=make.actor_of(admin), now=NOW)
    with transaction():
        services.grant(other.id, "admin", actor=make.actor_of(admin), now=NOW)
    assert not make.actor_of(other).is_admin, "not before a second factor is set up"
    second = make.create_admin()
    with transaction():
        services.withdraw_role(admin.id, "admin", actor=make.actor_of(second), now=NOW)
    assert not make.actor_of(admin).is_admin


def test_administrators_decide_about_others_only(app):
    admin, user = make.create_admin(), make.create_user()
    for verb in (services.disable, services.enable):
        with transaction(), pytest.raises(Forbidden, match="not_upon_yourself"):
            verb(admin.id, actor=make.actor_of(admin), now=NOW)
        with transaction(), pytest.raises(Forbidden, match="administrators_only"):
            verb(admin.id, actor=make.actor_of(user), now=NOW)


def test_a_demonstration_administrator_needs_no_second_factor(app):
    demo = make.create_user(roles=("admin",), has_second_factor=False, is_demo=True)
    assert make.actor_of(demo).is_admin


def test_create_admin_asks_for_a_good_password(app):
    run = app.test_cli_runner().invoke
    refused = run(args=["accounts", "create-admin", "chief@example.org"], input="password1\npassword1\n")
    assert refused.exit_code == 1
    assert "Error" in refused.output
    made = run(args=["accounts", "create-admin", "Chief@Example.org"], input="tractor seven owl lamp\ntractor seven owl lamp\n")
    assert made.exit_code == 0, made.output
    user = queries.person_by_email("chief@example.org")
    assert [role.name for role in user.roles] == ["admin"]
    assert user.confirmed_at is not None
    assert not make.actor_of(user).is_admin, "not before a second factor is set up"
    again = run(args=["accounts", "create-admin", "chief@example.org"], input="tractor seven owl lamp\ntractor seven owl lamp\n")
    assert again.exit_code == 1
    assert run(args=["accounts", "create-admin", "nonsense"], input="x\nx\n").exit_code == 1


def test_grant_by_command(app):
    user = make.create_user("expert@example.org")
    run = app.test_cli_runner().invoke
    assert run(args=["accounts", "grant", "expert@example.org", "expert"]).exit_code == 0
    assert [role.name for role in make.again(user).roles] == ["expert"]
    assert run(args=["accounts", "grant", "nobody@example.org", "expert"]).exit_code == 1
    assert run(args=["accounts", "grant", "expert@example.org", "emperor"]).exit_code == 2
    current_session().rollback()
    row = current_session().scalars(select(AuditEntry).where(AuditEntry.action == "accounts.grant")).one()
    assert (row.actor_id, row.data) == (None, {"role": "expert"})
    assert isinstance(current_session().get(User, user.id), User)
