"""Browsers of the listings' tests."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Browser
from tests.visitor import Visitor


class Guest(Visitor):
    """Somebody who is not signed in."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self._token = client, ""

    def post(self, path: str, *, data: dict[str, Any] | None = None, **more: Any) -> Any:
        """As a member's; a guest's token stands on the sign-in page only."""
        if not self._token:
            pages = (self.get(page).text for page in ("/zh/display", "/zh/account/login"))
            self._token = next(t for page in pages for t in re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page))
        return super().post(path, data=data, **more)


@pytest.fixture
def browser(client: FlaskClient) -> Guest:
    """A visitor without script and without account; `accounts.sign_in(browser.client, user)` changes that."""
    return Guest(client)


@pytest.fixture
def visit(app):
    """A signed-in person's browser: visit(user)."""
    app.test_client_class = Browser
    return lambda user: Visitor(app, user)
