"""HTTP for every feature: declared access, the actor, languages in addresses, headers, errors, health.

The only part of core that knows Flask's request; services never import it.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.local import LocalProxy

from marketplace.core.web import addresses, errors, headers, health, languages, origins
from marketplace.core.web.access import access, actor, member_only, public, set_actor_loader
from marketplace.core.web.languages import absolute_url, bp_prefix, has_endpoint, safe_next

__all__ = [
    "absolute_url",
    "access",
    "actor",
    "bp_prefix",
    "has_endpoint",
    "init_app",
    "member_only",
    "public",
    "safe_next",
    "set_actor_loader",
]


def init_app(app: Flask) -> None:
    """Install addresses, languages, headers, error pages and health routes."""
    addresses.init_app(app)
    languages.init_app(app)
    headers.init_app(app)
    origins.init_app(app)
    errors.init_app(app)
    health.init_app(app)
    # Asked only where a template names it: the page for a fault of ours must not touch the database.
    app.jinja_env.globals["actor"] = LocalProxy(actor)
