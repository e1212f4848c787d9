"""Reactions to events: `notify` tells people in the bell and by mail, `settle` quiets the bell for what was seen."""

from marketplace.notifications.handlers.notify import notify, settle

__all__ = ["notify", "settle"]
