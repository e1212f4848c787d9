"""What people do in conversations: `enquiries` for the talk itself, `safety` for blocking and reporting."""

from marketplace.deals.services.enquiries import close, note_overdue, reopen, see, send, write
from marketplace.deals.services.safety import block, report_enquiry, report_listing, report_message, resolve_report, unblock

__all__ = [
    "block",
    "close",
    "note_overdue",
    "reopen",
    "report_enquiry",
    "report_listing",
    "report_message",
    "resolve_report",
    "see",
    "send",
    "unblock",
    "write",
]
