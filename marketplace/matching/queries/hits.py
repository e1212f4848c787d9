"""What a result page shows of its hits: the public text from the index, checked against the database at this moment.

One constant statement of few columns asks whether each hit is still on show to the actor and in which revision. Where
the index lags behind, or the reader belongs to the organisation, the whole card is read from the database instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, false, func, select

from marketplace.core.clock import SHANGHAI
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.listings import policy
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing, Need
from marketplace.listings.queries import Card
from marketplace.listings.states import ON_SHOW, Audience, ListingKind
from search_index.documents import ListingDocument, seq_of
from search_index.requests import Hit

_L, _N = Listing.__table__.c, Need.__table__.c
# Built once: making the statement anew, with its rule of visibility, costs more than running it.
_STANDING = (
    select(
        *(_L.id, _L.state, _L.audience, _L.org_id, _L.rev, _L.confirmed_at, _L.published_at),
        func.coalesce(_N.is_anonymous, false()).label("is_anonymous"),
    )
    .select_from(Listing.__table__)
    .outerjoin(Need.__table__, _N.id == _L.id)
    .where(_L.id.in_(bindparam("ids", expanding=True)))
)


def cards_of(found: Sequence[Hit], actor: Actor) -> dict[str, Card]:
    """Document id -> card, for every hit that is on show to the actor now."""
    numbers = {seq_of(hit.id) >> 1: hit for hit in found}
    if not numbers:
        return {}
    rule = policy.visible_to(actor)
    cards: dict[str, Card] = {}
    whole: list[int] = []
    for row in current_session().execute(_STANDING, {"ids": list(numbers)}):
        if row.state not in ON_SHOW or not rule.matches(row):
            continue
        hit = numbers[row.id]
        if row.rev != hit.rev or row.org_id in actor.org_ids or actor.is_admin:
            whole.append(row.id)
        else:
            cards[hit.id] = _card(row, hit.document)
    for card in visible_cards(whole, actor):
        cards[numbers[card.id].id] = card
    return cards


def visible_cards(ids: Iterable[int], actor: Actor) -> list[Card]:
    """Cards read from the database alone, of what is on show to the actor at this moment."""
    wanted = list(ids)
    return [card for card in listings.cards(wanted, actor) if card.state in ON_SHOW] if wanted else []


def _card(row: Any, document: ListingDocument) -> Card:
    """The index holds this very revision, so its text is what everybody reads; it is masked where it must be."""
    closes = dt.datetime.fromtimestamp(document.closes_at - 1, SHANGHAI).date() if document.closes_at else None
    return Card(
        id=row.id,
        kind=ListingKind(document.kind),
        title=Bilingual(document.title_zh, document.title_en),
        summary=Bilingual(document.summary_zh, document.summary_en),
        org_id=None if row.is_anonymous else row.org_id,
        org_name=Bilingual(document.org_name_zh, document.org_name_en),
        org_kind=document.org_kind,
        city=document.city,
        fields=document.fields,
        maturity=document.maturity,
        modes=document.modes,
        money_min=document.money_min,
        money_max=document.money_max,
        state=row.state,
        audience=Audience(row.audience),
        quality=round(document.quality * 100),
        published_at=row.published_at,
        confirmed_at=row.confirmed_at,
        closes_on=closes,
        is_own=False,
    )
