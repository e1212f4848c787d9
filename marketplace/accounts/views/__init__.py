"""Pages of accounts: sign-in family, sessions, organisations, members, administration."""

from __future__ import annotations

from flask import Blueprint, Flask

from marketplace.accounts.views import sessions
from marketplace.core.web import bp_prefix

bp = Blueprint("accounts", __name__, url_prefix=bp_prefix())


def init_app(app: Flask) -> None:
    """Install how a request is signed in."""
    sessions.init_app(app)
