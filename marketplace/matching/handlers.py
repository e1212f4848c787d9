"""Reactions of matching to what happens elsewhere: the index follows, and strong matches are announced."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.core import clock, search
from marketplace.core.outbox import Handler, Payload
from marketplace.matching.queries import index as reading
from marketplace.matching.services import announcing, index
from search_index.engine import EngineUnavailable


def _same_thing(payload: Payload) -> str:
    """Several changes of one listing, or of one organisation, are one: the handler reads what stands now."""
    return f"listing:{payload['listing_id']}" if "listing_id" in payload else f"org:{payload['org_id']}"


def _follow(payloads: Sequence[Payload]) -> None:
    changed = reading.listing_ids([dict(payload) for payload in payloads])
    if not index.restore_if_lost(changed):
        index.bring_up_to_date(changed)


def _announce(payloads: Sequence[Payload]) -> None:
    for payload in payloads:
        announcing.announce_matches(int(payload["listing_id"]), now=clock.now())


INDEX = Handler(search.INDEXING, _follow, fold=_same_thing, batch=index.BATCH, waits_for=(EngineUnavailable,))
ANNOUNCE = Handler("matching.announce", _announce, fold=_same_thing, waits_for=(EngineUnavailable,))
