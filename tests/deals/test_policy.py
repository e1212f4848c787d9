"""Who may do what: the object check and the SQL of one rule agree, and each denial has its reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from marketplace.accounts.states import OrgRole
from marketplace.core.db import current_session, transaction
from marketplace.core.policy import ANONYMOUS
from marketplace.deals import policy, services
from marketplace.deals.models import Enquiry
from marketplace.deals.states import Outcome, Side
from marketplace.listings import services as listing_services
from tests.factories import accounts, listings
from tests.factories.deals import Pair, reload, token


def people(pair):
    """Every kind of reader by name."""
    found = {"anonymous": ANONYMOUS, "owner": pair.owner, "asker": pair.asker}
    for role in ("editor", "viewer"):
        for side, org in (("owner", pair.owner_org), ("asker", pair.asker_org)):
            user = accounts.create_user()
            accounts.add_member(user, org, role)
            found[f"{side} {role}"] = accounts.actor_of(user)
    found["stranger"] = accounts.actor_of(accounts.create_member()[0])
    found["unverified"] = accounts.actor_of(accounts.create_member(verified=False)[0])
    found["nobody's"] = accounts.actor_of(accounts.create_user())
    found["admin"] = accounts.actor_of(accounts.create_admin())
    return found


@pytest.mark.both
def test_object_check_and_sql_agree(app):
    first, second = Pair(), Pair(is_anonymous=True)
    rows = [first.send(), second.send()]
    second.reply(rows[1])
    for actor in [*people(first).values(), *people(second).values()]:
        condition = policy.visible_to(actor)
        by_sql = set(current_session().scalars(select(Enquiry.id).where(condition.sql(Enquiry))))
        assert by_sql == {row.id for row in rows if condition.matches(row)}
        assert by_sql == {row.id for row in rows if policy.can_see(actor, row)}


def test_who_sees_and_writes(app):
    pair = Pair()
    row = pair.send()
    sees = {"owner", "asker", "owner editor", "asker editor", "owner viewer", "asker viewer"}
    writes = sees - {"owner viewer", "asker viewer"}
    found = people(pair)
    assert {name for name, actor in found.items() if policy.can_see(actor, row)} == sees
    for rule in (policy.can_write, policy.can_close, policy.can_block):
        assert {name for name, actor in found.items() if rule(actor, row)} == writes
    assert policy.can_see(found["stranger"], row).is_hidden
    assert policy.can_write(found["owner viewer"], row).reason == "verified_org_needed"


def test_administrators_have_no_part_in_threads(app):
    pair = Pair()
    row = pair.send()
    admin = accounts.actor_of(accounts.create_admin())
    assert policy.can_see(admin, row).is_hidden
    assert policy.can_administer(admin)
    assert not policy.can_administer(pair.owner)


def test_who_may_ask(app):
    pair = Pair()
    listing = listings.reload(pair.listing.id)
    found = people(pair)
    may = {name for name, actor in found.items() if policy.can_enquire(actor, listing)}
    assert may == {"asker", "asker editor", "stranger"}
    assert policy.can_enquire(ANONYMOUS, listing).reason == "sign_in"
    assert policy.can_enquire(pair.owner, listing).reason == "own_listing"
    for name in ("asker viewer", "unverified", "nobody's"):
        assert policy.can_enquire(found[name], listing).reason == "verified_org_needed"


def test_nobody_asks_about_what_is_not_on_show(app):
    pair = Pair()
    with transaction():
        listing_services.withdraw(pair.listing.id, actor=pair.owner, now=pair.listing.created_at)
    listing = listings.reload(pair.listing.id)
    assert policy.can_enquire(pair.asker, listing).is_hidden
    draft = listings.create_achievement(pair.owner_org, actor=pair.owner, published=False)
    assert policy.can_enquire(pair.asker, draft).is_hidden
    assert policy.can_enquire(pair.owner, draft).is_hidden


def test_listing_for_verified_organisations_is_hidden_from_others(app):
    pair = Pair()
    secret = listings.create_achievement(pair.owner_org, actor=pair.owner, audience="verified")
    assert policy.can_enquire(pair.asker, secret)
    assert policy.can_enquire(ANONYMOUS, secret).is_hidden
    assert policy.can_report_listing(ANONYMOUS, secret).is_hidden
    assert policy.can_report_listing(pair.asker, secret)


def test_a_removed_member_loses_the_thread_at_once(app):
    pair = Pair()
    row = pair.send()
    user = accounts.create_user()
    member = accounts.add_member(user, pair.asker_org, OrgRole.EDITOR)
    assert policy.can_write(accounts.actor_of(user), row)
    with transaction() as session:
        session.delete(session.merge(member))
    assert policy.can_see(accounts.actor_of(user), row).is_hidden


def test_closed_threads_are_reopened_and_not_written(app):
    pair = Pair()
    row = pair.send()
    assert policy.can_reopen(pair.asker, row).reason == "enquiry_not_closed"
    with transaction():
        services.close(row.id, outcome=Outcome.PRICE, note="", form_token=token(), actor=pair.owner, now=row.sent_at)
    row = reload(row.id)
    assert policy.can_write(pair.asker, row).reason == "enquiry_closed"
    assert policy.can_close(pair.asker, row).reason == "enquiry_closed"
    assert policy.can_reopen(pair.asker, row)
    assert policy.can_reopen(accounts.actor_of(accounts.create_member()[0]), row).is_hidden


def test_a_hidden_owner_cannot_be_blocked(app):
    pair = Pair(is_anonymous=True)
    row = pair.send()
    assert policy.can_block(pair.asker, row).reason == "owner_not_known_yet"
    assert policy.can_block(pair.owner, row)
    assert policy.can_block(pair.asker, pair.reply(row))


def test_sides(app):
    pair = Pair()
    row = pair.send()
    assert policy.side_of(pair.owner, row) is Side.OWNER
    assert policy.side_of(pair.asker, row) is Side.ENQUIRER
    assert policy.side_of(ANONYMOUS, row) is None
    accounts.add_member(pair.asker_user, pair.owner_org, "viewer")
    assert policy.side_of(pair.asker, row) is Side.OWNER
