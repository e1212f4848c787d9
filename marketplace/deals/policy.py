"""Who may ask, read, write, close, block, report and administer; one rule for objects, SQL and lists."""

from __future__ import annotations

from marketplace.core.policy import Actor, Condition, Decision, allow, decide, deny, hide, one_of
from marketplace.deals.models import Enquiry, Message, MessageFile, OrgBlock, Report
from marketplace.deals.states import ENQUIRY, EnquiryState, ReportState, Side
from marketplace.listings import policy as listings_policy
from marketplace.listings.models import Listing
from marketplace.listings.states import ON_SHOW

WRITERS = ("owner", "editor")


def visible_to(actor: Actor) -> Condition:
    """The enquiries of the actor's organisations, whatever the actor's role there. Administrators have no part in them."""
    return one_of("from_org_id", actor.org_ids) | one_of("to_org_id", actor.org_ids)


def side_of(actor: Actor, enquiry: Enquiry) -> Side | None:
    """Which side the actor stands on; whoever came to belong to both stands with the owner."""
    if enquiry.to_org_id in actor.org_ids:
        return Side.OWNER
    return Side.ENQUIRER if enquiry.from_org_id in actor.org_ids else None


def orgs_to_ask_with(actor: Actor) -> frozenset[int]:
    """The organisations in whose name the actor may write: verified ones, as owner or editor."""
    return actor.org_ids_as(*WRITERS, verified=True)


def can_enquire(actor: Actor, listing: Listing) -> Decision:
    """Owners and editors of a verified organisation may ask about what is on show, except about their own."""
    seen = listings_policy.can_see(actor, listing)
    if not seen or listing.state not in ON_SHOW:
        return hide()
    if not actor.is_authenticated:
        return deny("sign_in")
    if listing.org_id in actor.org_ids:
        return deny("own_listing")
    return decide(bool(orgs_to_ask_with(actor)), "verified_org_needed")


def can_see(actor: Actor, enquiry: Enquiry) -> Decision:
    """Members of the two organisations; to everybody else there is no such enquiry."""
    return allow() if visible_to(actor).matches(enquiry) else hide()


def can_see_file(actor: Actor, found: MessageFile) -> Decision:
    """An attachment belongs to its thread."""
    return can_see(actor, found.message.enquiry)


def can_write(actor: Actor, enquiry: Enquiry) -> Decision:
    """Owners and editors of a side that is verified, while the enquiry is not closed."""
    decision = can_act(actor, enquiry)
    return decide(enquiry.state != EnquiryState.CLOSED, "enquiry_closed") if decision else decision


def can_act(actor: Actor, enquiry: Enquiry) -> Decision:
    """May the actor do more than read here: owner or editor of a verified side?"""
    side = side_of(actor, enquiry)
    if side is None:
        return hide()
    own = enquiry.to_org_id if side is Side.OWNER else enquiry.from_org_id
    return decide(own in orgs_to_ask_with(actor), "verified_org_needed")


def can_close(actor: Actor, enquiry: Enquiry) -> Decision:
    """Either side may end the conversation."""
    decision = can_act(actor, enquiry)
    return decide(ENQUIRY.allows(enquiry, "close"), "enquiry_closed") if decision else decision


def can_reopen(actor: Actor, enquiry: Enquiry) -> Decision:
    """Either side may take it up again."""
    decision = can_act(actor, enquiry)
    return decide(enquiry.state == EnquiryState.CLOSED, "enquiry_not_closed") if decision else decision


def can_block(actor: Actor, enquiry: Enquiry) -> Decision:
    """The other side can be blocked once it is known: a list of blocked names would give a hidden owner away."""
    decision = can_act(actor, enquiry)
    if not decision:
        return decision
    return decide(not (side_of(actor, enquiry) is Side.ENQUIRER and enquiry.owner_is_hidden), "owner_not_known_yet")


def can_unblock(actor: Actor, block: OrgBlock) -> Decision:
    """Owners and editors of the organisation that blocks."""
    return allow() if block.org_id in actor.org_ids_as(*WRITERS) else hide()


def can_report_enquiry(actor: Actor, enquiry: Enquiry) -> Decision:
    """Whoever may read a thread may report it."""
    return can_see(actor, enquiry)


def can_report_message(actor: Actor, message: Message) -> Decision:
    """And each message in it."""
    return can_see(actor, message.enquiry)


def can_report_listing(actor: Actor, listing: Listing) -> Decision:
    """Anybody who is signed in and sees a listing may report it."""
    if not listings_policy.can_see(actor, listing):
        return hide()
    return decide(actor.is_authenticated, "sign_in")


def can_administer(actor: Actor) -> Decision:
    """The lists of overdue enquiries and of reports belong to the administrators."""
    return decide(actor.is_admin, "sign_in" if not actor.is_authenticated else "admins_only")


def can_see_report(actor: Actor, _report: Report) -> Decision:
    """Administrators; the reported text is shown to them because somebody concerned asked for it."""
    return can_administer(actor)


def can_resolve(actor: Actor, report: Report) -> Decision:
    """An administrator, once."""
    decision = can_administer(actor)
    return decide(report.state == ReportState.OPEN, "report_resolved") if decision else decision
