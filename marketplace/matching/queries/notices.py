"""Which matches were announced already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, select

from marketplace.core.db import current_session
from marketplace.matching.models import MatchNotice


def announced_pairs(need_ids: Collection[int], achievement_ids: Collection[int]) -> set[tuple[int, int]]:
    """(need, achievement) of every pair between these that was announced."""
    query = select(MatchNotice.need_id, MatchNotice.achievement_id).where(
        MatchNotice.need_id.in_(need_ids), MatchNotice.achievement_id.in_(achievement_ids)
    )
    return {(need_id, achievement_id) for need_id, achievement_id in current_session().execute(query)}


def announced_since(listing_id: int, since: dt.datetime, *, is_need: bool) -> int:
    """How many matches the owners of one listing heard of after `since`."""
    column = MatchNotice.need_id if is_need else MatchNotice.achievement_id
    return current_session().scalar(select(func.count(MatchNotice.id)).where(column == listing_id, MatchNotice.at > since)) or 0
