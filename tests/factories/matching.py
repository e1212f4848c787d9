"""Bring the index up to date in a test, let this process see it at once instead of within half a second, and read its pages."""

from __future__ import annotations

import re

from sqlalchemy import select

from marketplace.core import jobs, search
from marketplace.core.db import current_session
from marketplace.listings.models import Listing
from marketplace.matching.services import index


def index_now() -> None:
    """Index every listing as it stands, without running the jobs of other handlers."""
    session = current_session()
    session.rollback()
    index.bring_up_to_date(session.scalars(select(Listing.id)).all())
    session.rollback()
    search.engine().status()


def work_now() -> int:
    """Run every due job as the worker does; returns how many."""
    done = jobs.run_due()
    search.engine().status()
    return done


def ids_on(page: str) -> list[tuple[str, int]]:
    """(kind, id) of every result of a page, in order."""
    return [(kind[:-1], int(number)) for kind, number in re.findall(r'<h2><a href="/\w\w/(achievements|needs)/(\d+)"', page)]
