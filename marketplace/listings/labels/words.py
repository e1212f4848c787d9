"""The closed word lists of the record, field by field, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

Words = Mapping[str, LazyString]

KINDS: Words = {"achievement": _l("Achievement"), "need": _l("Need")}
STATES: Words = {
    "draft": _l("Draft"),
    "submitted": _l("Waiting for review"),
    "published": _l("On show"),
    "fading": _l("Fading: not confirmed"),
    "expired": _l("Expired"),
    "withdrawn": _l("Withdrawn"),
}
# The kind of status tag beside each word.
STATE_SIGNS: Mapping[str, str] = {
    "draft": "info",
    "submitted": "wait",
    "published": "ok",
    "fading": "wait",
    "expired": "bad",
    "withdrawn": "bad",
}
STEPS: Words = {
    "submit": _l("Handed in for review"),
    "send_back": _l("Sent back"),
    "take_back": _l("Taken back to write on"),
    "publish": _l("Put on show"),
    "change": _l("Changes published"),
    "fade": _l("Faded, because nobody confirmed it"),
    "confirm": _l("Confirmed to hold"),
    "expire": _l("Expired"),
    "withdraw": _l("Withdrawn"),
    "reopen": _l("Opened again as a draft"),
}
WAITING: Words = {
    "review": _l("Review and publish"),
    "changes": _l("Look at the offered changes"),
    "sent_back": _l("Correct and hand in again"),
    "confirm": _l("Confirm that it still holds"),
}
VIEWERS: Words = {
    "public": _l("Everyone"),
    "verified": _l("A verified enterprise"),
    "owner": _l("Your organisation"),
}
AUDIENCES: Words = {"public": _l("Everyone"), "verified": _l("Verified organisations")}
CATEGORIES: Words = {"applied": _l("Applied technology"), "basic": _l("Basic theory"), "soft": _l("Soft science")}
NATURES: Words = {
    "original": _l("Original innovation"),
    "absorbed": _l("Imported, digested and absorbed"),
    "redeveloped": _l("Domestic further development"),
}
FORMS: Words = {
    "product": _l("Product"),
    "process": _l("Process"),
    "equipment": _l("Equipment"),
    "material": _l("Material"),
    "variety": _l("Variety"),
    "software": _l("Software"),
    "standard": _l("Standard"),
}
LEVELS: Words = {
    "international_leading": _l("Leading internationally"),
    "international_advanced": _l("Advanced internationally"),
    "national_leading": _l("Leading in China"),
    "national_advanced": _l("Advanced in China"),
    "not_evaluated": _l("Not evaluated"),
}
STAGES: Words = {
    "early": _l("Early: laboratory, small test"),
    "middle": _l("Middle: pilot before production"),
    "mature": _l("Mature: in use"),
}
CONFIRMED_BY: Words = {"self": _l("Self-declared"), "unit": _l("Confirmed by the unit"), "expert": _l("Confirmed by experts")}
MODES: Words = {
    "transfer": _l("Transfer of ownership"),
    "licence": _l("Licence"),
    "exclusive_licence": _l("Exclusive licence"),
    "stake": _l("Stake in a company"),
    "cooperation": _l("Joint development"),
    "use_first": _l("Use first, pay later"),
}
FIRST_KINDS: Words = {
    "set": _l("First set of equipment"),
    "batch": _l("First batch of material"),
    "version": _l("First version of software"),
}
IP_KINDS: Words = {
    "invention": _l("Invention patent"),
    "utility": _l("Utility model"),
    "design": _l("Design patent"),
    "software": _l("Software copyright"),
    "variety": _l("Plant variety or approved variety"),
    "layout": _l("Integrated circuit layout"),
}
IP_STATUSES: Words = {"granted": _l("Granted"), "pending": _l("Applied for")}
COMPARISONS: Words = {"ge": _l("at least"), "le": _l("at most"), "eq": _l("exactly"), "range": _l("from … to …")}

SECTIONS: Words = {
    "identity": _l("What it is called"),
    "purpose": _l("What it solves"),
    "benefits": _l("Benefits and comparison"),
    "maturity": _l("Maturity and evidence"),
    "ip": _l("Intellectual property"),
    "people": _l("People"),
    "transfer": _l("Transfer and price"),
    "place": _l("Field, city and key words"),
    "files": _l("Attachments"),
    "audience": _l("Who may see it"),
    "problem": _l("The problem"),
    "targets": _l("What would solve it"),
    "terms": _l("Budget and time"),
}
FIELDS: Words = {
    "title": _l("Title"),
    "category": _l("Class"),
    "nature": _l("Nature"),
    "form": _l("Form"),
    "started_month": _l("Started"),
    "finished_month": _l("Finished"),
    "period": _l("Period"),
    "registration_number": _l("Registration number"),
    "summary": _l("Summary"),
    "description": _l("How it works"),
    "application": _l("Where it is used"),
    "benefits": _l("Benefits in numbers"),
    "maturity": _l("Maturity"),
    "stage": _l("Stage"),
    "maturity_evidence": _l("Evidence of maturity"),
    "maturity_confirmed_by": _l("Confirmed by"),
    "level": _l("Level by evaluation"),
    "ip": _l("Intellectual property"),
    "people": _l("People and contributions"),
    "modes": _l("Ways of transfer"),
    "price": _l("Price"),
    "first_kind": _l("First of its kind"),
    "fields": _l("Strategic fields"),
    "city": _l("City"),
    "keywords": _l("Key words"),
    "attachments": _l("Attachments"),
    "audience": _l("Who may see it"),
    "verified_detail": _l("For verified organisations only"),
    "problem": _l("The problem"),
    "tried": _l("What has been tried"),
    "indicators": _l("Wanted results"),
    "wanted_maturity": _l("Wanted maturity"),
    "budget": _l("Budget band"),
    "need_modes": _l("Ways of working together"),
    "closes_on": _l("Answers wanted by"),
    "site": _l("Where it happens"),
    "is_anonymous": _l("Anonymity"),
    "quality": _l("Quality of this record"),
}


def word(words: Words, value: Any) -> str:
    """The word for a value of a closed list; "" for none, the value itself for one that is not known any more."""
    return str(words.get(str(value), value)) if value else ""
