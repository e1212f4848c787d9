"""Tell the people an event is for. Running twice tells nobody twice: a person has one notification for one event."""

from __future__ import annotations

from collections.abc import Sequence

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.outbox import Payload
from marketplace.notifications import labels, queries, services
from marketplace.notifications.handlers import letters


def notify(payloads: Sequence[Payload]) -> None:
    """Put an event into the bells of its recipients and mail those who wish it, in one transaction for each event."""
    for payload in payloads:
        kind = payload["event"]
        if not labels.known(kind):
            raise LookupError(f"no words for {kind}")
        with transaction():
            told = queries.told_of(payload["event_id"])
            new = [recipient for recipient in queries.recipients(payload) if recipient.user.id not in told]
            quiet = queries.muted([recipient.user.id for recipient in new], kind)
            for recipient in new:
                services.tell(payload, recipient, at=clock.now())
                if letters.wants(recipient.user) and recipient.user.id not in quiet:
                    letters.send(payload, recipient)


def settle(payloads: Sequence[Payload]) -> None:
    """A person has read a thing: its older news is read too (handler of deals.enquiry_seen)."""
    for payload in payloads:
        with transaction():
            services.settle(payload["user_id"], payload["subject"], event_id=payload["event_id"], now=clock.now())
