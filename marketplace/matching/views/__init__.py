"""Pages of matching: search, matches of a listing with answers to them, and the administrators' weights and figures."""

from flask import Blueprint

from marketplace.core.web import bp_prefix

bp = Blueprint("matching", __name__, url_prefix=bp_prefix())

from marketplace.matching.views import admin, matches, search  # noqa: E402 - they put their routes onto bp

__all__ = ["admin", "bp", "matches", "search"]
