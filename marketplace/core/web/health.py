"""/healthz: the process lives; /readyz: it can do its work (database, schema, search, queue); /metrics: how much it does."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from flask import Flask, Response, abort, current_app, jsonify, request
from sqlalchemy import text

from marketplace.core import clock, jobs, metrics
from marketplace.core.db import current_session
from marketplace.core.web.access import public

Check = Callable[[], str]
Look = Callable[[], Mapping[str, object]]
OK = "ok"
_checks: dict[str, Check] = {}
_parts: dict[str, Look] = {}
MAX_LAG_SECONDS = 600.0


def ready_check(name: str, check: Check) -> None:
    """Add a check: it returns "" when all is well, else one short word that tells strangers nothing."""
    _checks[name] = check


def ready_part(name: str, look: Look) -> None:
    """Add something that the site can do without: `look` tells its "state" (OK, or a short word) and figures for operators.

    In trouble it makes the site "degraded", still with 200: whoever balances loads must not take away all machines at once
    for something that each of them gets along without.
    """
    _parts[name] = look


def _database() -> str:
    current_session().execute(text("SELECT 1"))
    return ""


def _queue() -> str:
    return "behind" if jobs.lag(clock.now()).oldest_seconds > MAX_LAG_SECONDS else ""


def _jobs() -> tuple[float, float, float]:
    found = jobs.lag(clock.now())
    return found.waiting, found.failed, found.oldest_seconds


def init_app(app: Flask) -> None:
    """Add the two routes."""
    ready_check("database", _database)
    ready_check("queue", _queue)

    @app.get("/healthz")
    @public
    def healthz() -> Response:
        return jsonify(status="ok")

    metrics.gauges(
        _jobs,
        market_jobs_waiting="Jobs of the outbox that are due",
        market_jobs_failed="Jobs given up after all attempts",
        market_jobs_oldest_seconds="Age of the oldest due job",
    )

    @app.get("/metrics")
    @public
    def figures() -> Response:
        if not _may_read_figures():
            abort(404)  # whoever may not read them need not know that they are here
        return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/readyz")
    @public
    def readyz() -> tuple[Response, int]:
        found = {name: _run(check) for name, check in _checks.items()}
        parts = {name: _looked_at(look) for name, look in _parts.items()}
        is_ready = not any(found.values())
        states = {name: problem or OK for name, problem in found.items()} | {name: part["state"] for name, part in parts.items()}
        is_whole = all(word == OK for word in states.values())
        status = (OK if is_whole else "degraded") if is_ready else "not ready"
        return jsonify(status=status, checks=states, **parts), 200 if is_ready else 503


def _may_read_figures() -> bool:
    """With METRICS_TOKEN whoever shows it as a bearer token; without it this machine itself, but never in production."""
    token = current_app.config["METRICS_TOKEN"]
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    return current_app.config["ENV_NAME"] != "production" and request.remote_addr in ("127.0.0.1", "::1")


def _run(check: Check) -> str:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever breaks in a check, the answer is "not ready"
        current_session().rollback()
        return "failing"


def _looked_at(look: Look) -> Mapping[str, object]:
    try:
        return look()
    except Exception:  # noqa: BLE001 - whatever breaks here, the site does without
        current_session().rollback()
        return {"state": "failing"}
