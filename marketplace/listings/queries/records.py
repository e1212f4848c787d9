"""One listing with what its page or its change needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectin_polymorphic, selectinload

from marketplace.accounts.models import User
from marketplace.core import settings
from marketplace.core.db import current_session
from marketplace.listings.models import Achievement, Attachment, Listing, ListingDraft, ListingRevision, Need
from marketplace.listings.rules.content import Content, Known, empty
from marketplace.listings.rules.liveness import Terms
from marketplace.listings.states import ListingKind
from marketplace.taxonomy import queries as taxonomy

_MODELS: dict[ListingKind, type[Listing]] = {ListingKind.ACHIEVEMENT: Achievement, ListingKind.NEED: Need}


def _whole(query: Select[Listing]) -> Select[Listing]:
    """Load everything a record shows: both kinds' own columns, organisation, fields, rights, attachments."""
    return query.options(
        selectin_polymorphic(Listing, [Achievement, Need]),
        joinedload(Listing.organisation, innerjoin=True),
        selectinload(Listing.field_links),
        selectinload(Listing.attachments),
        selectinload(Achievement.ip_rights),
    )


def listing(listing_id: int) -> Listing | None:
    """A listing of either kind with everything its record shows."""
    return current_session().scalars(_whole(select(Listing).where(Listing.id == listing_id))).one_or_none()


def record(kind: ListingKind, listing_id: int) -> Listing | None:
    """The same, only if it is of this kind: an achievement is not found under the address of a need."""
    query = select(Listing).where(Listing.id == listing_id, Listing.kind == kind)
    return current_session().scalars(_whole(query)).one_or_none()


def listings(ids: Sequence[int]) -> Sequence[Listing]:
    """Several listings with everything, in the order of `ids`; missing ones are left out."""
    found = {row.id: row for row in current_session().scalars(_whole(select(Listing).where(Listing.id.in_(ids))))}
    return [found[i] for i in ids if i in found]


def listing_for_update(listing_id: int) -> Listing | None:
    """The listing, locked and as it stands now, with everything a change touches."""
    session = current_session()
    lock = select(Listing.id).where(Listing.id == listing_id).with_for_update()
    if session.scalar(lock) is None:
        return None
    query = _whole(select(Listing).where(Listing.id == listing_id)).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def draft(listing_id: int) -> ListingDraft | None:
    """What is being written about a listing."""
    return current_session().get(ListingDraft, listing_id)


def draft_for_update(listing_id: int) -> ListingDraft | None:
    """The draft, locked and as it stands now."""
    return current_session().get(ListingDraft, listing_id, with_for_update=True, populate_existing=True)


def revisions(listing_id: int) -> Sequence[ListingRevision]:
    """All revisions, newest first."""
    query = select(ListingRevision).where(ListingRevision.listing_id == listing_id)
    return current_session().scalars(query.order_by(ListingRevision.number.desc())).all()


def revision(listing_id: int, number: int) -> ListingRevision | None:
    """One revision by its number."""
    query = select(ListingRevision).where(ListingRevision.listing_id == listing_id, ListingRevision.number == number)
    return current_session().scalars(query).one_or_none()


def attachment(attachment_id: int) -> Attachment | None:
    """One attached file."""
    return current_session().get(Attachment, attachment_id)


def attachment_of(listing_id: int, attachment_id: int) -> Attachment | None:
    """The file, only if it belongs to this listing."""
    found = attachment(attachment_id)
    return found if found is not None and found.listing_id == listing_id else None


def known() -> Known:
    """The codes of the current taxonomy that content is checked against."""
    current = taxonomy.current()
    stages = {level: item.stage for level, item in current.levels.items()}
    return Known(frozenset(current.fields), frozenset(current.cities), stages)


def terms() -> Terms:
    """The market's settings of liveness."""
    return Terms(
        confirm_every=settings.whole("listings.confirm_every_days"),
        remind_before=settings.whole("listings.remind_before_days"),
        expire_after=settings.whole("listings.expire_after_fading_days"),
    )


def person_name(user_id: int | None) -> str:
    """The name of a colleague who saved something ("" when unknown)."""
    user = current_session().get(User, user_id) if user_id else None
    return user.name if user else ""


def person_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of several colleagues by their ids, in one statement."""
    wanted = {i for i in ids if i is not None}
    rows = current_session().execute(select(User.id, User.name).where(User.id.in_(wanted))) if wanted else ()
    return {row[0]: row[1] for row in rows}


def applied_content(listing: Listing) -> Content:
    """What readers see of a listing (its last revision), or empty content when nothing was ever shown."""
    latest = next(iter(revisions(listing.id)), None)
    return empty(listing.kind) | (latest.content if latest else {})
