"""What must hold for all listings at any time; `flask market doctor` runs these."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select

from marketplace.core.db import current_session
from marketplace.core.files import StoredFile
from marketplace.core.workflow import Transition
from marketplace.listings.models import Attachment, Listing, ListingDraft, ListingField, ListingRevision
from marketplace.listings.states import LISTING, ON_SHOW


def shown_listings_have_a_history() -> Sequence[str]:
    """Every listing on show has an applied revision and a publish step."""
    has_revision = exists().where(ListingRevision.listing_id == Listing.id)
    published = (Transition.object_type == LISTING.object_type, Transition.object_id == Listing.id, Transition.step == "publish")
    query = select(Listing.id).where(Listing.state.in_(ON_SHOW), ~has_revision | ~exists().where(*published))
    return [f"listing {i} is on show without revision or publish step" for i in current_session().scalars(query)]


def state_follows_history() -> Sequence[str]:
    """The state of a listing is where its last step led."""
    last = select(func.max(Transition.id)).where(Transition.object_type == LISTING.object_type).group_by(Transition.object_id)
    query = select(Listing.id, Listing.state, Transition.to_state).join(Transition, Transition.object_id == Listing.id)
    rows = current_session().execute(query.where(Transition.id.in_(last)))
    return [f"listing {i} is {state}, its history says {led}" for i, state, led in rows if str(state) != led]


def revs_are_monotone() -> Sequence[str]:
    """`rev` counts at least every revision, and revisions are numbered without gaps."""
    made = select(
        ListingRevision.listing_id, func.count().label("made"), func.max(ListingRevision.number).label("last")
    ).group_by(ListingRevision.listing_id)
    counted = made.subquery()
    query = select(Listing.id, Listing.rev, counted.c.made, counted.c.last).join(counted, counted.c.listing_id == Listing.id)
    rows = current_session().execute(query)
    return [f"listing {i}: rev {rev}, {made} revisions up to {last}" for i, rev, made, last in rows if rev < made or made != last]


def attachments_have_files() -> Sequence[str]:
    """Every attachment leads to a stored file."""
    query = select(Attachment.id).outerjoin(StoredFile, StoredFile.id == Attachment.file_id).where(StoredFile.id.is_(None))
    return [f"attachment {i} has no file" for i in current_session().scalars(query)]


def listings_are_whole() -> Sequence[str]:
    """Every listing has a draft row; every listing on show has a primary field."""
    no_draft = select(Listing.id).where(~exists().where(ListingDraft.listing_id == Listing.id))
    primary = exists().where(ListingField.listing_id == Listing.id, ListingField.position == 0)
    no_field = select(Listing.id).where(Listing.state.in_(ON_SHOW), ~primary)
    session = current_session()
    return [f"listing {i} has no draft" for i in session.scalars(no_draft)] + [
        f"listing {i} is on show without a primary field" for i in session.scalars(no_field)
    ]


INVARIANTS = {
    "listings on show have a history": shown_listings_have_a_history,
    "listings' states follow their history": state_follows_history,
    "listings' revs are monotone": revs_are_monotone,
    "attachments have files": attachments_have_files,
    "listings are whole": listings_are_whole,
}
