"""What the rest of the market is told about conversations, and how the two sides are named to each other in it.

An event goes to one side only, so that it can name the other one as that side may know it; it never holds a message.
"""

from __future__ import annotations

from typing import Any

from marketplace.core import outbox
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.deals import queries
from marketplace.deals.models import Enquiry, Report
from marketplace.deals.policy import WRITERS
from marketplace.deals.states import Side


def subject(enquiry_id: int) -> str:
    """The key that notifications about one thread share."""
    return f"enquiry:{enquiry_id}"


def _about(row: Enquiry) -> dict[str, Any]:
    return {
        "enquiry_id": row.id,
        "listing_id": row.listing_id,
        "kind": str(row.listing_kind),
        "title": row.listing_title.as_dict(),
        "subject": subject(row.id),
        "link": ["deals.enquiry", {"enquiry_id": row.id}],
    }


def tell_side(event: str, row: Enquiry, side: Side, *, actor: Actor, who: Bilingual | None = None, **more: Any) -> None:
    """Tell the owners and editors of one side, less the actor. `who` is how that side may call the other."""
    org_id = row.to_org_id if side is Side.OWNER else row.from_org_id
    name = who or queries.counterpart_name(row, side)
    but_not = [actor.user_id] if actor.user_id is not None else []
    outbox.add(event, **_about(row), who=name.as_dict(), to_orgs=[org_id], to_roles=list(WRITERS), but_not=but_not, **more)


def tell_overdue(row: Enquiry, *, actor: Actor) -> None:
    """The owner's side and the administrators; the enquirer's side hears of it in an event of its own."""
    due = row.due_at.isoformat()
    overdue_list: list[Any] = ["deals.overdue", {}]
    tell_side("deals.enquiry_overdue", row, Side.OWNER, actor=actor, due_at=due, to_admins=True, admin_link=overdue_list)
    tell_side("deals.enquiry_unanswered", row, Side.ENQUIRER, actor=actor, due_at=due)


def tell_reported(row: Report) -> None:
    """The administrators."""
    link = ["deals.report_page", {"report_id": row.id}]
    title = row.title.as_dict()
    outbox.add("deals.reported", report_id=row.id, kind=str(row.kind), title=title, to_admins=True, link=link)


def tell_resolved(row: Report) -> None:
    """The person who reported."""
    outbox.add("deals.report_resolved", report_id=row.id, title=row.title.as_dict(), to_users=[row.reporter_id])


def tell_seen(row: Enquiry, *, actor: Actor) -> None:
    """That a person has read a thread, so that the bell need not ring for it any more."""
    outbox.add("deals.enquiry_seen", enquiry_id=row.id, user_id=actor.user_id, subject=subject(row.id))
