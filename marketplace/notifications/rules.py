"""The signed link that ends one kind of mail for one person, without signing in."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

_SALT = "notifications.unsubscribe"


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whose mail of which kind shall end."""

    user_id: int
    kind: str


class LinkBroken(ValueError):
    """The link was changed, or is none of ours."""


def sign(wish: Unsubscription, *, secret: str) -> str:
    """The token of a link. It does not expire: an old mail must still be able to end its kind."""
    return URLSafeSerializer(secret, salt=_SALT).dumps([wish.user_id, wish.kind])


def read(token: str, *, secret: str) -> Unsubscription:
    """The wish behind a token. Raises LinkBroken."""
    try:
        user_id, kind = URLSafeSerializer(secret, salt=_SALT).loads(token)
        return Unsubscription(int(user_id), str(kind))
    except (BadData, ValueError, TypeError) as error:
        raise LinkBroken from error
