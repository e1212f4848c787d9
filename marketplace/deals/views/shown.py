"""Messages and steps as the plain values that the thread macro draws, and small helpers that templates share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from marketplace.core.clock import SHANGHAI
from marketplace.core.i18n import day, minute, pick, size
from marketplace.core.web import actor
from marketplace.core.web.languages import has_endpoint
from marketplace.deals import labels, queries
from marketplace.deals.models import Enquiry, Message
from marketplace.deals.queries import Thread
from marketplace.deals.states import Outcome
from marketplace.deals.views import bp
from marketplace.listings import policy as listings_policy

Shown = dict[str, Any]
ICONS = {"application/pdf": "pdf", "image/png": "image", "image/jpeg": "image", "image/webp": "image"}


@bp.app_template_filter()
def last_day(end: dt.datetime) -> str:
    """The last day before a half-open end, as people say it."""
    return day(end - dt.timedelta(seconds=1))


def pager() -> Callable[[int], str]:
    """Page number -> the present address with that page."""
    here = {**request.args.to_dict(), **(request.view_args or {})}
    return lambda number: url_for(str(request.endpoint), **{**here, "page": number})


def listing_url(listing_id: int | None) -> str:
    """Where the actor reads the listing a thread is about; "" when it is not to be seen any more."""
    listing = queries.listing_to_ask(listing_id) if listing_id is not None else None
    if listing is None or not listings_policy.can_see(actor(), listing):
        return ""
    endpoint = f"listings.{listing.kind}"
    return url_for(endpoint, id=listing.id) if has_endpoint(endpoint) else ""


def conversation(row: Enquiry, thread: Thread) -> list[Shown]:
    """Messages and steps in the order they happened, for a reader on the thread's side."""
    items = [(m.sent_at, 0, _message(m, row, may_open=True)) for m in thread.messages]
    for item, message in zip(items, thread.messages, strict=True):
        item[2]["mine"] = message.side is thread.side
        if message.id == thread.seen_message and thread.seen_at is not None:
            item[2]["read_text"] = _("Seen %(at)s", at=minute(thread.seen_at))
        if message.side is not thread.side:
            item[2]["report_url"] = url_for("deals.report_message", message_id=message.id)
    items += [
        (s.at, 1, {"event": _step(s.step, s.note), "at": minute(s.at), "at_iso": _iso(s.at)})
        for s in thread.steps
        if _tells(s.step)
    ]
    return [shown for _at, _order, shown in sorted(items, key=lambda item: item[:2])]


def reported(messages: Sequence[Message]) -> list[Shown]:
    """Reported messages for an administrator, who reads them but opens no files."""
    return [_message(m, m.enquiry, may_open=False) for m in messages]


def _tells(step: str) -> bool:
    """A first reply is told by the message itself."""
    return step != "answer"


def _step(step: str, note: str) -> str:
    words = labels.step_word(step)
    if step == "close" and note in set(Outcome):
        return f"{words}: {labels.OUTCOMES[Outcome(note)]}"
    return words


def _iso(at: dt.datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="minutes")


def _message(message: Message, row: Enquiry, *, may_open: bool) -> Shown:
    org = row.to_org if message.org_id == row.to_org_id else row.from_org
    return {
        "id": message.id,
        "who": labels.author_name(message.author.name),
        "org": pick(org.name),
        "at": minute(message.sent_at),
        "at_iso": _iso(message.sent_at),
        "body": message.body,
        "mine": False,
        "files": [
            {
                "name": attached.name,
                "url": url_for("deals.file", file_id=attached.id) if may_open else "",
                "size": size(attached.file.size_bytes),
                "kind": ICONS.get(attached.file.media_type, "text"),
            }
            for attached in message.files
        ],
    }
