"""What the index should hold, compared with what it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from marketplace.core import clock, jobs, search
from marketplace.core.db import current_session
from marketplace.core.outbox import OutboxEvent
from marketplace.listings import queries as listings
from search_index.engine import EngineUnavailable
from search_index.rebuild import Differences, differences

# Events after which documents may be other than they were; wiring gives each of them the index handler (a test compares).
LISTING_EVENTS = (
    "listings.changed",
    "listings.confirmed",
    "listings.expired",
    "listings.faded",
    "listings.published",
    "listings.withdrawn",
)
ORGANISATION_EVENTS = ("accounts.organisation_changed",)
# A concurrent transaction may commit an event with a smaller id a little later: repeat some that came before the mark.
_OVERLAP = 200
# ... and a worker may have come to an event late.
_LATE = dt.timedelta(days=1)


def index_differences() -> Differences:
    """Listings the index lacks, holds without need, or holds in another revision. Raises EngineUnavailable."""
    return differences(search.engine().stream_versions(), listings.indexable_revs().items())


def index_equals_database() -> Sequence[str]:
    """The index holds exactly what is on show, in the present revision."""
    try:
        found = index_differences()
    except EngineUnavailable as error:
        return [str(error)]
    return [str(found)] if found else []


def outbox_mark() -> int:
    """The event after which changes must be repeated on an index that is built from now on."""
    return max(0, (current_session().scalar(select(func.max(OutboxEvent.id))) or 0) - _OVERLAP)


def changed_since(mark: int) -> set[int]:
    """Listings that events after `mark` are about."""
    return _changed(OutboxEvent.id > mark)


def changed_since_moment(moment: dt.datetime) -> set[int] | None:
    """The same for events from a moment on; None when some of them may be forgotten by now."""
    if moment < clock.now() - jobs.KEEP_DONE + _LATE:
        return None
    return _changed(OutboxEvent.at >= moment - _LATE)


def _changed(when: ColumnElement[bool]) -> set[int]:
    names = (*LISTING_EVENTS, *ORGANISATION_EVENTS)
    query = select(OutboxEvent.payload).where(when, OutboxEvent.name.in_(names))
    return listing_ids([dict(payload) for payload in current_session().scalars(query)])


def listing_ids(payloads: Sequence[dict[str, object]]) -> set[int]:
    """The listings that some events' payloads are about; an organisation stands for all it shows."""
    found = {int(str(p["listing_id"])) for p in payloads if "listing_id" in p}
    for org_id in {int(str(p["org_id"])) for p in payloads if "listing_id" not in p and "org_id" in p}:
        found.update(listings.listing_ids_of(org_id))
    return found


INVARIANTS = {"index equals database": index_equals_database}
