"""Keeps the index like the database: re-reads listings and puts or drops their documents, or builds a new index.

Order and repeats do not matter, because what is written is what the database says at that moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator

from marketplace.core import search
from marketplace.core.db import current_session
from marketplace.listings import queries as listings
from marketplace.listings import search_docs
from marketplace.matching.queries import index
from marketplace.taxonomy import queries as taxonomy
from search_index import rebuild as building
from search_index.documents import ListingDocument
from search_index.engine import Generation, SearchEngine
from search_index.rebuild import RebuildReport

BATCH = 500


def bring_up_to_date(listing_ids: Collection[int], target: SearchEngine | Generation | None = None) -> int:
    """Put what is on show, drop what is not, in at most one commit each per batch; returns how many changed."""
    target = target or search.engine()
    session = current_session()
    changed = 0
    wanted = sorted(listing_ids)
    for start in range(0, len(wanted), BATCH):
        ids = wanted[start : start + BATCH]
        session.expire_all()  # another process has changed them since this one may have read them
        found = listings.for_indexing(ids)
        known = taxonomy.current()
        shown = [search_docs.document(row, known) for row in found if search_docs.is_indexable(row)]
        gone = [(search_docs.document_id(row), row.rev) for row in found if not search_docs.is_indexable(row)]
        if gone:
            changed += target.drop(gone).accepted
        if shown:  # last, since it may refuse some
            changed += target.put(shown).accepted
    return changed


def restore_if_lost(listing_ids: Collection[int]) -> bool:
    """Build an index that was lost: one begun with these listings would answer as if nothing else were on show."""
    found = search.engine().status()
    if found.generation is not None or not found.is_reachable:
        return False
    if {_number(name) for name in listings.indexable_revs()} <= set(listing_ids):
        return False
    rebuild()
    return True


def rebuild(*, processes: int = 1, progress: Callable[[int], None] | None = None) -> RebuildReport:
    """Build a new index while the old one answers, repeat what changed meanwhile, compare, switch.

    Raises RebuildMismatch (the old index stays) and WriterBusy.
    """
    mark = index.outbox_mark()

    def catch_up(generation: Generation) -> None:
        current_session().rollback()  # a new snapshot, in which what was committed meanwhile is seen
        bring_up_to_date(index.changed_since(mark), generation)

    return building.rebuild(
        search.engine(), _documents(), expected=_expected, catch_up=catch_up, processes=processes, progress=progress
    )


def roll_back() -> RebuildReport:
    """Use the index before the last rebuild again, with all that has changed since.

    That index was kept up to date at least until the present one was begun. Where nobody remembers that long, all is
    written again. Raises RebuildMismatch (the present index stays), IndexMissing, RebuildNeeded and WriterBusy.
    """
    mark = index.outbox_mark()
    begun = search.engine().status().built_at
    changed = index.changed_since_moment(dt.datetime.fromtimestamp(begun, dt.UTC)) if begun else None
    overdue = {_number(name) for name, _ in _expected()} if changed is None else changed

    def catch_up(generation: Generation) -> None:
        current_session().rollback()
        versions = dict(generation.stream_versions())
        found = building.differences(versions.items(), _expected())
        generation.drop([(name, versions[name]) for name in found.extra])  # also what has no row any more
        # A listing may read differently in the same revision: its organisation has another name.
        bring_up_to_date({*map(_number, found.listings), *index.changed_since(mark), *overdue}, generation)
        overdue.clear()

    return building.roll_back(search.engine(), expected=_expected, catch_up=catch_up)


def _number(name: str) -> int:
    return int(name.partition(":")[2])


def _expected() -> Iterable[tuple[str, int]]:
    return listings.indexable_revs().items()


def _documents() -> Iterator[ListingDocument]:
    """Every listing on show, read in slices so that neither memory nor a long read transaction grows."""
    session = current_session()
    last = 0
    while revs := listings.indexable_revs(after_id=last, limit=BATCH):
        ids = sorted(map(_number, revs))
        known = taxonomy.current()
        yield from [search_docs.document(row, known) for row in listings.for_indexing(ids) if search_docs.is_indexable(row)]
        last = ids[-1]
        session.rollback()
        session.expunge_all()
