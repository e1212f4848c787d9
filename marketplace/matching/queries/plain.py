"""Search without an engine: words looked for in the database, newest first. Slower and duller, but never silent.

It keeps the visibility rule and the filters that the database can express; there are no facets and no ranking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select, true

from marketplace.accounts.models import Organisation
from marketplace.core import clock
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.listings import policy
from marketplace.listings.models import IpRight, Listing, ListingField, Need
from marketplace.listings.states import ON_SHOW
from marketplace.taxonomy import queries as taxonomy

_MOST_WORDS = 8
_L = Listing.__table__.c
_TEXTS = (_L.title_zh, _L.title_en, _L.summary_zh, _L.summary_en, _L.description_zh, _L.description_en)
Chosen = Mapping[str, tuple[str, ...]]


def find(text: str, chosen: Chosen, actor: Actor, *, now: dt.datetime, page: int, per_page: int) -> tuple[int, Sequence[int]]:
    """How many listings on show to the actor hold every word, and the ids of one page of them."""
    query = select(_L.id).select_from(Listing.__table__).join(Organisation.__table__, Organisation.id == _L.org_id)
    query = query.outerjoin(Need.__table__, Need.__table__.c.id == _L.id)
    query = query.where(
        _L.state.in_(ON_SHOW),
        policy.visible_to(actor).sql(Listing),
        or_(Need.__table__.c.closes_on.is_(None), Need.__table__.c.closes_on >= clock.local_day(now)),
        *(_holds(word) for word in text.split()[:_MOST_WORDS]),
        *(_is_chosen(name, values) for name, values in chosen.items()),
    )
    session = current_session()
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (_L.confirmed_at.desc(), _L.id.desc())
    ids = session.scalars(query.order_by(*order).limit(per_page).offset((page - 1) * per_page)).all()
    return total, ids


def _holds(word: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in _TEXTS))


def _is_chosen(name: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    match name:
        case "kind" | "city":
            return cast(_L[name], String).in_(values)
        case "org_kind":
            return cast(Organisation.kind, String).in_(values)
        case "field":
            return _in_fields(values)
        case "chain":
            known = taxonomy.current().fields.values()
            return _in_fields(tuple(item.code for item in known if item.chain in values))
        case "maturity":
            bands = [value.split("-") for value in values if value.replace("-", "").isdigit() and value.count("-") == 1]
            return or_(*(and_(_L.maturity >= int(low), _L.maturity <= int(high)) for low, high in bands))
        case "mode":
            return or_(*(cast(_L.modes, String).contains(f'"{value}"', autoescape=True) for value in values))
        case "ip":
            return _L.id.in_(select(IpRight.listing_id).where(cast(IpRight.status, String).in_(values)))
        case _:
            # What the database does not know is not filtered by; the page says that filters are limited for now.
            return true()


def _in_fields(codes: tuple[str, ...]) -> ColumnElement[bool]:
    return _L.id.in_(select(ListingField.listing_id).where(ListingField.code.in_(codes)))
