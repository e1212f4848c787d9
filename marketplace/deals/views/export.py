"""A thread as plain text, in the reader's language and with no more than its page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flask_babel import gettext as _

from marketplace.core.clock import SHANGHAI
from marketplace.core.i18n import minute, pick
from marketplace.deals import labels, queries
from marketplace.deals.models import Enquiry, Message
from marketplace.deals.queries import Thread

LINE = "-" * 60


def as_text(row: Enquiry, thread: Thread, *, now: dt.datetime) -> str:
    """The whole conversation, oldest message first, lines ended as every editor understands."""
    return "\r\n".join(_lines(row, thread, now)) + "\r\n"


def _lines(row: Enquiry, thread: Thread, now: dt.datetime) -> Iterator[str]:
    yield _("Enquiry about: %(title)s", title=pick(row.listing_title))
    yield _("From: %(name)s", name=pick(row.from_org.name))
    yield _("To: %(name)s", name=pick(queries.owner_name(row)))
    yield _("Purpose: %(purpose)s", purpose=labels.PURPOSES[row.purpose])
    yield _("Exported: %(at)s (Beijing time)", at=minute(now.astimezone(SHANGHAI)))
    for message in thread.messages:
        yield from _message(message, row)
    if row.closed_at is not None and row.outcome is not None:
        yield LINE
        yield _("Closed %(at)s: %(outcome)s", at=minute(row.closed_at), outcome=labels.OUTCOMES[row.outcome])


def _message(message: Message, row: Enquiry) -> Iterator[str]:
    org = row.to_org if message.org_id == row.to_org_id else row.from_org
    yield LINE
    yield f"{minute(message.sent_at)}  {labels.author_name(message.author.name)} ({pick(org.name)})"
    yield ""
    yield from message.body.splitlines()
    for attached in message.files:
        yield _("Attached: %(name)s", name=attached.name)
