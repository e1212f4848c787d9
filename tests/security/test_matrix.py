"""Every route, every role: the answers of matrix.py, which the URL map must not outgrow."""

from __future__ import annotations

import pytest

from tests.security import matrix
from tests.security.asking import csrf_token, word_for
from tests.security.matrix import Row

ROWS = matrix.rows()


def test_every_route_has_a_row(app):
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    routes = {(rule.endpoint, m) for rule in app.url_map.iter_rules() for m in methods if m in (rule.methods or ())}
    listed = {(row.endpoint, row.method) for row in ROWS}
    assert sorted(routes - listed - {("static", "GET")}) == []
    assert sorted(listed - routes) == []


def test_no_row_stands_twice():
    keys = [(row.endpoint, row.method, row.what) for row in ROWS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_gets_its_answer(asking, row: Row):
    found = {}
    for role in matrix.COLUMNS:
        client = asking.client(role)
        url = asking.url(row.endpoint, row.what, method=row.method)
        if row.method == "GET":
            found[role] = word_for(client.get(url, buffered=True))
        else:
            found[role] = word_for(
                client.open(url, method=row.method, data={**_data(asking, row), "csrf_token": csrf_token(client)})
            )
            if found[role] in ("go", "200", "204"):
                asking.restore()  # something was done
    assert found == row.answers


def _data(asking, row: Row) -> dict[str, str]:
    given = matrix.DATA.get(row.endpoint, {})
    return {name.format(**asking.market.users): value for name, value in given.items()}
