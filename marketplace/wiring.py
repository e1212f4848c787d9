"""Where features meet upwards: every event with the handlers that react to it, and every invariant of the doctor.

One literal table; an event that is not listed cannot be sent. Handlers are idempotent: they may run twice.
"""

from __future__ import annotations

from marketplace.accounts import handlers as accounts
from marketplace.accounts import queries as accounts_queries
from marketplace.core import invariants, mail
from marketplace.core.invariants import Check
from marketplace.core.outbox import Events, Handler
from marketplace.listings import queries as listings
from marketplace.taxonomy import queries as taxonomy

SEND_MAIL = Handler("core.send_mail", mail.send)
WRITE_LETTER = Handler("accounts.write_letter", accounts.write_letter)

EVENTS: Events = {
    "core.mail_queued": (SEND_MAIL,),
    "accounts.document_handed_in": (),
    "accounts.invitation_accepted": (),
    "accounts.letter_requested": (WRITE_LETTER,),
    "accounts.member_removed": (),
    "accounts.organisation_changed": (),
    "accounts.organisation_registered": (),
    "accounts.organisation_sent_back": (),
    "accounts.organisation_suspended": (),
    "accounts.organisation_verified": (),
    "listings.changed": (),
    "listings.changes_offered": (),
    "listings.confirmation_due": (),
    "listings.confirmed": (),
    "listings.expired": (),
    "listings.faded": (),
    "listings.published": (),
    "listings.sent_back": (),
    "listings.submitted": (),
    "listings.withdrawn": (),
}

INVARIANTS: dict[str, Check] = {
    **invariants.CORE,
    **listings.INVARIANTS,
    **taxonomy.INVARIANTS,
    **accounts_queries.INVARIANTS,
}
