"""What the search index is made from and compared with. No actor: what may be found is in the document itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.core.db import current_session
from marketplace.listings.models import Listing
from marketplace.listings.queries.records import listings
from marketplace.listings.states import ON_SHOW


def for_indexing(ids: Sequence[int]) -> Sequence[Listing]:
    """Listings with everything a document needs, in the order of `ids`; `search_docs.is_indexable` says which belong in."""
    return listings(ids)


def indexable_revs(*, after_id: int = 0, limit: int | None = None) -> dict[str, int]:
    """{document id: rev} of every listing that belongs in the index, by rising listing id."""
    query = select(Listing.id, Listing.kind, Listing.rev).where(Listing.state.in_(ON_SHOW), Listing.id > after_id)
    rows = current_session().execute(query.order_by(Listing.id).limit(limit))
    return {f"{kind}:{listing_id}": rev for listing_id, kind, rev in rows}


def listing_ids_of(org_id: int) -> Sequence[int]:
    """Listings on show of one organisation (when its name, city or standing changes)."""
    query = select(Listing.id).where(Listing.org_id == org_id, Listing.state.in_(ON_SHOW)).order_by(Listing.id)
    return current_session().scalars(query).all()
