"""The one-click link of a letter: the event's own, or for a listing that must be confirmed one signed for its reader.

It is made here and not by the event, because it opens something: events are kept, and read by several handlers.
"""

from __future__ import annotations

from typing import Any

from flask import current_app

from marketplace.accounts.models import User
from marketplace.core.db import current_session
from marketplace.core.outbox import Payload
from marketplace.core.web.languages import has_endpoint
from marketplace.listings.models import Listing
from marketplace.listings.rules.links import ConfirmLink, period_of, sign

CONFIRM_PAGE = "listings.confirm_by_link"


def confirm_link(payload: Payload, user: User) -> list[Any] | None:
    """[endpoint, arguments] of the link that does the one thing a letter asks for, if there is such a thing."""
    if payload.get("confirm_link"):
        return list(payload["confirm_link"])
    if payload["event"] != "listings.confirmation_due" or not has_endpoint(CONFIRM_PAGE):
        return None
    listing = current_session().get(Listing, payload["listing_id"])
    if listing is None or listing.confirmed_at is None:
        return None
    wish = ConfirmLink(listing.id, user.id, period_of(listing.confirmed_at))
    return [CONFIRM_PAGE, {"token": sign(wish, secret=str(current_app.config["SECRET_KEY"]))}]
