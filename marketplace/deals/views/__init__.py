"""Pages of conversations: asking, threads, blocking and reporting, and the administrators' lists."""

from flask import Blueprint

from marketplace.core.web import bp_prefix

bp = Blueprint("deals", __name__, url_prefix=bp_prefix())

from marketplace.deals.views import care, safety, threads  # noqa: E402 - they put their routes onto bp

__all__ = ["bp", "care", "safety", "threads"]
