"""Lists of administrators cost the same for few and many rows."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from marketplace.accounts.states import ORGANISATION
from marketplace.core import clock
from marketplace.core.db import db, transaction
from tests.factories import accounts as make


def more_of_everything(count: int) -> None:
    for _ in range(count):
        user = make.create_user(roles=("expert",))
        org = make.create_organisation(verified=False, owner=user)
        with transaction() as session:
            ORGANISATION.move(session.get(type(org), org.id), "hand_in_document", actor=make.actor_of(user), at=clock.now())
        make.create_organisation(owner=user)


def cost(client, path: str) -> int:
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    client.get(path)
    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("path", ["/zh/admin/organisations", "/zh/admin/people", "/zh/admin/audit", "/zh/account/settings"])
def test_a_list_costs_the_same_for_few_and_many(app, client, path):
    make.sign_in(client, make.create_admin())
    more_of_everything(2)
    few = cost(client, path)
    more_of_everything(10)
    assert cost(client, path) == few
