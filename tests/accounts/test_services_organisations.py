"""An organisation's way into the market: entered, proven, verified, sent back, suspended."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace.accounts import queries, services
from marketplace.accounts.models import Organisation
from marketplace.accounts.services import OrganisationFacts
from marketplace.accounts.states import OrgKind, OrgRole, OrgState
from marketplace.core import clock, files
from marketplace.core.audit import AuditEntry
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import EditConflict, Forbidden, RuleError, StepNotAllowed
from marketplace.core.outbox import OutboxEvent
from marketplace.core.types import Bilingual
from tests.factories import accounts as make

NOW = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


def facts(**changes) -> OrganisationFacts:
    values = {
        "name_en": "Demo works",
        "city": "370200",
        "about": Bilingual("演示", "Demo"),
        "trade": Bilingual("海工装备", "marine equipment"),
        "website": "https://www.example.org",
        "promised_reply_days": 2,
    }
    return OrganisationFacts(**{**values, **changes})


def register(user, code: str = "", **changes) -> Organisation:
    with transaction():
        return services.register_organisation(
            facts(**changes),
            kind=OrgKind.ENTERPRISE,
            name_zh="演示工厂",
            uscc=code or make.make_uscc(4711),
            actor=make.actor_of(user),
            now=NOW,
        )


def hand_in(org, user, colour: str = "red") -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(picture, "PNG")
    picture.seek(0)
    from flask import current_app

    with transaction():
        stored = files.store(current_app.config["FILES"], files.accept(picture, "licence.png"), now=NOW)
        services.hand_in_document(org.id, stored, name="licence.png", actor=make.actor_of(user), now=NOW)


def events() -> list[tuple[str, dict]]:
    current_session().rollback()
    rows = current_session().scalars(
        select(OutboxEvent).where(OutboxEvent.name.startswith("accounts.organisation")).order_by(OutboxEvent.id)
    )
    return [(row.name, row.payload) for row in rows]


@pytest.mark.both
def test_from_entry_to_trust(app):
    user, admin = make.create_user(), make.create_admin()
    org = register(user, f" {make.make_uscc(4711).lower()} ")
    assert (org.state, org.uscc, org.city, org.name) == (
        OrgState.FORMAT_OK,
        make.make_uscc(4711),
        "370200",
        Bilingual("演示工厂", "Demo works"),
    )
    assert make.actor_of(user).membership(org.id).role == OrgRole.OWNER
    assert not make.actor_of(user).is_of_verified_org
    with transaction(), pytest.raises(StepNotAllowed):
        services.verify(org.id, actor=make.actor_of(admin), now=NOW)
    hand_in(org, user)
    assert [item.organisation.id for item in queries.verification_queue()] == [org.id]
    assert queries.verification_queue()[0].since == NOW
    with transaction():
        services.verify(org.id, actor=make.actor_of(admin), now=NOW)
    org = make.again(org)
    assert (org.state, org.verified_at) == (OrgState.VERIFIED, NOW)
    assert make.actor_of(user).is_of_verified_org
    assert [row.step for row in queries.history(org.id)] == ["hand_in_document", "verify"]
    names = [name for name, _payload in events()]
    assert names == ["accounts.organisation_registered", "accounts.organisation_verified", "accounts.organisation_changed"]
    payload = dict(events())["accounts.organisation_verified"]
    assert payload["to_orgs"] == [org.id]
    assert "@" not in str(payload)
    with transaction(), pytest.raises(StepNotAllowed):
        services.verify(org.id, actor=make.actor_of(admin), now=NOW)


@pytest.mark.both
def test_the_same_code_twice_gives_a_clear_answer(app):
    register(make.create_user())
    with pytest.raises(RuleError) as caught:
        register(make.create_user(), make.make_uscc(4711).lower())
    assert caught.value.code == "uscc_taken"
    assert len(current_session().scalars(select(Organisation)).all()) == 1


@pytest.mark.parametrize(
    ("code", "problem"), [("91370200000047110", "uscc_length"), (make.make_uscc(4711)[:-1] + "0", "uscc_check")]
)
def test_a_wrong_code_is_refused(app, code, problem):
    with pytest.raises(RuleError) as caught:
        register(make.create_user(), code)
    assert caught.value.code == problem


@pytest.mark.parametrize(("city", "kept"), [("371200", "370100"), ("370700", "370700")])
def test_merged_cities_lead_to_their_successor(app, city, kept):
    assert register(make.create_user(), city=city).city == kept


def test_places_outside_the_province_are_refused(app):
    with pytest.raises(RuleError) as caught:
        register(make.create_user(), city="110100")
    assert caught.value.code == "unknown_city"


def test_nobody_fills_the_market_with_empty_entries(app):
    user = make.create_user()
    for number in range(5):
        register(user, make.make_uscc(5000 + number))
    with pytest.raises(RuleError) as caught:
        register(user, make.make_uscc(5999))
    assert caught.value.code == "too_many_registrations"


@pytest.mark.both
def test_sent_back_with_a_reason_and_handed_in_again(app):
    user, admin = make.create_user(), make.create_admin()
    org = register(user)
    hand_in(org, user)
    with transaction(), pytest.raises(RuleError, match="reason_missing"):
        services.send_back(org.id, note="  no ", actor=make.actor_of(admin), now=NOW)
    with transaction():
        services.send_back(org.id, note="看不清代码，请重新扫描。", actor=make.actor_of(admin), now=NOW)
    assert make.again(org).state == OrgState.FORMAT_OK
    assert queries.history(org.id)[-1].note == "看不清代码，请重新扫描。"
    name, payload = events()[-1]
    assert (name, payload["note"], payload["to_roles"]) == (
        "accounts.organisation_sent_back",
        "看不清代码，请重新扫描。",
        ["owner"],
    )
    hand_in(org, user, "blue")
    assert make.again(org).state == OrgState.DOCUMENT_SEEN
    assert len(queries.documents(org.id)) == 2


@pytest.mark.both
def test_suspended_and_trusted_again(app):
    user, org = make.create_member()
    admin = make.create_admin()
    with transaction():
        services.suspend(org.id, note="代码已注销，请说明。", actor=make.actor_of(admin), now=NOW)
    org = make.again(org)
    assert (org.state, org.verified_at) == (OrgState.DOCUMENT_SEEN, None)
    assert not make.actor_of(user).is_of_verified_org
    with transaction():
        services.verify(org.id, actor=make.actor_of(admin), now=NOW)
    assert make.again(org).is_verified


def test_nobody_decides_about_their_own_organisation(app):
    admin = make.create_admin()
    org = make.create_organisation(owner=admin)
    with transaction(), pytest.raises(Forbidden):
        services.suspend(org.id, note="just because I can", actor=make.actor_of(admin), now=NOW)


@pytest.mark.both
def test_name_and_kind_stand_fast_once_verified(app):
    user, org = make.create_member(kind="university")
    with transaction():
        services.change_organisation(
            org.id,
            facts(city="371000"),
            version=org.version_id,
            actor=make.actor_of(user),
            now=NOW,
            name_zh="别的名字",
            kind=OrgKind.BROKER,
        )
    changed = make.again(org)
    assert (changed.name.zh, changed.kind, changed.city) == (org.name.zh, OrgKind.UNIVERSITY, "371000")
    assert changed.name.en == "Demo works"
    assert events()[-1][0] == "accounts.organisation_changed"


@pytest.mark.both
def test_two_tabs_do_not_overwrite_each_other(app):
    user, org = make.create_member(verified=False)
    seen = org.version_id
    with transaction():
        services.change_organisation(org.id, facts(), version=seen, actor=make.actor_of(user), now=NOW)
    with transaction(), pytest.raises(EditConflict):
        services.change_organisation(org.id, facts(website=""), version=seen, actor=make.actor_of(user), now=NOW)
    assert make.again(org).website == "https://www.example.org"


def test_a_change_that_others_do_not_keep_tells_nobody(app):
    user, org = make.create_member(verified=False)
    with transaction():
        services.change_organisation(
            org.id, facts(name_en=org.name.en, city=org.city), version=org.version_id, actor=make.actor_of(user), now=NOW
        )
    assert events() == []


def test_every_step_is_in_the_record(app):
    user, admin = make.create_user(), make.create_admin()
    org = register(user)
    hand_in(org, user)
    with transaction():
        services.verify(org.id, actor=make.actor_of(admin), now=clock.now())
    current_session().rollback()
    rows = current_session().scalars(select(AuditEntry).where(AuditEntry.object_id == str(org.id)).order_by(AuditEntry.id)).all()
    assert [(row.action, row.actor_id) for row in rows if row.object_type == "organisations"] == [
        ("accounts.register_organisation", user.id),
        ("accounts.hand_in_document", user.id),
        ("accounts.verify_organisation", admin.id),
    ]


@pytest.mark.parametrize(
    ("break_it", "name"),
    [
        ("DELETE FROM members WHERE role = 'owner'", "organisations with members have an owner"),
        ("DELETE FROM transitions", "verified organisations have a date and a step"),
    ],
)
def test_the_invariants_notice(app, break_it, name):
    from sqlalchemy import text

    _user, org = make.create_member()
    make.add_member(make.create_user(), org)
    assert all(check() == [] for check in queries.INVARIANTS.values())
    with transaction() as session:
        session.execute(text(break_it))
    assert queries.INVARIANTS[name]() != []
