"""What listings keep of one person: what they wrote and drafted, the revisions they made, the files they attached.

Content is told to whoever belongs to the listing's organisation now; of one they have left, only that and when they wrote.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from marketplace.core.db import current_session
from marketplace.core.personal import Section, facts, plain
from marketplace.core.policy import Actor
from marketplace.listings import policy
from marketplace.listings.models import Attachment, Listing, ListingDraft, ListingRevision
from marketplace.listings.queries.records import listings as whole_listings
from marketplace.listings.rules import content as contents

Rows = list[dict[str, Any]]
_AT_ONCE = 200


def listings(actor: Actor) -> Rows:
    """Listings the person began, or whose draft they saved or offered last."""
    query = (
        select(Listing.id, ListingDraft)
        .outerjoin(ListingDraft, ListingDraft.listing_id == Listing.id)
        .where(
            or_(
                Listing.created_by == actor.user_id,
                ListingDraft.saved_by == actor.user_id,
                ListingDraft.offered_by == actor.user_id,
            )
        )
        .order_by(Listing.id)
    )
    drafts: dict[int, ListingDraft | None] = {row[0]: row[1] for row in current_session().execute(query)}
    ids = list(drafts)
    batches = (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
    return [_listing(row, drafts[row.id], actor) for batch in batches for row in whole_listings(batch)]


def _listing(row: Listing, draft: ListingDraft | None, actor: Actor) -> dict[str, Any]:
    told: dict[str, Any] = {
        **facts(row, "id", "kind", "created_at"),
        "begun_by_you": row.created_by == actor.user_id,
        "draft_saved_by_you_at": plain(draft.saved_at) if draft and draft.saved_by == actor.user_id else None,
        "draft_offered_by_you_at": plain(draft.offered_at) if draft and draft.offered_by == actor.user_id else None,
    }
    if not policy.can_open(actor, row):
        return told | {"still_yours_to_read": False}
    return told | {
        "still_yours_to_read": True,
        "organisation": plain(row.organisation.name),
        **facts(row, "state", "published_at", "confirmed_at"),
        "content": contents.content_of(row),
        "draft_as_typed": draft.data if draft else {},
    }


def revisions(actor: Actor) -> Rows:
    """The versions the person made, as the content stood after each."""
    query = (
        select(ListingRevision, Listing.org_id)
        .join(Listing, Listing.id == ListingRevision.listing_id)
        .where(ListingRevision.actor_id == actor.user_id)
        .order_by(ListingRevision.id)
    )
    return [
        {
            **facts(row, "listing_id", "number", "at", "step"),
            "content": row.content if org_id in actor.org_ids else None,
        }
        for row, org_id in current_session().execute(query)
    ]


def files(actor: Actor) -> Rows:
    """Files the person attached to listings; named where they may still be fetched."""
    query = (
        select(Attachment, Listing)
        .join(Listing, Listing.id == Attachment.listing_id)
        .where(Attachment.uploaded_by == actor.user_id)
        .order_by(Attachment.id)
    )
    return [_file(row, bool(policy.can_open(actor, listing))) for row, listing in current_session().execute(query)]


def _file(row: Attachment, may_read: bool) -> dict[str, Any]:
    names = ("name", "note", "tier", "is_shown") if may_read else ()
    size = {"bytes": row.file.size_bytes, "media_type": row.file.media_type} if may_read else {}
    return {**facts(row, "id", "listing_id", "uploaded_at", *names), **size}


PERSONAL_DATA = (
    Section("listings", listings, ("listings.created_by", "listing_drafts.saved_by", "listing_drafts.offered_by")),
    Section("listing_revisions", revisions, ("listing_revisions.actor_id",)),
    Section("listing_files", files, ("attachments.uploaded_by",)),
)
