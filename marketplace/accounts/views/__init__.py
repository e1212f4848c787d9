"""Pages of accounts: sign-in family, sessions, organisations, members, administration."""

from __future__ import annotations

from flask import Flask

from marketplace.accounts.views import (
    addresses,
    administration,
    entrance,
    members,
    organisations,
    personal,
    security,
    sessions,
    verification,
)
from marketplace.accounts.views.blueprint import bp

PAGES = (addresses, administration, entrance, members, organisations, personal, verification)

__all__ = ["bp", "init_app"]


def init_app(app: Flask) -> None:
    """Install how a request is signed in, and Flask-Security with our views in place of some of its own."""
    sessions.init_app(app)
    security.init_app(app, {**entrance.REPLACED, **addresses.REPLACED})
