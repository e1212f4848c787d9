"""A slice of a list and what a pager needs to know about the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from marketplace.core.db import current_session

T = TypeVar("T")
MAX_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows `items` of page `number` (from 1) of `size`, out of `total`."""

    items: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_next(self) -> bool:
        return self.number < self.last

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def paginate(query: Select[Any], number: int, *, size: int = 20) -> Page[Any]:
    """Run `query` for one page. A page number out of reach gives the nearest one that exists."""
    session = current_session()
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    last = max(1, -(-total // size))
    number = min(max(1, number), last, MAX_PAGE)
    rows = session.execute(query.limit(size).offset((number - 1) * size))
    return Page(rows.scalars().unique().all(), number, size, total)
