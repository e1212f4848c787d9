"""One rule of visibility, three ways of asking; and who may do what."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import ANONYMOUS, SYSTEM, Actor, Membership
from marketplace.listings import policy, search_docs, services
from marketplace.listings.models import Listing
from marketplace.listings.states import ON_SHOW, Audience, ListingKind, ListingState
from marketplace.taxonomy import queries as taxonomy
from tests.factories import listings

ORG, OTHER = 1, 999


def member(org_id, role="editor", *, verified=True, admin=False, kind="enterprise"):
    roles = frozenset({"admin"}) if admin else frozenset()
    return Actor(user_id=5, site_roles=roles, memberships=(Membership(org_id, kind, role, is_verified=verified),))


ACTORS = {
    "anonymous": ANONYMOUS,
    "signed in": Actor(user_id=5),
    "unverified": member(OTHER, verified=False),
    "verified": member(OTHER),
    "viewer": member(ORG, "viewer"),
    "editor": member(ORG),
    "owner": member(ORG, "owner"),
    "own unverified": member(ORG, "owner", verified=False),
    "admin": Actor(user_id=6, site_roles=frozenset({"admin"})),
}
OUTSIDE = {"anonymous": {"public"}, "signed in": {"public"}, "unverified": {"public"}, "verified": {"public", "verified"}}
COMBINATIONS = [(state, audience) for state in ListingState for audience in Audience]


def expected(who, state, audience):
    if who in OUTSIDE:
        return state in ON_SHOW and audience in OUTSIDE[who]
    if who == "admin":
        return state != ListingState.DRAFT
    return True


def search_matches(condition, document):
    """A search filter evaluated on a document as an engine would."""
    if "in" in condition:
        return getattr(document, condition["field"]) in condition["in"]
    parts = [search_matches(part, document) for part in condition.get("all", condition.get("any"))]
    return all(parts) if "all" in condition else any(parts)


@pytest.mark.both
def test_object_check_sql_and_search_agree(app):
    first = listings.create_achievement()
    actor = listings.owner_of(first.organisation)
    made = {}
    with transaction() as session:
        for state, audience in COMBINATIONS:
            row = services.start(ListingKind.ACHIEVEMENT, first.org_id, actor=actor, now=clock.now())
            row.published_at = row.confirmed_at = clock.now()
            row.faded_at = clock.now() if state == ListingState.FADING else None
            row.state, row.audience = state, audience
            session.flush()
            made[row.id] = (state, audience)
    assert first.org_id == ORG
    rows = {i: listings.reload(i) for i in made}
    documents = {i: search_docs.document(rows[i], taxonomy.current()) for i, (state, _) in made.items() if state in ON_SHOW}
    for who, asking in ACTORS.items():
        condition = policy.visible_to(asking)
        by_sql = set(current_session().scalars(select(Listing.id).where(condition.sql(Listing), Listing.id.in_(made))))
        for i, (state, audience) in made.items():
            wanted = expected(who, state, audience)
            assert condition.matches(rows[i]) is wanted, (who, state, audience)
            assert (i in by_sql) is wanted, (who, state, audience)
            assert bool(policy.can_see(asking, rows[i])) is wanted
        scope = policy.search_scope(asking).search_filter()
        for i, document in documents.items():
            assert search_matches(scope, document) is expected(who, *made[i]), (who, made[i])


def test_the_system_sees_everything():
    assert all(policy.visible_to(SYSTEM).matches(thing(state)) for state in ListingState)


def thing(state=ListingState.PUBLISHED, audience=Audience.PUBLIC, kind=ListingKind.ACHIEVEMENT, *, anonymous=False):
    return SimpleNamespace(org_id=ORG, state=state, audience=audience, kind=kind, is_anonymous=anonymous)


DRAFT, SUBMITTED = ListingState.DRAFT, ListingState.SUBMITTED
RULES = {
    policy.can_open: {"viewer", "editor", "owner", "own unverified"},
    policy.can_edit: {"editor", "owner", "own unverified"},
    policy.can_submit: {"editor", "owner", "own unverified"},
    policy.can_publish: {"owner"},
    policy.can_send_back: {"owner", "own unverified"},
    policy.can_confirm: {"editor", "owner", "own unverified"},
    policy.can_withdraw: {"owner", "own unverified"},
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("who", ACTORS)
def test_who_may_do_what(rule, who):
    assert bool(rule(ACTORS[who], thing(DRAFT))) is (who in RULES[rule])


def test_an_administrator_withdraws_what_is_on_show_and_knows_no_draft():
    assert policy.can_withdraw(ACTORS["admin"], thing())
    assert policy.can_withdraw(ACTORS["admin"], thing(DRAFT)).is_hidden


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_strangers_do_not_learn_of_a_draft(rule):
    for who in ("anonymous", "signed in", "unverified", "verified", "admin"):
        assert rule(ACTORS[who], thing(DRAFT)).is_hidden


def test_refusals_give_their_reason():
    assert policy.can_publish(ACTORS["own unverified"], thing(DRAFT)).reason == "verified_only"
    assert policy.can_publish(ACTORS["editor"], thing(DRAFT)).reason == "owners_only"
    assert policy.can_edit(ACTORS["viewer"], thing(DRAFT)).reason == "editors_only"
    assert policy.can_edit(ACTORS["verified"], thing()).reason == "editors_only"


def test_only_owners_write_while_it_is_in_review():
    assert policy.can_edit(ACTORS["editor"], thing(SUBMITTED)).reason == "in_review"
    assert policy.can_edit(ACTORS["owner"], thing(SUBMITTED))


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("university", True),
        ("enterprise", True),
        ("facility", True),
        ("broker", True),
        ("city_office", False),
        ("provincial_office", False),
    ],
)
def test_offices_list_nothing_of_their_own(kind, may):
    assert bool(policy.can_start(member(ORG, kind=kind))) is may


def test_viewers_and_strangers_begin_nothing():
    assert not policy.can_start(member(ORG, "viewer"))
    assert not policy.can_start(ANONYMOUS)
    assert not policy.can_start_for(member(ORG), OTHER)


FIELDS = {
    # who: verified_detail, verified_files, people, identity of an anonymous need
    "anonymous": (False, False, False, False),
    "signed in": (False, False, False, False),
    "unverified": (False, False, False, False),
    "verified": (True, True, True, False),
    "viewer": (True, True, True, True),
    "own unverified": (True, True, True, True),
    "admin": (True, True, True, True),
}


@pytest.mark.parametrize("who", FIELDS)
def test_parts_of_a_visible_listing(who):
    shown = policy.fields_shown(ACTORS[who], thing(kind=ListingKind.NEED, anonymous=True))
    found = dataclasses.asdict(shown)
    assert tuple(found[name] for name in ("verified_detail", "verified_files", "people", "identity")) == FIELDS[who]


def test_a_named_need_and_an_achievement_show_who_it_is():
    assert policy.fields_shown(ANONYMOUS, thing(kind=ListingKind.NEED)).identity
    assert policy.fields_shown(ANONYMOUS, thing()).identity


@pytest.mark.parametrize(
    ("who", "tier", "is_shown", "answer"),
    [
        ("anonymous", "public", True, "yes"),
        ("anonymous", "verified", True, "no"),
        ("unverified", "verified", True, "no"),
        ("verified", "verified", True, "yes"),
        ("verified", "public", False, "hidden"),
        ("viewer", "verified", False, "yes"),
    ],
)
def test_downloads(who, tier, is_shown, answer):
    attachment = SimpleNamespace(tier=Audience(tier), is_shown=is_shown)
    decision = policy.can_download(ACTORS[who], attachment, thing())
    assert {"yes": decision.allowed, "no": not decision.allowed and not decision.is_hidden, "hidden": decision.is_hidden}[answer]
