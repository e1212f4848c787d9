"""What can be done to a listing: write its draft, take its steps, keep it alive, keep its versions."""

from __future__ import annotations

from marketplace.listings.services.drafts import attach, copy, discard_changes, restore, save_section, start, write
from marketplace.listings.services.liveness import confirm, expire, fade, follow_organisation, remind
from marketplace.listings.services.steps import (
    offer_changes,
    publish,
    publish_changes,
    reopen,
    send_back,
    submit,
    take_back,
    withdraw,
)

__all__ = [
    "attach",
    "confirm",
    "copy",
    "discard_changes",
    "expire",
    "fade",
    "follow_organisation",
    "offer_changes",
    "publish",
    "publish_changes",
    "remind",
    "reopen",
    "restore",
    "save_section",
    "send_back",
    "start",
    "submit",
    "take_back",
    "withdraw",
    "write",
]
