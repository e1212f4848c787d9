"""Who may judge a match and who may change how matches are scored. What may be seen of listings is the listings' rule."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.core.policy import Actor, Decision, decide, deny, hide
from marketplace.listings import policy as listings_policy
from marketplace.listings.models import Achievement, Need

WRITERS = ("owner", "editor")


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and an achievement, both loaded."""

    need: Need
    achievement: Achievement


def judging_org(actor: Actor, pair: Pair) -> int | None:
    """The organisation in whose name the actor would judge the pair: the need's side first. None: not concerned."""
    may = actor.org_ids_as(*WRITERS, verified=True)
    return next((listing.org_id for listing in (pair.need, pair.achievement) if listing.org_id in may), None)


def can_judge(actor: Actor, pair: Pair) -> Decision:
    """Say whether a match helps: owners and editors of a verified organisation that is one side of the pair.

    Only the sides may, so that nobody can push a rival's result down.
    """
    if not (listings_policy.can_see(actor, pair.need) and listings_policy.can_see(actor, pair.achievement)):
        return hide()
    if not actor.is_authenticated:
        return deny("sign_in")
    return decide(judging_org(actor, pair) is not None, "not_your_match")


def can_administer(actor: Actor) -> Decision:
    """See the quality figures and change the weights: administrators."""
    return decide(actor.is_admin, "admins_only" if actor.is_authenticated else "sign_in")
