"""The signed link by which a listing is confirmed from a mail without signing in.

It is good for one listing, one person and one confirmation period, for a limited time; what the person may still do is
checked anew when the link is used.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

LINK_DAYS = 45
_SALT = "listings.confirm"


@dataclass(frozen=True, slots=True)
class ConfirmLink:
    """What a sound link names."""

    listing_id: int
    user_id: int
    period: str


class LinkExpired(ValueError):
    """The link was right once, but is too old."""


class LinkBroken(ValueError):
    """The link was changed, or is none of ours."""


def period_of(confirmed_at: dt.datetime) -> str:
    """The confirmation period a link belongs to: after the next confirmation it opens nothing any more."""
    return confirmed_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S")


def sign(link: ConfirmLink, *, secret: str) -> str:
    """The token of a link."""
    return URLSafeTimedSerializer(secret, salt=_SALT).dumps([link.listing_id, link.user_id, link.period])


def read(token: str, *, secret: str) -> ConfirmLink:
    """The link behind a token. Raises LinkExpired or LinkBroken."""
    serializer = URLSafeTimedSerializer(secret, salt=_SALT)
    try:
        listing_id, user_id, period = serializer.loads(token, max_age=LINK_DAYS * 86_400)
        return ConfirmLink(int(listing_id), int(user_id), str(period))
    except SignatureExpired as error:
        raise LinkExpired from error
    except (BadData, ValueError, TypeError) as error:
        raise LinkBroken from error
