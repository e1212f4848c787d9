"""What the owner's pages begin with: the listing of the address, its draft as read, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.types import Bilingual
from marketplace.core.web import actor
from marketplace.listings import forms, labels, policy, queries
from marketplace.listings.forms import Reading
from marketplace.listings.models import Listing, ListingDraft
from marketplace.listings.rules import quality
from marketplace.listings.rules.content import SECTIONS
from marketplace.listings.rules.numbers import normal_number
from marketplace.listings.states import LISTING, ON_SHOW, IpKind, ListingKind, ListingState


def listing_of(**address: Any) -> Listing | None:
    """The listing of an address with everything loaded (for `access(load=...)`)."""
    return queries.listing(address["id"])


@dataclass(frozen=True, slots=True)
class Opened:
    """A listing, its draft, and the draft as read."""

    listing: Listing
    draft: ListingDraft
    reading: Reading

    @property
    def is_on_show(self) -> bool:
        return self.listing.state in ON_SHOW


def open_draft(listing: Listing) -> Opened:
    """Read the draft of a loaded listing."""
    draft = queries.draft(listing.id)
    if draft is None:
        raise NotFound("draft")
    today = clock.local_day(clock.now())
    return Opened(listing, draft, forms.read(listing.kind, draft.data, files=listing.attachments, today=today))


def section_of_address(listing: Listing) -> str:
    """The section named in the address. Raises NotFound for one this kind does not have."""
    section = str((request.view_args or {}).get("section", ""))
    if section not in SECTIONS[listing.kind]:
        raise NotFound(section)
    return section


def section_status(opened: Opened, section: str) -> str:
    """How far a section is: "done", "wrong", "todo" (nothing written, something needed) or "optional"."""
    has_values = bool(opened.draft.data.get(section))
    if opened.reading.has_errors(section):
        return "wrong" if has_values else "todo"
    return "done" if has_values else "optional"


def tasks(opened: Opened) -> list[dict[str, str]]:
    """The task list for its macro."""
    words = {
        "done": (_("Done"), "ok"),
        "wrong": (_("Look again"), "bad"),
        "todo": (_("To do"), "wait"),
        "optional": (_("Optional"), ""),
    }
    found = []
    for section in SECTIONS[opened.listing.kind]:
        text, kind = words[section_status(opened, section)]
        url = url_for("listings.section", id=opened.listing.id, section=section)
        found.append({"label": str(labels.SECTIONS[section]), "url": url, "state_text": text, "state": kind})
    return found


def meter(listing_id: int, kind: ListingKind, reading: Reading) -> dict[str, Any]:
    """The quality meter for its macro: score and what is missing, each linked to its field."""
    found = quality.assess(kind, reading.content)
    items = [
        {
            "label": labels.quality_text(item.code),
            "url": url_for("listings.section", id=listing_id, section=item.section, _anchor=item.anchor),
            "gain": item.gain,
        }
        for item in found.missing[:6]
    ]
    return {"score": found.score, "items": items}


def doubles_of(opened: Opened) -> Sequence[queries.Double]:
    """Listings that may be the same thing."""
    content = opened.reading.content
    numbers = [normal_number(IpKind(row["kind"]), row["number"]) for row in content.get("ip", ())]
    return queries.doubles(opened.listing, title=Bilingual.of(content["title"]), numbers=numbers, actor=actor())


@dataclass(frozen=True, slots=True)
class Possible:
    """Which steps this person may take with this listing now."""

    edit: bool = False
    submit: bool = False
    publish: bool = False
    take_back: bool = False
    send_back: bool = False
    offer: bool = False
    publish_changes: bool = False
    withdraw: bool = False
    reopen: bool = False
    confirm: bool = False
    needs_verification: bool = False


def possible(opened: Opened) -> Possible:
    """Ask policy and workflow for every step."""
    who, listing, draft = actor(), opened.listing, opened.draft
    state, is_on_show = listing.state, opened.is_on_show
    writes, publishes = bool(policy.can_submit(who, listing)), policy.can_publish(who, listing)
    owns = bool(policy.can_send_back(who, listing))
    return Possible(
        edit=bool(policy.can_edit(who, listing)),
        submit=writes and not owns and state == ListingState.DRAFT,
        publish=bool(publishes) and state in (ListingState.DRAFT, ListingState.SUBMITTED),
        take_back=writes and LISTING.allows(listing, "take_back"),
        send_back=owns and LISTING.allows(listing, "send_back"),
        offer=writes and not owns and is_on_show and draft.has_changes and draft.offered_at is None,
        publish_changes=bool(publishes) and is_on_show and draft.has_changes,
        withdraw=bool(policy.can_withdraw(who, listing)) and LISTING.allows(listing, "withdraw"),
        reopen=writes and LISTING.allows(listing, "reopen"),
        confirm=bool(policy.can_confirm(who, listing)) and is_on_show,
        needs_verification=owns and publishes.reason == "verified_only",
    )
