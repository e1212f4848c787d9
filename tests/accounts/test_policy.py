"""Who may see and do what with organisations: the object check, the SQL and the search filter agree in every state."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.accounts import policy
from marketplace.accounts.models import Organisation
from marketplace.accounts.states import ORGANISATION, OrgRole, OrgState
from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import ANONYMOUS, SYSTEM, Actor
from tests.factories import accounts as make


def everybody(orgs: dict[str, Organisation]) -> dict[str, Actor]:
    """A visitor, an outsider, an administrator, and a member of each organisation in each role."""
    found = {"visitor": ANONYMOUS, "system": SYSTEM, "outsider": make.actor_of(make.create_user())}
    found["administrator"] = make.actor_of(make.create_admin())
    found["role without second factor"] = make.actor_of(make.create_user(roles=("admin",), has_second_factor=False))
    for state, org in orgs.items():
        for role in OrgRole:
            user = make.create_user()
            make.add_member(user, org, role)
            found[f"{role} of {state}"] = make.actor_of(user)
    return found


def one_in_each_state() -> dict[str, Organisation]:
    orgs = {
        "format_ok": make.create_organisation(verified=False),
        "document_seen": make.create_organisation(verified=False),
        "verified": make.create_organisation(),
    }
    with transaction() as session:
        ORGANISATION.move(session.get(Organisation, orgs["document_seen"].id), "hand_in_document", actor=SYSTEM, at=clock.now())
    return {state: make.again(org) for state, org in orgs.items()}


def _filter_matches(condition: dict, org: Organisation) -> bool:
    if "all" in condition:
        return all(_filter_matches(part, org) for part in condition["all"])
    if "any" in condition:
        return any(_filter_matches(part, org) for part in condition["any"])
    return getattr(org, condition["field"]) in condition["in"]


@pytest.mark.both
def test_three_ways_of_asking_agree_for_every_role_and_state(app):
    orgs = one_in_each_state()
    assert {str(org.state) for org in orgs.values()} == {state.value for state in OrgState}
    for who, actor in everybody(orgs).items():
        rule = policy.visible_to(actor)
        by_sql = set(current_session().scalars(select(Organisation.id).where(rule.sql(Organisation))))
        by_check = {org.id for org in orgs.values() if rule.matches(org)}
        by_filter = {org.id for org in orgs.values() if _filter_matches(rule.search_filter(), org)}
        assert by_sql == by_check == by_filter, who
        assert by_check == {org.id for org in orgs.values() if policy.can_see_organisation(actor, org)}, who


def test_who_sees_what(app):
    orgs = one_in_each_state()
    actors = everybody(orgs)
    seen = {
        who: {state for state, org in orgs.items() if policy.can_see_organisation(actor, org)} for who, actor in actors.items()
    }
    assert seen["visitor"] == seen["outsider"] == seen["role without second factor"] == {"verified"}
    assert seen["administrator"] == seen["system"] == set(orgs)
    assert seen["viewer of format_ok"] == {"format_ok", "verified"}
    hidden = policy.can_see_organisation(ANONYMOUS, orgs["format_ok"])
    assert hidden.is_hidden, "nobody learns that it was registered"


def test_only_owners_manage_and_only_other_administrators_decide(app):
    orgs = one_in_each_state()
    org = orgs["verified"]
    actors = everybody(orgs)
    for rule in (policy.can_change_organisation, policy.can_hand_in_document, policy.can_manage_members):
        allowed = {who for who, actor in actors.items() if rule(actor, org)}
        assert allowed == {"owner of verified"}, rule.__name__
    members = {who for who, actor in actors.items() if policy.can_see_members(actor, org)}
    assert members == {"administrator", "owner of verified", "editor of verified", "viewer of verified"}
    deciders = {who for who, actor in actors.items() if policy.can_decide_on_organisation(actor, org)}
    assert deciders == {"administrator", "system"}
    admin = make.create_admin()
    make.add_member(admin, org, "viewer")
    assert policy.can_decide_on_organisation(make.actor_of(admin), org).reason == "own_organisation"
    assert policy.steps_open_to(make.actor_of(admin), org) == []
    assert policy.steps_open_to(actors["administrator"], orgs["document_seen"]) == ["verify", "send_back"]
    assert policy.steps_open_to(actors["administrator"], org) == ["suspend"]


def test_nobody_manages_their_own_account(app):
    admin = make.create_admin()
    assert policy.can_manage_person(make.actor_of(admin), admin).reason == "not_upon_yourself"
    assert policy.can_manage_person(make.actor_of(make.create_admin()), admin)
    assert policy.can_manage_person(make.actor_of(make.create_user()), admin).reason == "administrators_only"
    assert policy.can_administer(ANONYMOUS).reason == "sign_in"
