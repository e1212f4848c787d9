"""Members: invited by letter, accepted once, roles, leaving; never without an owner."""

from __future__ import annotations

import datetime as dt

import pytest

from marketplace.accounts import queries, services
from marketplace.accounts.states import OrgRole
from marketplace.core.db import transaction
from marketplace.core.errors import Forbidden, NotFound, RuleError
from tests.factories import accounts as make

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
ADDRESS = "colleague@example.org"


def invite(owner, org, role=OrgRole.EDITOR, email=ADDRESS, now=NOW):
    with transaction():
        return services.invite(org.id, email, role, actor=make.actor_of(owner), now=now)


def accept(token, user, now=NOW):
    with transaction():
        return services.accept(token, actor=make.actor_of(user), now=now)


@pytest.mark.both
def test_an_invitation_is_accepted_once_by_its_address(app):
    owner, org = make.create_member()
    invitation, token = invite(owner, org, email=" Colleague@Example.org ")
    assert invitation.email == ADDRESS
    assert token not in invitation.token_hash
    stranger = make.create_user("other@example.org")
    with pytest.raises(RuleError, match="invitation_for_another"):
        accept(token, stranger)
    colleague = make.create_user(ADDRESS)
    assert accept(token, colleague).role == OrgRole.EDITOR
    assert make.actor_of(colleague).membership(org.id).role == "editor"
    with pytest.raises(RuleError, match="invitation_ended"):
        accept(token, colleague)
    with pytest.raises(RuleError, match="invitation_ended"):
        accept("not a token", colleague)


@pytest.mark.both
def test_expired_and_taken_back_invitations_are_dead(app):
    owner, org = make.create_member()
    colleague = make.create_user(ADDRESS)
    _invitation, token = invite(owner, org)
    with pytest.raises(RuleError, match="invitation_ended"):
        accept(token, colleague, now=NOW + dt.timedelta(days=14))
    invitation, token = invite(owner, org)
    with transaction():
        services.take_back(invitation.id, actor=make.actor_of(owner), now=NOW)
    with pytest.raises(RuleError, match="invitation_ended"):
        accept(token, colleague)
    with transaction(), pytest.raises(NotFound):
        services.take_back(invitation.id, actor=make.actor_of(owner), now=NOW)
    assert make.actor_of(colleague).memberships == ()


def test_a_second_invitation_replaces_the_first(app):
    owner, org = make.create_member()
    _one, first = invite(owner, org)
    _two, second = invite(owner, org, role=OrgRole.VIEWER)
    colleague = make.create_user(ADDRESS)
    with pytest.raises(RuleError, match="invitation_ended"):
        accept(first, colleague)
    assert accept(second, colleague).role == OrgRole.VIEWER
    with pytest.raises(RuleError, match="already_member"):
        invite(owner, org)


def test_only_owners_of_this_organisation_manage_it(app):
    owner, org = make.create_member()
    editor, other_owner = make.create_user(), make.create_member()[0]
    make.add_member(editor, org, "editor")
    invitation, _token = invite(owner, org)
    for who in (editor, other_owner):
        actor = make.actor_of(who)
        for verb in (
            lambda actor=actor: services.invite(org.id, "x@example.org", OrgRole.EDITOR, actor=actor, now=NOW),
            lambda actor=actor: services.change_role(org.id, owner.id, OrgRole.VIEWER, actor=actor, now=NOW),
            lambda actor=actor: services.remove(org.id, owner.id, actor=actor, now=NOW),
            lambda actor=actor: services.take_back(invitation.id, actor=actor, now=NOW),
        ):
            with transaction(), pytest.raises(Forbidden):
                verb()


@pytest.mark.both
def test_the_last_owner_stays(app):
    owner, org = make.create_member()
    editor = make.create_user()
    make.add_member(editor, org, "editor")
    for verb in (
        lambda: services.leave(org.id, actor=make.actor_of(owner), now=NOW),
        lambda: services.change_role(org.id, owner.id, OrgRole.EDITOR, actor=make.actor_of(owner), now=NOW),
        lambda: services.remove(org.id, owner.id, actor=make.actor_of(owner), now=NOW),
    ):
        with transaction(), pytest.raises(RuleError, match="last_owner"):
            verb()
    with transaction():
        services.change_role(org.id, editor.id, OrgRole.OWNER, actor=make.actor_of(owner), now=NOW)
    with transaction():
        services.leave(org.id, actor=make.actor_of(owner), now=NOW)
    assert [member.user_id for member in queries.members(org.id)] == [editor.id]
    assert make.actor_of(owner).memberships == ()


def test_a_role_counts_at_once(app):
    owner, org = make.create_member()
    user = make.create_user()
    make.add_member(user, org, "viewer")
    with transaction():
        services.change_role(org.id, user.id, OrgRole.OWNER, actor=make.actor_of(owner), now=NOW)
    assert make.actor_of(user).membership(org.id).role == "owner"
    with transaction():
        services.remove(org.id, user.id, actor=make.actor_of(owner), now=NOW)
    assert make.actor_of(user).membership(org.id) is None


def test_someone_who_is_a_member_already_is_not_doubled(app):
    owner, org = make.create_member()
    _invitation, token = invite(owner, org, role=OrgRole.OWNER)
    user = make.create_user(ADDRESS)
    make.add_member(user, org, "viewer")
    assert accept(token, user).role == OrgRole.VIEWER, "an old invitation does not raise a role given later"
    assert len(queries.members(org.id)) == 2


def test_the_list_of_members_costs_the_same_for_few_and_many(app, client):
    from sqlalchemy import event

    from marketplace.core.db import db

    owner, org = make.create_member()
    make.sign_in(client, owner)
    counts = []
    for more in (1, 12):
        for _ in range(more):
            make.add_member(make.create_user(), org)
        client.get(f"/zh/organisations/{org.id}/members")
        seen = []

        def note(_conn, _cursor, statement, *_rest, seen=seen):
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get(f"/zh/organisations/{org.id}/members").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]
