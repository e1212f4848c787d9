"""Where features meet upwards: every event with the handlers that react to it, every invariant of the doctor, and every
section of the file with a person's own data.

One literal table; an event that is not listed cannot be sent. Handlers are idempotent: they may run twice.
"""

from __future__ import annotations

from marketplace.accounts import handlers as accounts
from marketplace.accounts import queries as accounts_queries
from marketplace.core import invariants, mail
from marketplace.core.invariants import Check
from marketplace.core.outbox import Events, Handler
from marketplace.core.personal import Section
from marketplace.deals import queries as deals
from marketplace.listings import handlers as listings_handlers
from marketplace.listings import queries as listings
from marketplace.matching import handlers as matching
from marketplace.matching import queries as matching_queries
from marketplace.notifications import handlers as notifications
from marketplace.notifications import queries as notifications_queries
from marketplace.taxonomy import queries as taxonomy

SEND_MAIL = Handler("core.send_mail", mail.send)
NOTIFY = Handler("notifications.notify", notifications.notify)
SETTLE = Handler("notifications.settle", notifications.settle)
FOLLOW = Handler("listings.follow_organisation", listings_handlers.follow_organisation)
WRITE_LETTER = Handler("accounts.write_letter", accounts.write_letter)
WRITE_ADDRESS_LETTERS = Handler("accounts.write_address_letters", accounts.write_address_letters)

EVENTS: Events = {
    "core.mail_queued": (SEND_MAIL,),
    "accounts.address_change_asked": (WRITE_ADDRESS_LETTERS,),
    "accounts.document_handed_in": (NOTIFY,),
    "accounts.invitation_accepted": (NOTIFY,),
    "accounts.letter_requested": (WRITE_LETTER,),
    "accounts.member_removed": (NOTIFY,),
    "accounts.organisation_changed": (matching.INDEX, FOLLOW),
    "accounts.organisation_registered": (NOTIFY,),
    "accounts.organisation_sent_back": (NOTIFY,),
    "accounts.organisation_suspended": (NOTIFY, FOLLOW),
    "accounts.organisation_verified": (NOTIFY,),
    "deals.enquiry_closed": (NOTIFY,),
    "deals.enquiry_overdue": (NOTIFY,),
    "deals.enquiry_reopened": (NOTIFY,),
    "deals.enquiry_seen": (SETTLE,),
    "deals.enquiry_sent": (NOTIFY,),
    "deals.enquiry_unanswered": (NOTIFY,),
    "deals.message_sent": (NOTIFY,),
    "deals.report_resolved": (NOTIFY,),
    "deals.reported": (NOTIFY,),
    "listings.changed": (matching.INDEX, NOTIFY),
    "listings.changes_offered": (NOTIFY,),
    "listings.confirmation_due": (NOTIFY,),
    "listings.confirmed": (matching.INDEX, NOTIFY),
    "listings.expired": (matching.INDEX, NOTIFY),
    "listings.faded": (matching.INDEX, NOTIFY),
    "listings.published": (matching.INDEX, matching.ANNOUNCE, NOTIFY),
    "listings.sent_back": (NOTIFY,),
    "listings.submitted": (NOTIFY,),
    "listings.withdrawn": (matching.INDEX, NOTIFY),
    "matching.match_found": (NOTIFY,),
}

INVARIANTS: dict[str, Check] = {
    **invariants.CORE,
    **deals.INVARIANTS,
    **listings.INVARIANTS,
    **matching_queries.INVARIANTS,
    **taxonomy.INVARIANTS,
    **accounts_queries.INVARIANTS,
}

# In the order of the file. A column that names a person belongs to a section or, with the reason, to the second list.
PERSONAL_DATA: tuple[Section, ...] = (
    *accounts_queries.PERSONAL_DATA,
    *listings.PERSONAL_DATA,
    *matching_queries.PERSONAL_DATA,
    *deals.PERSONAL_DATA,
    *notifications_queries.PERSONAL_DATA,
)
PERSONAL_DATA_LEFT_OUT: dict[str, str] = {**accounts_queries.PERSONAL_DATA_LEFT_OUT}
