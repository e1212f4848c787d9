"""Read-only JSON: one achievement, one need, as everybody may see them, whoever asks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import url_for

from marketplace.core.errors import NotFound
from marketplace.core.policy import ANONYMOUS
from marketplace.core.web import absolute_url, public
from marketplace.core.web.api import api_blueprint
from marketplace.listings import policy, queries
from marketplace.listings.models import Listing
from marketplace.listings.rules.content import Content, content_of
from marketplace.listings.rules.texts import masked_name
from marketplace.listings.schemas import AchievementSchema, NeedSchema
from marketplace.listings.states import Audience, ListingKind
from marketplace.taxonomy import queries as taxonomy

bp = api_blueprint("listings_api", description="Achievements and needs")


@bp.route("/achievements/<int:listing_id>")
@public
@bp.response(200, AchievementSchema)
@bp.alt_response(404, description="There is no such achievement on show to everybody")
def achievement(listing_id: int) -> dict[str, Any]:
    """An achievement on show to everybody"""
    return _answer(ListingKind.ACHIEVEMENT, listing_id)


@bp.route("/needs/<int:listing_id>")
@public
@bp.response(200, NeedSchema)
@bp.alt_response(404, description="There is no such need on show to everybody")
def need(listing_id: int) -> dict[str, Any]:
    """A need on show to everybody"""
    return _answer(ListingKind.NEED, listing_id)


def _answer(kind: ListingKind, listing_id: int) -> dict[str, Any]:
    listing = queries.record(kind, listing_id)
    if listing is None:
        raise NotFound("listing")
    policy.can_see(ANONYMOUS, listing).or_raise()
    content = content_of(listing)
    return {**content, **_about(listing), "money": _money(content), "files": _files(listing)}


def _about(listing: Listing) -> dict[str, Any]:
    page = "listings.achievement" if listing.kind == ListingKind.ACHIEVEMENT else "listings.need"
    about = {name: getattr(listing, name) for name in ("id", "rev", "quality", "published_at", "confirmed_at", "changed_at")}
    return about | {
        "kind": str(listing.kind),
        "state": str(listing.state),
        "url": absolute_url(page, id=listing.id),
        "taxonomy_version": listing.taxonomy_version,
        "organisation": _organisation(listing),
    }


def _organisation(listing: Listing) -> dict[str, Any]:
    org = listing.organisation
    if policy.fields_shown(ANONYMOUS, listing).identity:
        return {"id": org.id, "name": org.name.as_dict(), "kind": str(org.kind)}
    name = masked_name(org.trade, taxonomy.current().city_name(org.city))
    return {"id": None, "name": name.as_dict(), "kind": str(org.kind)}


def _money(content: Content) -> dict[str, Any]:
    low, high = (None if fen is None else Decimal(fen) / 100 for fen in (content["money_min"], content["money_max"]))
    return {"currency": "CNY", "min": low, "max": high}


def _files(listing: Listing) -> list[dict[str, Any]]:
    return [
        {
            "name": a.name,
            "note": a.note,
            "media_type": a.file.media_type,
            "size_bytes": a.file.size_bytes,
            "url": url_for("listings.file", id=listing.id, attachment_id=a.id),
        }
        for a in listing.attachments
        if a.is_shown and a.tier == Audience.PUBLIC
    ]
