"""What the demonstration looks up: is the market empty or invented, and which row stands for which key."""

from __future__ import annotations

from sqlalchemy import func, select

from marketplace.accounts import queries as accounts
from marketplace.accounts.models import Member, Organisation, User
from marketplace.accounts.states import OrgRole
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.deals.models import Enquiry
from marketplace.listings.models import Listing

DOMAIN = "demo.example.org"


def real_organisations() -> int:
    """How many organisations are not of the demonstration."""
    return current_session().scalar(select(func.count(Organisation.id)).where(~Organisation.is_demo)) or 0


def demo_organisations() -> int:
    """How many are."""
    return current_session().scalar(select(func.count(Organisation.id)).where(Organisation.is_demo)) or 0


def address(key: str) -> str:
    """The log-in of the person who stands for an organisation key ("u01") or a role ("admin")."""
    return f"{key}@{DOMAIN}"


def person(key: str) -> User | None:
    """The person behind a key."""
    return current_session().scalar(select(User).where(User.email == address(key)))


def organisation(key: str) -> Organisation:
    """The organisation behind a key; it must have been founded."""
    query = select(Organisation).join(Member, Member.org_id == Organisation.id).join(User, User.id == Member.user_id)
    return current_session().scalars(query.where(User.email == address(key), Member.role == OrgRole.OWNER)).one()


def actor(key: str) -> Actor:
    """The owner of the organisation behind a key, as an actor."""
    user = person(key)
    assert user is not None, key
    return accounts.actor_of(user)


def has_listing(org_id: int, title_zh: str) -> bool:
    """Does the organisation have a listing of this title?"""
    query = select(Listing.id).where(Listing.org_id == org_id, Listing.__table__.c.title_zh == title_zh)
    return current_session().scalar(query.limit(1)) is not None


def enquiries() -> int:
    """How many conversations there are."""
    return current_session().scalar(select(func.count(Enquiry.id))) or 0


def listings_on_show(kind: str) -> list[tuple[int, int]]:
    """(listing id, organisation id) of everything of a kind, in the order it was loaded."""
    query = select(Listing.id, Listing.org_id).where(Listing.kind == kind).order_by(Listing.id)
    return [(row[0], row[1]) for row in current_session().execute(query)]


def owner_keys() -> dict[int, str]:
    """Organisation id -> key."""
    query = select(Member.org_id, User.email).join(User, User.id == Member.user_id)
    rows = current_session().execute(query.where(Member.role == OrgRole.OWNER, User.is_demo))
    return {org_id: email.split("@", 1)[0] for org_id, email in rows}
