"""/healthz says the process lives; /readyz says it can do its work: database, schema, search, queue."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, jsonify
from sqlalchemy import text

from marketplace.core import clock, jobs
from marketplace.core.db import current_session
from marketplace.core.web.access import public

Check = Callable[[], str]
_checks: dict[str, Check] = {}
MAX_LAG_SECONDS = 600.0


def ready_check(name: str, check: Check) -> None:
    """Add a check: it returns "" when all is well, else one short word that tells strangers nothing."""
    _checks[name] = check


def _database() -> str:
    current_session().execute(text("SELECT 1"))
    return ""


def _queue() -> str:
    return "behind" if jobs.lag(clock.now()).oldest_seconds > MAX_LAG_SECONDS else ""


def init_app(app: Flask) -> None:
    """Add the two routes."""
    ready_check("database", _database)
    ready_check("queue", _queue)

    @app.get("/healthz")
    @public
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    @public
    def readyz() -> tuple[Response, int]:
        found = {name: _run(check) for name, check in _checks.items()}
        is_ready = not any(found.values())
        answer = {name: problem or "ok" for name, problem in found.items()}
        return jsonify(status="ok" if is_ready else "not ready", checks=answer), 200 if is_ready else 503


def _run(check: Check) -> str:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever breaks in a check, the answer is "not ready"
        current_session().rollback()
        return "failing"
