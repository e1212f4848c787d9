"""A university with its people, and its listings taken through the services step by step."""

from __future__ import annotations

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.listings import services
from marketplace.listings.states import ListingKind
from tests.factories import accounts, listings


class House:
    """A verified university with an owner, an editor and a viewer."""

    def __init__(self, *, verified=True):
        self.owner_user, self.org = accounts.create_member(kind="university", verified=verified)
        self.owner = accounts.actor_of(self.owner_user)
        self.editor, self.viewer = (self._member(role) for role in ("editor", "viewer"))

    def _member(self, role):
        user = accounts.create_user()
        accounts.add_member(user, self.org, role)
        return accounts.actor_of(user)


def do(service, *args, actor, at=None, **more):
    with transaction():
        return service(*args, actor=actor, now=at or clock.now(), **more)


def start(house, actor=None, kind=ListingKind.ACHIEVEMENT):
    return do(services.start, kind, house.org.id, actor=actor or house.editor).id


def written(house, **changes):
    """A draft with complete content; (id, content, version)."""
    listing_id = start(house)
    content = listings.achievement_content(**changes)
    draft = do(services.write, listing_id, content, actor=house.editor)
    return listing_id, content, draft.version


def published(house, **changes):
    listing_id, content, version = written(house, **changes)
    do(services.publish, listing_id, content, version=version, actor=house.owner)
    return listing_id, content
