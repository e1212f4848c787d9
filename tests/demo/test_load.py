"""The invented market: whole, marked, loaded once however often it is asked for, never beside real organisations."""

from __future__ import annotations

import itertools
import json

import pytest
from sqlalchemy import func, select

from marketplace.accounts.models import Organisation, User
from marketplace.core import clock, invariants
from marketplace.core.db import current_session
from marketplace.core.errors import RuleError
from marketplace.core.outbox import Job
from marketplace.demo import services
from marketplace.demo.rules import credit_code, right_number
from marketplace.listings.models import Achievement, ListingField, Need
from marketplace.listings.rules.numbers import ip_number
from marketplace.listings.states import IpKind
from marketplace.taxonomy import queries as taxonomy
from tests.factories.accounts import create_organisation

TEXTS = ("title", "summary", "problem")


def count(model) -> int:
    return current_session().scalar(select(func.count(model.id)))


@pytest.mark.both
@pytest.mark.timeout(240)
def test_the_whole_market_loads_once_and_breaks_no_invariant(app):
    first = services.load(password_hash="!", now=clock.now())
    assert first.organisations >= 16 + 40
    assert count(Achievement) >= 145
    assert count(Need) >= 70
    per_field = dict(current_session().execute(select(ListingField.code, func.count()).group_by(ListingField.code)).all())
    assert set(per_field) == set(taxonomy.current().fields)
    assert min(per_field.values()) >= 5
    cities = set(current_session().scalars(select(Organisation.city).where(Organisation.kind == "enterprise")))
    assert cities == set(taxonomy.current().cities)
    # The past makes no noise today: only the enquiries of the last hours are told.
    waiting = select(func.count(Job.id)).where(Job.handler == "notifications.notify", Job.state == "queued")
    assert current_session().scalar(waiting) == 8
    again = services.load(password_hash="!", now=clock.now())
    assert (again.organisations, again.listings, again.enquiries) == (0, 0, 0)
    checks = {name: check for name, check in app.extensions["market_invariants"].items() if name != "index equals database"}
    assert [finding for finding in invariants.run(checks) if finding.problems] == []


def test_everybody_and_everything_invented_says_so(app):
    for row in services.read("organisations.json"):
        assert "（演示）" in row["name"]["zh"]
        assert "(demo)" in row["name"]["en"]
    for path in sorted(services.DATA.glob("achievements/*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            assert all("演示" in person["name"]["zh"] for person in row["people"]), row["key"]
            texts = list(itertools.chain.from_iterable(row[name].values() for name in TEXTS if name in row))
            assert all(texts), row["key"]


def test_it_is_refused_beside_a_real_organisation(app):
    create_organisation(kind="university")
    with pytest.raises(RuleError) as refused:
        services.load(password_hash="!", now=clock.now())
    assert refused.value.code == "real_organisations"
    assert current_session().scalar(select(func.count(User.id)).where(User.is_demo)) == 0


@pytest.mark.parametrize("kind", ["invention", "utility", "design", "software", "variety", "layout"])
@pytest.mark.parametrize("is_granted", [True, False])
def test_invented_rights_pass_the_checks_of_real_ones(kind, is_granted):
    assert ip_number(IpKind(kind), right_number(kind, 1234567 % 10**6, is_granted=is_granted))


def test_invented_credit_codes_pass_both_check_digits():
    from marketplace.accounts.rules import uscc

    codes = {credit_code(number, "370100") for number in range(1, 300)}
    assert len(codes) == 299
    assert [code for code in codes if uscc.problem(code)] == []


def test_the_command_is_refused_in_production(app, monkeypatch):
    monkeypatch.setitem(app.config, "ENV_NAME", "production")
    done = app.test_cli_runner().invoke(args=["demo", "load"])
    assert done.exit_code == 1
    assert count(Organisation) == 0
