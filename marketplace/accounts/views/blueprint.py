"""The blueprint that the pages of accounts hang on."""

from __future__ import annotations

from flask import Blueprint

from marketplace.core.web import bp_prefix

bp = Blueprint("accounts", __name__, url_prefix=bp_prefix())
