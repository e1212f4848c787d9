"""One rule, three answers: the object check, the SQL condition and the search filter must agree."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import column, literal_column, select

from marketplace.core.db import current_session
from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.policy import ALWAYS, NEVER, Actor, Membership, allow, decide, deny, hide, one_of


class Row:
    def __init__(self, state: str, org_id: int) -> None:
        self.state, self.org_id = state, org_id


class Model:
    state = column("state")
    org_id = column("org_id")


ROWS = [Row(state, org) for state, org in itertools.product(("draft", "published"), (1, 2))]
CONDITIONS = [
    ALWAYS,
    NEVER,
    one_of("state", {"published"}),
    one_of("org_id", ()),
    one_of("state", {"published"}) | one_of("org_id", {1}),
    one_of("state", {"draft"}) & one_of("org_id", {2}),
    (one_of("state", {"draft"}) & one_of("org_id", {2})) | one_of("org_id", {1}),
]


def filter_matches(found: dict, row: Row) -> bool:
    if "all" in found:
        return all(filter_matches(part, row) for part in found["all"])
    if "any" in found:
        return any(filter_matches(part, row) for part in found["any"])
    return getattr(row, found["field"]) in found["in"]


@pytest.mark.both
@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_check_sql_and_search_filter_agree(app, condition):
    for row in ROWS:
        source = select(
            literal_column(f"'{row.state}'").label("state"), literal_column(str(row.org_id)).label("org_id")
        ).subquery()
        by_sql = current_session().execute(select(source.c.state).where(condition.sql(source.c))).first() is not None
        assert condition.matches(row) == by_sql == filter_matches(condition.search_filter(), row)


def test_decisions_raise_what_they_mean():
    allow().or_raise()
    decide(True, "never said").or_raise()
    with pytest.raises(Forbidden) as no:
        deny("not_yours").or_raise()
    assert no.value.code == "not_yours"
    with pytest.raises(NotFound):
        hide().or_raise()


def test_an_actor_knows_where_it_may_act():
    actor = Actor(
        user_id=1,
        memberships=(Membership(1, "university", "owner", True), Membership(2, "enterprise", "owner", False)),
    )
    assert actor.org_ids == {1, 2}
    assert actor.org_ids_as("owner", verified=True) == {1}
    assert actor.org_ids_as("viewer") == frozenset()
    assert actor.is_of_verified_org and not actor.is_admin
