"""The life of an enquiry and of a report, and the closed word lists around them."""

from __future__ import annotations

import enum

from marketplace.core.workflow import Workflow, step


class Purpose(enum.StrEnum):
    """What the enquirer is after."""

    LICENCE_OR_TRANSFER = "licence_or_transfer"
    COOPERATION = "cooperation"
    TRIAL = "trial"
    MORE_INFORMATION = "more_information"
    OTHER = "other"


class EnquiryState(enum.StrEnum):
    """Open until the owner's side writes; answered while the two talk; closed with an outcome."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Side(enum.StrEnum):
    """The two sides of an enquiry."""

    ENQUIRER = "enquirer"
    OWNER = "owner"

    @property
    def other(self) -> Side:
        return Side.OWNER if self is Side.ENQUIRER else Side.ENQUIRER


class Outcome(enum.StrEnum):
    """How a conversation ended. Failed talks are data too: the reasons help the next owner."""

    AGREED = "agreed"
    CONTINUES_ELSEWHERE = "continues_elsewhere"
    TOO_EARLY = "too_early"
    BENEFIT_UNCLEAR = "benefit_unclear"
    DOES_NOT_FIT = "does_not_fit"
    PRICE = "price"
    NOT_AVAILABLE = "not_available"
    NO_LONGER_NEEDED = "no_longer_needed"
    OTHER = "other"


# An unanswered enquiry is reopened to "open": only a reply of the owner's side makes it "answered".
ENQUIRY = Workflow(
    "enquiries",
    step("answer", {EnquiryState.OPEN}, EnquiryState.ANSWERED),
    step("close", {EnquiryState.OPEN, EnquiryState.ANSWERED}, EnquiryState.CLOSED),
    step("reopen", {EnquiryState.CLOSED}, EnquiryState.ANSWERED),
    step("reopen_unanswered", {EnquiryState.CLOSED}, EnquiryState.OPEN),
)


class ReportedKind(enum.StrEnum):
    """What was reported."""

    LISTING = "listing"
    ENQUIRY = "enquiry"
    MESSAGE = "message"


class ReportReason(enum.StrEnum):
    """Why something was reported."""

    SPAM = "spam"
    MISLEADING = "misleading"
    OFFENSIVE = "offensive"
    INFRINGEMENT = "infringement"
    CONFIDENTIAL = "confidential"
    OTHER = "other"


class ReportState(enum.StrEnum):
    """Open until an administrator has looked."""

    OPEN = "open"
    RESOLVED = "resolved"


class Resolution(enum.StrEnum):
    """What the administrator did about a report."""

    NO_BREACH = "no_breach"
    WARNED = "warned"
    REMOVED = "removed"


REPORT = Workflow("reports", step("resolve", {ReportState.OPEN}, ReportState.RESOLVED))
