"""Refuses a changing request that a page of another site sent, before anything else looks at it.

A second fence beside the token of the form: browsers say in `Origin` where a post comes from. Programs that send no
such header are judged by the token alone.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def init_app(app: Flask) -> None:
    """Ask each changing request where it comes from."""
    app.before_request(_refuse_strangers)


def _refuse_strangers() -> None:
    origin = request.headers.get("Origin")
    if request.method in SAFE or origin is None:
        return
    ours = {request.host, urlsplit(str(current_app.config["PUBLIC_URL"])).netloc}
    if urlsplit(origin).netloc not in ours:
        raise CSRFError("The request comes from a page of another site.")
