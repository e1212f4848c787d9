"""A signed-in person with a browser: posts carry the token that the page would have carried."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

from marketplace.accounts.models import User
from tests.factories.accounts import sign_in


class Visitor:
    """`get` and `post` like a test client's; one for each person, with a session of its own."""

    def __init__(self, app: Flask, user: User) -> None:
        self.client = app.test_client()
        sign_in(self.client, user)
        self._token = ""

    def get(self, path: str, **more: Any) -> Any:
        """Open a page."""
        return self.client.get(path, **more)

    def post(self, path: str, *, data: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a form with the session's token, unless `data` brings one."""
        if not self._token:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/zh/display").text)
            assert found is not None
            self._token = found.group(1)
        return self.client.post(path, data={"csrf_token": self._token, **(data or {})}, **more)
