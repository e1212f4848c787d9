"""Words for enquiries: purposes, states, outcomes, reasons, starters of messages, and errors."""

from __future__ import annotations

import math

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _l

from marketplace.core.labels import register_errors
from marketplace.deals.rules import OFFICE_HOURS, ResponseFigures
from marketplace.deals.states import (
    EnquiryState,
    Outcome,
    Purpose,
    ReportedKind,
    ReportReason,
    Resolution,
)

PURPOSES: dict[Purpose, LazyString] = {
    Purpose.LICENCE_OR_TRANSFER: _l("Licence or transfer"),
    Purpose.COOPERATION: _l("Joint development or other cooperation"),
    Purpose.TRIAL: _l("Trial, sample or test"),
    Purpose.MORE_INFORMATION: _l("More information"),
    Purpose.OTHER: _l("Something else"),
}
STATES: dict[EnquiryState, LazyString] = {
    EnquiryState.OPEN: _l("Waiting for a reply"),
    EnquiryState.ANSWERED: _l("In conversation"),
    EnquiryState.CLOSED: _l("Closed"),
}
OUTCOMES: dict[Outcome, LazyString] = {
    Outcome.AGREED: _l("We have come to an agreement"),
    Outcome.CONTINUES_ELSEWHERE: _l("We go on talking outside the market"),
    Outcome.TOO_EARLY: _l("Not mature enough for us yet"),
    Outcome.BENEFIT_UNCLEAR: _l("The benefit is not clear enough"),
    Outcome.DOES_NOT_FIT: _l("It does not fit the task"),
    Outcome.PRICE: _l("Price or conditions do not fit"),
    Outcome.NOT_AVAILABLE: _l("No longer available, or no capacity now"),
    Outcome.NO_LONGER_NEEDED: _l("No longer needed"),
    Outcome.OTHER: _l("Another reason"),
}
REASONS: dict[ReportReason, LazyString] = {
    ReportReason.SPAM: _l("Advertising or nonsense"),
    ReportReason.MISLEADING: _l("Untrue or misleading statements"),
    ReportReason.OFFENSIVE: _l("Insults or threats"),
    ReportReason.INFRINGEMENT: _l("Uses rights of somebody else"),
    ReportReason.CONFIDENTIAL: _l("Holds confidential or personal data"),
    ReportReason.OTHER: _l("Another reason"),
}
KINDS: dict[ReportedKind, LazyString] = {
    ReportedKind.LISTING: _l("Listing"),
    ReportedKind.ENQUIRY: _l("Whole conversation"),
    ReportedKind.MESSAGE: _l("One message"),
}
RESOLUTIONS: dict[Resolution, LazyString] = {
    Resolution.NO_BREACH: _l("Nothing wrong found"),
    Resolution.WARNED: _l("The sender was warned"),
    Resolution.REMOVED: _l("The content was taken down"),
}
_STEPS: dict[str, LazyString] = {
    "answer": _l("First reply"),
    "close": _l("Closed"),
    "reopen": _l("Taken up again"),
    "reopen_unanswered": _l("Taken up again"),
}
# (title, text) by key: a first sentence is easier to change than an empty box to fill.
ENQUIRER_STARTERS: dict[str, tuple[LazyString, LazyString]] = {
    "data": (
        _l("Ask for data"),
        _l("We would like to see measured values under these conditions: … Which test reports can you share, and when?"),
    ),
    "trial": (
        _l("Propose a trial"),
        _l("We would like to try this in our plant in …, on about … pieces, from …. What would you need, and what does it cost?"),
    ),
    "conditions": (
        _l("Ask for conditions"),
        _l("We are thinking of a licence for …, with an output of about … a year. On what conditions, and for how long?"),
    ),
    "call": (_l("Propose a call"), _l("Could we talk for 30 minutes? We are free on … and … (Beijing time).")),
}
OWNER_STARTERS: dict[str, tuple[LazyString, LazyString]] = {
    "thanks": (_l("Thank and ask back"), _l("Thank you for your interest. To answer well we need to know: 1. … 2. …")),
    "call": (_l("Propose a call"), _l("Could we talk for 30 minutes? We are free on … and … (Beijing time).")),
    "later": (
        _l("Promise a date"),
        _l("Thank you for your enquiry. We are looking into it and will give you a full answer by …"),
    ),
    "no": (_l("Decline politely"), _l("Thank you for your enquiry. At present we cannot go further, because …")),
}

register_errors(
    {
        "admins_only": _l("Only administrators may see this."),
        "enquiries_refused": _l(
            "This organisation does not take enquiries from yours. If you think that is a mistake, tell the administrators."
        ),
        "enquiry_closed": _l("This conversation is closed. Take it up again before you write."),
        "enquiry_not_closed": _l("This conversation is not closed."),
        "form_used": _l("This form was used before. Open the page again and send it once more."),
        "message_empty": _l("Write a message."),
        "message_too_long": _l("Shorten the message to %(most)s characters."),
        "messages_refused": _l("The other side does not take messages from your organisation any more."),
        "not_open_to_you": _l(
            "The organisation behind this need takes no messages at the moment. Look for similar needs meanwhile."
        ),
        "not_your_organisation": _l("Choose one of your own verified organisations."),
        "own_listing": _l("This is a listing of your own organisation; there is nobody else to ask."),
        "owner_not_known_yet": _l("The other side can be blocked once it has written to you."),
        "report_resolved": _l("This report has been dealt with already."),
        "too_many_enquiries": _l("Your organisation has sent %(most)s enquiries within 24 hours. Send the next one tomorrow."),
        "too_many_files": _l("Attach at most %(most)s files to one message."),
        "too_many_reports": _l("You have sent %(most)s reports within 24 hours. Send the next one tomorrow."),
        "unblock_first": _l("You have blocked this organisation. Unblock it before you write to it."),
        "verified_org_needed": _l(
            "Only owners and editors of a verified organisation can send messages. Have your organisation verified first."
        ),
    }
)


def step_word(step: str) -> str:
    """What happened at one step of an enquiry, for its timeline."""
    return str(_STEPS.get(step, ""))


def author_name(name: str) -> str:
    """A person's name; whoever has closed the account has none any more."""
    return name or str(gettext("Closed account"))


def promise(figures: ResponseFigures) -> str:
    """The promised reply time in words."""
    return str(ngettext("within %(num)s working day", "within %(num)s working days", figures.promised_days))


def rate(figures: ResponseFigures) -> str:
    """The share of enquiries replied to in time; "" when there were none."""
    return "" if figures.percent is None else f"{figures.percent} %"


def rate_note(figures: ResponseFigures) -> str:
    """What the share is made of."""
    return str(ngettext("of %(num)s enquiry in 12 months", "of %(num)s enquiries in 12 months", figures.counted))


def median(figures: ResponseFigures) -> str:
    """The median reply time: office hours up to a working day, working days above it; "" when nobody was answered."""
    hours = figures.median_hours
    if hours is None:
        return ""
    if hours < 1:
        return str(gettext("under 1 working hour"))
    if hours < OFFICE_HOURS:
        return str(ngettext("%(num)s working hour", "%(num)s working hours", math.ceil(hours)))
    days = hours / OFFICE_HOURS
    return str(gettext("%(days)s working days", days=f"{days:.1f}".removesuffix(".0")))


def definition() -> str:
    """What the figures mean, to stand beside them."""
    words = gettext(
        "Counted over the enquiries of the last 12 months: replied in time means that the owner wrote, or declined with a "
        "reason, before the end of the promised working day. The median reply time counts 9:00 to 17:00 on working days."
    )
    return str(words)
