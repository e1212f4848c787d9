"""Who may read a notification: the person it was for, while the reason for telling that person still holds."""

from __future__ import annotations

from marketplace.core.policy import NEVER, Actor, Condition, Decision, allow, decide, hide, one_of
from marketplace.notifications.models import Notification


def visible_to(actor: Actor) -> Condition:
    """One's own news, less that of organisations one has left and of an office one no longer holds."""
    if actor.user_id is None:
        return NEVER
    mine = one_of("user_id", {actor.user_id}) & one_of("org_id", actor.org_ids | {0})
    return mine if actor.is_admin else mine & one_of("is_for_admins", {False})


def can_see(actor: Actor, row: Notification) -> Decision:
    """To everybody else there is no such notification."""
    return allow() if visible_to(actor).matches(row) else hide()


def can_choose(actor: Actor) -> Decision:
    """Everybody chooses which mail to get."""
    return decide(actor.is_authenticated, "sign_in")
