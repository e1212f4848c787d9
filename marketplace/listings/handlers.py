"""The clockwork of liveness, and what listings do when their organisation changes. Both may run twice without harm."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import structlog

from marketplace.core import clock
from marketplace.core.db import current_session, transaction
from marketplace.core.outbox import Payload
from marketplace.listings import queries, services

log = structlog.get_logger(__name__)


def follow_organisation(payloads: Sequence[Payload]) -> None:
    """An organisation changed: when it is no longer verified, its listings leave."""
    for payload in payloads:
        with transaction():
            services.follow_organisation(int(payload["org_id"]), now=clock.now())


def tick(now: dt.datetime) -> dict[str, int]:
    """Remind, fade and take off whatever is due at `now`; each listing in its own transaction, so that one that fails does
    not keep the others. Returns how many were looked at."""
    return {
        "left": _each(queries.due_to_leave(now), services.expire, now),
        "faded": _each(queries.due_to_fade(now), services.fade, now),
        "reminded": _each(queries.due_to_remind(now), services.remind, now),
    }


def _each(ids: Sequence[int], service: Callable[..., None], now: dt.datetime) -> int:
    for listing_id in ids:
        try:
            with transaction():
                service(listing_id, now=now)
        except Exception:
            current_session().rollback()
            log.exception("listing_tick_failed", listing_id=listing_id, service=service.__name__)
    return len(ids)
