"""Named reads about listings; whatever readers may see is asked with `policy.visible_to` inside the SQL."""

from __future__ import annotations

from marketplace.listings.queries.doubles import Double, doubles
from marketplace.listings.queries.indexing import for_indexing, indexable_revs, listing_ids_of
from marketplace.listings.queries.invariants import INVARIANTS
from marketplace.listings.queries.lists import (
    Card,
    Counts,
    cards,
    changed_ids,
    counts,
    counts_by_field,
    my_counts,
    my_listings,
    newest,
    on_show_counts,
    on_show_of,
    to_review,
)
from marketplace.listings.queries.personal import PERSONAL_DATA
from marketplace.listings.queries.records import (
    applied_content,
    attachment,
    attachment_of,
    draft,
    draft_for_update,
    known,
    listing,
    listing_for_update,
    listings,
    person_name,
    person_names,
    record,
    revision,
    revisions,
    terms,
)
from marketplace.listings.queries.waiting import Waiting, due_to_fade, due_to_leave, due_to_remind, to_confirm, waiting_for

__all__ = [
    "INVARIANTS",
    "PERSONAL_DATA",
    "Card",
    "Counts",
    "Double",
    "Waiting",
    "applied_content",
    "attachment",
    "attachment_of",
    "cards",
    "changed_ids",
    "counts",
    "counts_by_field",
    "doubles",
    "draft",
    "draft_for_update",
    "due_to_fade",
    "due_to_leave",
    "due_to_remind",
    "for_indexing",
    "indexable_revs",
    "known",
    "listing",
    "listing_for_update",
    "listing_ids_of",
    "listings",
    "my_counts",
    "my_listings",
    "newest",
    "on_show_counts",
    "on_show_of",
    "person_name",
    "person_names",
    "record",
    "revision",
    "revisions",
    "terms",
    "to_confirm",
    "to_review",
    "waiting_for",
]
