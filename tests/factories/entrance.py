"""Going through the front door in tests: real passwords, posted forms with tokens, letters read from the mail folder."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password

from marketplace.accounts.models import User
from marketplace.core import jobs
from tests.factories import accounts as make

PASSWORD = "tractor seven owl lamp"


def create_person(address: str = "", *, password: str = PASSWORD, **fields: Any) -> User:
    """A confirmed person who can really sign in."""
    return make.create_user(address, password=hash_password(password), **fields)


def csrf_of(client: FlaskClient, path: str) -> str:
    """The token in the first form of a page."""
    page = client.get(path)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, f"no form at {path} ({page.status_code})"
    return found.group(1)


def post(client: FlaskClient, path: str, data: dict[str, Any] | None = None, *, form_at: str = "", **options: Any) -> Any:
    """Open the page with the form, then send it with its token."""
    token = csrf_of(client, form_at or path)
    return client.post(path, data={"csrf_token": token, **(data or {})}, **options)


def log_in(
    client: FlaskClient, address: str, password: str = PASSWORD, *, lang: str = "zh", query: str = "", **options: Any
) -> Any:
    """Fill in the sign-in form."""
    return post(client, f"/{lang}/account/login{query}", {"email": address, "password": password}, **options)


@dataclass(frozen=True)
class Letter:
    """One sent letter."""

    to: str
    subject: str
    text: str
    html: str

    @property
    def link(self) -> str:
        """The path of the first address of this site in the text."""
        found = re.search(r"https?://[^/\s]+(/(?:zh|en)/\S+)", self.text)
        assert found, self.text
        return found.group(1)


def letters(app: Flask, to: str = "") -> list[Letter]:
    """Run what waits in the queue, then read the letters to an address, oldest first."""
    jobs.run_due()
    found = []
    for path in sorted(Path(app.config["MAIL_FOLDER"]).glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = message.get_body(("plain",))
        html = message.get_body(("html",))
        letter = Letter(
            str(message["To"]), str(message["Subject"]), text.get_content() if text else "", html.get_content() if html else ""
        )
        if not to or letter.to == to:
            found.append(letter)
    return found
