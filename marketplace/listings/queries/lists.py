"""Lists of listings: cards for result pages, counts, the newest, one's own. Read as plain rows where pages are hot."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import Organisation
from marketplace.core.db import current_session
from marketplace.core.pagination import Page, paginate
from marketplace.core.policy import ANONYMOUS, Actor
from marketplace.core.types import Bilingual
from marketplace.listings import policy
from marketplace.listings.models import Listing, ListingDraft, ListingField, Need
from marketplace.listings.rules.texts import masked_name
from marketplace.listings.states import ON_SHOW, Audience, ListingKind, ListingState
from marketplace.taxonomy import queries as taxonomy

# A card shows two or three lines; the rest of a long text need not travel.
_SUMMARY_CHARACTERS = 240
_L, _O, _N = Listing.__table__.c, Organisation.__table__.c, Need.__table__.c


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of one listing. The organisation of an anonymous need is masked (then `org_id` is None)."""

    id: int
    kind: ListingKind
    title: Bilingual
    summary: Bilingual
    org_id: int | None
    org_name: Bilingual
    org_kind: str
    city: str
    fields: tuple[str, ...]
    maturity: int | None
    modes: tuple[str, ...]
    money_min: int | None
    money_max: int | None
    state: ListingState
    audience: Audience
    quality: int
    published_at: dt.datetime | None
    confirmed_at: dt.datetime | None
    closes_on: dt.date | None
    is_own: bool

    @property
    def is_fading(self) -> bool:
        return self.state == ListingState.FADING


_CARD = (
    select(
        *(_L.id, _L.kind, _L.title_zh, _L.title_en, _L.org_id, _L.city, _L.maturity, _L.modes, _L.money_min, _L.money_max),
        *(_L.state, _L.audience, _L.quality, _L.published_at, _L.confirmed_at),
        func.substr(_L.summary_zh, 1, _SUMMARY_CHARACTERS).label("summary_zh"),
        func.substr(_L.summary_en, 1, _SUMMARY_CHARACTERS).label("summary_en"),
        func.substr(_L.description_zh, 1, _SUMMARY_CHARACTERS).label("description_zh"),
        func.substr(_L.description_en, 1, _SUMMARY_CHARACTERS).label("description_en"),
        *(_O.name_zh, _O.name_en, _O.trade_zh, _O.trade_en, _O.city.label("org_city"), _O.kind.label("org_kind")),
        *(_N.closes_on, _N.is_anonymous),
    )
    .select_from(Listing.__table__)
    .join(Organisation.__table__, _O.id == _L.org_id)
    .outerjoin(Need.__table__, _N.id == _L.id)
)


def cards(ids: Sequence[int], actor: Actor) -> list[Card]:
    """Cards in the order of `ids`; what the actor may not see (or is gone) is left out. Two statements."""
    if not ids:
        return []
    visible = policy.visible_to(actor).sql(Listing)
    rows = {row.id: row for row in current_session().execute(_CARD.where(_L.id.in_(ids), visible))}
    return _cards([rows[i] for i in ids if i in rows], actor)


def newest(kind: ListingKind, actor: Actor, limit: int) -> list[Card]:
    """The latest listings of a kind on show to the actor."""
    query = _CARD.where(_L.kind == kind, _L.state.in_(ON_SHOW), policy.visible_to(actor).sql(Listing))
    rows = current_session().execute(query.order_by(_L.published_at.desc(), _L.id.desc()).limit(limit)).all()
    return _cards(rows, actor)


def on_show_of(org_id: int, actor: Actor, *, limit: int) -> list[Card]:
    """The latest listings that an organisation shows this actor under its own name; anonymous needs stay anonymous."""
    rows = current_session().execute(_shown_of(_CARD, org_id, actor).limit(limit)).all()
    return _cards(rows, actor)


def on_show_page(org_id: int, actor: Actor, number: int) -> Page[Card]:
    """One page of the same."""
    ids = select(_L.id).select_from(Listing.__table__).outerjoin(Need.__table__, _N.id == _L.id)
    found = paginate(_shown_of(ids, org_id, actor), number)
    return replace(found, items=cards(found.items, actor))


def _shown_of(query: Select[Any], org_id: int, actor: Actor) -> Select[Any]:
    named = _N.is_anonymous.is_not(True) if actor.membership(org_id) is None and not actor.is_admin else true()
    shown = query.where(_L.org_id == org_id, _L.state.in_(ON_SHOW), policy.visible_to(actor).sql(Listing), named)
    return shown.order_by(_L.published_at.desc(), _L.id.desc())


def _cards(rows: Sequence[Any], actor: Actor) -> list[Card]:
    codes: dict[int, list[str]] = defaultdict(list)
    links = select(ListingField.listing_id, ListingField.code).where(ListingField.listing_id.in_([row.id for row in rows]))
    for listing_id, code in current_session().execute(links.order_by(ListingField.listing_id, ListingField.position)):
        codes[listing_id].append(code)
    current = taxonomy.current()
    return [_card(row, tuple(codes[row.id]), actor, current) for row in rows]


def _card(row: Any, codes: tuple[str, ...], actor: Actor, current: taxonomy.Taxonomy) -> Card:
    is_named = policy.fields_shown(actor, row).identity
    name = Bilingual(row.name_zh, row.name_en)
    trade = Bilingual(row.trade_zh, row.trade_en)
    return Card(
        id=row.id,
        kind=row.kind,
        title=Bilingual(row.title_zh, row.title_en),
        summary=Bilingual(row.summary_zh or row.description_zh, row.summary_en or row.description_en),
        org_id=row.org_id if is_named else None,
        org_name=name if is_named else masked_name(trade, current.city_name(row.org_city)),
        org_kind=str(row.org_kind),
        city=row.city,
        fields=codes,
        maturity=row.maturity,
        modes=tuple(row.modes),
        money_min=row.money_min,
        money_max=row.money_max,
        state=row.state,
        audience=row.audience,
        quality=row.quality,
        published_at=row.published_at,
        confirmed_at=row.confirmed_at,
        closes_on=row.closes_on,
        is_own=actor.membership(row.org_id) is not None,
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many listings the public can see."""

    achievements: int = 0
    needs: int = 0


def counts() -> Counts:
    """Live counts of what the public can see."""
    query = select(_L.kind, func.count()).where(policy.visible_to(ANONYMOUS).sql(Listing)).group_by(_L.kind)
    found = {row[0]: row[1] for row in current_session().execute(query)}
    return Counts(found.get(ListingKind.ACHIEVEMENT, 0), found.get(ListingKind.NEED, 0))


def counts_by_field() -> dict[str, Counts]:
    """The same for each strategic field (a listing counts in each of its fields)."""
    query = select(ListingField.code, _L.kind, func.count()).join(Listing.__table__, _L.id == ListingField.listing_id)
    query = query.where(policy.visible_to(ANONYMOUS).sql(Listing)).group_by(ListingField.code, _L.kind)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for code, kind, number in current_session().execute(query):
        found[code][kind] = number
    return {c: Counts(n.get(ListingKind.ACHIEVEMENT, 0), n.get(ListingKind.NEED, 0)) for c, n in found.items()}


def on_show_counts(org_id: int, actor: Actor) -> Counts:
    """How many listings of an organisation the actor can see on show; anonymous needs count only for those who know."""
    query = select(_L.kind, _L.org_id, func.coalesce(_N.is_anonymous, False).label("is_anonymous"), func.count().label("number"))
    query = query.select_from(Listing.__table__).outerjoin(Need.__table__, _N.id == _L.id)
    query = query.where(_L.org_id == org_id, _L.state.in_(ON_SHOW), policy.visible_to(actor).sql(Listing))
    rows = current_session().execute(query.group_by(_L.kind, _L.org_id, "is_anonymous")).all()
    named = [row for row in rows if policy.fields_shown(actor, row).identity]
    of = {kind: sum(row.number for row in named if row.kind == kind) for kind in ListingKind}
    return Counts(of[ListingKind.ACHIEVEMENT], of[ListingKind.NEED])


def _mine(actor: Actor) -> Select[Listing]:
    return select(Listing).where(Listing.org_id.in_(actor.org_ids))


def my_counts(actor: Actor) -> dict[ListingState, int]:
    """How many listings of the actor's organisations stand in each state."""
    query = select(Listing.state, func.count()).where(Listing.org_id.in_(actor.org_ids)).group_by(Listing.state)
    return {row[0]: row[1] for row in current_session().execute(query)}


def my_listings(
    actor: Actor, *, state: ListingState | None = None, kind: ListingKind | None = None, page: int = 1
) -> Page[Listing]:
    """The actor's organisations' listings, last touched first."""
    query = _mine(actor).options(joinedload(Listing.organisation, innerjoin=True))
    query = query.join(ListingDraft, ListingDraft.listing_id == Listing.id)
    if state is not None:
        query = query.where(Listing.state == state)
    if kind is not None:
        query = query.where(Listing.kind == kind)
    found: Page[Listing] = paginate(query.order_by(ListingDraft.saved_at.desc(), Listing.id.desc()), page)
    return found


def changed_ids(ids: Sequence[int]) -> set[int]:
    """Which of these listings on show have a draft that readers do not see yet."""
    is_newer = ListingDraft.version != ListingDraft.applied_version
    return set(current_session().scalars(select(ListingDraft.listing_id).where(ListingDraft.listing_id.in_(ids), is_newer)))


def to_review(actor: Actor) -> Sequence[Listing]:
    """Drafts and changes that wait for the actor as owner, the oldest first."""
    orgs = actor.org_ids_as(policy.OWNER)
    waits = (Listing.state == ListingState.SUBMITTED) | ListingDraft.offered_at.is_not(None)
    query = select(Listing).join(ListingDraft, ListingDraft.listing_id == Listing.id).where(Listing.org_id.in_(orgs), waits)
    query = query.options(joinedload(Listing.organisation, innerjoin=True)).order_by(Listing.changed_at)
    return current_session().scalars(query).all()
