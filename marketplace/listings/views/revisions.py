"""Versions of a listing: what each changed, and bringing an older one back into the draft."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import NotFound
from marketplace.core.web import access, actor
from marketplace.listings import labels, policy, queries, services
from marketplace.listings.models import Listing
from marketplace.listings.rules.content import empty
from marketplace.listings.views.blueprint import bp
from marketplace.listings.views.opened import listing_of, open_draft, possible
from marketplace.taxonomy import queries as taxonomy


def _number() -> int:
    return int((request.view_args or {}).get("number", 0))


@bp.get("/listings/<int:id>/versions/<int:number>")
@access(policy.can_open, load=listing_of, as_name="listing")
def revision(listing: Listing) -> ResponseReturnValue:
    """One version: what it changed against the one before, and all it said."""
    row = queries.revision(listing.id, _number())
    if row is None:
        raise NotFound("revision")
    before = queries.revision(listing.id, row.number - 1)
    current = taxonomy.current()
    content = empty(listing.kind) | row.content
    return render_template(
        "listings/revision.html",
        listing=listing,
        row=row,
        author=queries.person_name(row.actor_id),
        facts=labels.facts(listing.kind, content, current),
        changes=labels.changes(listing.kind, empty(listing.kind) | before.content, content, current) if before else [],
        is_first=before is None,
        possible=possible(open_draft(listing)),
        labels=labels,
    )


@bp.post("/listings/<int:id>/versions/<int:number>/restore")
@access(policy.can_edit, load=listing_of, as_name="listing")
def restore(listing: Listing) -> ResponseReturnValue:
    """Bring a version back into the draft."""
    listing_id, number = listing.id, _number()
    with transaction():
        services.restore(listing_id, number, actor=actor(), now=clock.now())
    flash(_("Version %(number)s is back in the draft. Readers see it when it is published.", number=number), "success")
    return redirect(url_for("listings.check", id=listing_id))
