"""The pages everybody reads: an achievement, a need, and the short address that leads to either."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from marketplace.core import clock
from marketplace.core.web import absolute_url, access, actor
from marketplace.core.web.languages import has_endpoint
from marketplace.deals import queries as deals
from marketplace.listings import labels, policy, queries
from marketplace.listings.models import Listing
from marketplace.listings.rules.content import content_of
from marketplace.listings.states import ListingKind
from marketplace.listings.views.blueprint import bp
from marketplace.listings.views.record_page import RecordPage, record_page
from marketplace.matching import queries as matching
from marketplace.matching.queries import Matches


def _achievement(**address: Any) -> Listing | None:
    return queries.record(ListingKind.ACHIEVEMENT, address["id"])


def _need(**address: Any) -> Listing | None:
    return queries.record(ListingKind.NEED, address["id"])


def _any(**address: Any) -> Listing | None:
    return queries.listing(address["listing_id"])


@bp.get("/achievements/<int:id>")
@access(policy.can_see, load=_achievement, as_name="listing")
def achievement(listing: Listing) -> ResponseReturnValue:
    """An achievement: what it is, why it is better, what to do next, then everything else."""
    return render_template("listings/achievement.html", **_page(listing))


@bp.get("/needs/<int:id>")
@access(policy.can_see, load=_need, as_name="listing")
def need(listing: Listing) -> ResponseReturnValue:
    """A need: the problem, what would solve it, on which terms, how to answer."""
    return render_template("listings/need.html", **_page(listing))


@bp.get("/l/<int:listing_id>")
@access(policy.can_see, load=_any, as_name="listing")
def show(listing: Listing) -> ResponseReturnValue:
    """The short address of a listing of either kind."""
    return redirect(
        url_for("listings.achievement" if listing.kind == ListingKind.ACHIEVEMENT else "listings.need", id=listing.id)
    )


def _page(listing: Listing) -> dict[str, Any]:
    now = clock.now()
    record = record_page(listing, content_of(listing), reader=actor(), now=now)
    return {
        "r": record,
        "labels": labels,
        "contact_url": _contact_url(record),
        "short_url": absolute_url("listings.show", listing_id=listing.id),
        "figures": None if record.organisation["is_masked"] else deals.response_figures([listing.org_id]).get(listing.org_id),
        "matches": _matches(listing, record, now),
        "can_edit": bool(policy.can_edit(actor(), listing)),
        "possible_withdraw": record.is_on_show and bool(policy.can_withdraw(actor(), listing)),
    }


def _matches(listing: Listing, record: RecordPage, now: dt.datetime) -> Matches | None:
    """The best matches, or that they cannot be computed; that there are none yet only one's own people learn."""
    if not record.is_on_show:
        return None
    found = matching.matches_of(listing, actor(), now, limit=2)
    return found if found.items or not found.is_available or record.shown.is_own else None


def _contact_url(record: RecordPage) -> str:
    """Where to ask the other side; one's own listing is not asked about."""
    if record.shown.is_own or not record.is_on_show or not has_endpoint("deals.enquire"):
        return ""
    return url_for("deals.enquire", listing_id=record.id)
