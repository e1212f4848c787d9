"""The words of every event: one sentence, what to press, why one is told, and its name in the list of preferences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _l

from marketplace.core.i18n import day, pick
from marketplace.core.types import Bilingual

GROUPS: dict[str, LazyString] = {
    "enquiries": _l("Enquiries"),
    "listings": _l("Listings"),
    "matches": _l("Matches"),
    "organisation": _l("My organisation"),
    "administration": _l("Administration"),
}
_OF_ORG = _l("You get this because you write for this organisation.")
_OF_OWNER = _l("You get this because you answer for this organisation.")
_OF_ADMIN = _l("You get this because you are an administrator of the market.")
_OF_PERSON = _l("You get this because it is about something you did.")


@dataclass(frozen=True, slots=True)
class Words:
    """How one kind of event speaks. `_params` names what `sentence` may use."""

    group: str
    name: LazyString
    sentence: LazyString
    action: LazyString
    reason: LazyString


EVENTS: dict[str, Words] = {
    "deals.enquiry_sent": Words(
        "enquiries",
        _l("A new enquiry comes in"),
        _l("%(who)s asks about “%(title)s”. A reply is promised by %(day)s."),
        _l("Read and reply"),
        _OF_ORG,
    ),
    "deals.message_sent": Words(
        "enquiries",
        _l("A message comes in"),
        _l("%(who)s has written to you about “%(title)s”."),
        _l("Read the message"),
        _OF_ORG,
    ),
    "deals.enquiry_overdue": Words(
        "enquiries",
        _l("An enquiry is overdue"),
        _l("The enquiry of %(who)s about “%(title)s” was to be answered by %(day)s and still waits."),
        _l("Look at it"),
        _l("You get this because a promised reply is late."),
    ),
    "deals.enquiry_unanswered": Words(
        "enquiries",
        _l("An enquiry got no reply in time"),
        _l("%(who)s has not answered your enquiry about “%(title)s” by %(day)s. The administrators have been told."),
        _l("Look at it"),
        _OF_ORG,
    ),
    "deals.enquiry_closed": Words(
        "enquiries",
        _l("The other side closes a conversation"),
        _l("%(who)s has closed the conversation about “%(title)s”."),
        _l("See the reason"),
        _OF_ORG,
    ),
    "deals.enquiry_reopened": Words(
        "enquiries",
        _l("The other side takes up a conversation again"),
        _l("%(who)s has taken up the conversation about “%(title)s” again."),
        _l("Go on"),
        _OF_ORG,
    ),
    "deals.report_resolved": Words(
        "enquiries",
        _l("A report was dealt with"),
        _l("The administrators have dealt with your report about “%(title)s”. Thank you."),
        _l("Open the market"),
        _OF_PERSON,
    ),
    "listings.submitted": Words(
        "listings",
        _l("A listing waits for approval"),
        _l("“%(title)s” waits for you to publish it."),
        _l("Look at it"),
        _OF_OWNER,
    ),
    "listings.changes_offered": Words(
        "listings",
        _l("Changes wait for approval"),
        _l("Changes of “%(title)s” wait for you to publish them."),
        _l("Look at them"),
        _OF_OWNER,
    ),
    "listings.sent_back": Words(
        "listings",
        _l("A listing is sent back"),
        _l("“%(title)s” was sent back to you for correction."),
        _l("Correct it"),
        _OF_PERSON,
    ),
    "listings.published": Words(
        "listings", _l("A listing is published"), _l("“%(title)s” is published."), _l("See it"), _OF_PERSON
    ),
    "listings.changed": Words(
        "listings",
        _l("Changes are published"),
        _l("The changes of “%(title)s” are published."),
        _l("See it"),
        _OF_PERSON,
    ),
    "listings.confirmation_due": Words(
        "listings",
        _l("A listing must be confirmed"),
        _l("Does “%(title)s” still hold? Please confirm it by %(day)s."),
        _l("Look at it"),
        _OF_ORG,
    ),
    "listings.confirmed": Words(
        "listings",
        _l("A listing was confirmed"),
        _l("“%(title)s” is confirmed and stays in the search."),
        _l("See it"),
        _OF_ORG,
    ),
    "listings.faded": Words(
        "listings",
        _l("A listing fades because nobody confirmed it"),
        _l("Nobody has confirmed “%(title)s”, so it now stands lower in the search. It leaves the search after %(day)s."),
        _l("Confirm it"),
        _OF_ORG,
    ),
    "listings.expired": Words(
        "listings",
        _l("A listing leaves the search"),
        _l("“%(title)s” has left the search: its time is over or nobody confirmed it."),
        _l("Look at it"),
        _OF_ORG,
    ),
    "listings.withdrawn": Words(
        "listings", _l("A listing is withdrawn"), _l("“%(title)s” has been taken off the market."), _l("Look at it"), _OF_ORG
    ),
    "matching.match_found": Words(
        "matches",
        _l("A new match is found"),
        _l("“%(title)s” fits your “%(own)s”: %(score)s of 100."),
        _l("See why it fits"),
        _OF_ORG,
    ),
    "accounts.organisation_verified": Words(
        "organisation",
        _l("The organisation is verified"),
        _l("%(org)s is verified. You can now publish listings and send enquiries."),
        _l("Open the organisation"),
        _OF_ORG,
    ),
    "accounts.organisation_sent_back": Words(
        "organisation",
        _l("The document of the organisation is sent back"),
        _l("The document of %(org)s does not prove the entry yet."),
        _l("Hand in another one"),
        _OF_OWNER,
    ),
    "accounts.organisation_suspended": Words(
        "organisation",
        _l("The organisation loses its verification"),
        _l("%(org)s is not verified any more. Its listings are off the market until the matter is cleared."),
        _l("See what to do"),
        _OF_ORG,
    ),
    "accounts.invitation_accepted": Words(
        "organisation",
        _l("An invitation is accepted"),
        _l("%(person)s has joined %(org)s."),
        _l("See the team"),
        _l("You get this because you sent the invitation."),
    ),
    "accounts.member_removed": Words(
        "organisation",
        _l("Taken out of an organisation"),
        _l("You do not belong to %(org)s any more."),
        _l("Open the market"),
        _l("You get this because it is about your account."),
    ),
    "accounts.organisation_registered": Words(
        "administration",
        _l("An organisation registers"),
        _l("%(org)s has registered."),
        _l("Look at it"),
        _OF_ADMIN,
    ),
    "accounts.document_handed_in": Words(
        "administration",
        _l("An organisation waits to be verified"),
        _l("%(org)s has handed in a document and waits to be verified."),
        _l("Verify it"),
        _OF_ADMIN,
    ),
    "deals.reported": Words(
        "administration",
        _l("Something is reported"),
        _l("Somebody has reported “%(title)s” or a conversation about it."),
        _l("Look at it"),
        _OF_ADMIN,
    ),
}
SUBJECT_MOST = 100
_DAYS = ("due_at", "confirm_by", "leaves_at")
_SECOND = dt.timedelta(seconds=1)


def known(kind: str) -> bool:
    """Does this kind of event speak to people?"""
    return kind in EVENTS


def sentence(kind: str, data: Mapping[str, Any]) -> str:
    """What happened, in the reader's language."""
    return str(EVENTS[kind].sentence) % _params(data)


def subject(kind: str, data: Mapping[str, Any]) -> str:
    """The subject of its letter: what kind of news, about what."""
    name = str(EVENTS[kind].name)
    params = _params(data)
    about = params["title"] or params["org"]
    return _shortened(gettext("%(what)s: %(about)s", what=name, about=about) if about else name)


def _shortened(text: str) -> str:
    return text if len(text) <= SUBJECT_MOST else text[: SUBJECT_MOST - 1].rstrip() + "…"


def note(data: Mapping[str, Any]) -> str:
    """What somebody added in their own words ("" when nothing)."""
    return str(data.get("note") or "")


def _params(data: Mapping[str, Any]) -> dict[str, str]:
    return {
        "title": pick(Bilingual.of(data.get("title"))),
        "own": pick(Bilingual.of(data.get("own_title"))),
        "who": pick(Bilingual.of(data.get("who"))),
        "org": pick(Bilingual.of(data.get("org_name"))),
        "person": str(data.get("user_name") or ""),
        "score": str(data.get("score") or ""),
        "day": _day(data),
    }


def _day(data: Mapping[str, Any]) -> str:
    """The last day before a deadline; deadlines are the first instant after it."""
    found = next((data[key] for key in _DAYS if data.get(key)), None)
    return day(dt.datetime.fromisoformat(found) - _SECOND) if found else ""
