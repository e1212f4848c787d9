"""Where features meet upwards: every event with the handlers that react to it, and every invariant of the doctor.

One literal table; an event that is not listed cannot be sent. Handlers are idempotent: they may run twice.
"""

from __future__ import annotations

from marketplace.core import invariants, mail
from marketplace.core.invariants import Check
from marketplace.core.outbox import Events, Handler
from marketplace.taxonomy import queries as taxonomy

SEND_MAIL = Handler("core.send_mail", mail.send)

EVENTS: Events = {
    "core.mail_queued": (SEND_MAIL,),
}

INVARIANTS: dict[str, Check] = {
    **invariants.CORE,
    **taxonomy.INVARIANTS,
}
