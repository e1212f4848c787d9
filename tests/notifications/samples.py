"""One payload for each event that people hear of, as its feature sends it."""

from __future__ import annotations

from typing import Any

TITLE = {"zh": "增强型质子交换膜连续流延制备", "en": "Continuous casting of a reinforced proton exchange membrane"}
NEED = {"zh": "燃料电池膜在 95 ℃ 下半年就衰减", "en": "Fuel cell membrane fades within half a year at 95 °C"}
ORG = {"zh": "海岱大学（演示）", "en": "Haidai University (demo)"}
WHO = {"zh": "青岛某电堆企业（演示）", "en": "Qingdao stack maker (demo)"}
DUE = "2026-11-26T16:00:00+00:00"  # the first instant of 27 November in Shandong: the 26th is the last day

_ENQUIRY: dict[str, Any] = {
    "enquiry_id": 7, "listing_id": 3, "kind": "achievement", "title": TITLE, "who": WHO, "subject": "enquiry:7",
    "link": ["deals.enquiry", {"enquiry_id": 7}],
}  # fmt: skip
_LISTING: dict[str, Any] = {
    "listing_id": 3, "kind": "achievement", "title": TITLE, "org_id": 1, "link": ["listings.own_record", {"id": 3}],
}  # fmt: skip
_SHOWN = {**_LISTING, "link": ["listings.achievement", {"id": 3}]}
_ORG: dict[str, Any] = {"org_id": 1, "org_name": ORG, "link": ["accounts.organisation", {"org_id": 1}]}

PAYLOADS: dict[str, dict[str, Any]] = {
    "deals.enquiry_sent": {**_ENQUIRY, "due_at": DUE},
    "deals.message_sent": _ENQUIRY,
    "deals.enquiry_overdue": {**_ENQUIRY, "due_at": DUE, "admin_link": ["deals.overdue", {}]},
    "deals.enquiry_unanswered": {**_ENQUIRY, "who": ORG, "due_at": DUE},
    "deals.enquiry_closed": _ENQUIRY,
    "deals.enquiry_reopened": _ENQUIRY,
    "deals.report_resolved": {"report_id": 2, "title": TITLE},
    "deals.reported": {"report_id": 2, "kind": "message", "title": TITLE, "link": ["deals.report_page", {"report_id": 2}]},
    "listings.submitted": _LISTING,
    "listings.changes_offered": _LISTING,
    "listings.sent_back": {**_LISTING, "note": "请补一份检测报告。"},
    "listings.published": _SHOWN,
    "listings.changed": _SHOWN,
    "listings.confirmed": _SHOWN,
    "listings.confirmation_due": {
        **_LISTING, "confirm_by": DUE, "link": ["listings.confirmations", {}],
        "confirm_link": ["listings.confirm_by_link", {"token": "signed"}],
    },
    "listings.faded": {**_LISTING, "leaves_at": DUE},
    "listings.expired": {**_LISTING, "reason": "unconfirmed"},
    "listings.withdrawn": {**_LISTING, "note": ""},
    "matching.match_found": {
        "need_id": 4, "achievement_id": 3, "score": 82, "listing_id": 4, "kind": "need", "title": TITLE, "own_title": NEED,
        "link": ["matching.of_listing", {"listing_id": 4}],
    },
    "accounts.organisation_verified": _ORG,
    "accounts.organisation_sent_back": {**_ORG, "note": "证照不清楚。", "link": ["accounts.verification", {"org_id": 1}]},
    "accounts.organisation_suspended": {**_ORG, "note": "单位名称已变更。", "link": ["accounts.verification", {"org_id": 1}]},
    "accounts.invitation_accepted": {
        **_ORG, "user_id": 9, "user_name": "王某（演示）", "link": ["accounts.members", {"org_id": 1}],
    },
    "accounts.member_removed": {"org_id": 1, "org_name": ORG, "user_id": 9},
    "accounts.organisation_registered": {**_ORG, "link": ["accounts.check_organisation", {"org_id": 1}]},
    "accounts.document_handed_in": {**_ORG, "link": ["accounts.check_organisation", {"org_id": 1}]},
}  # fmt: skip


def payload(event: str, *, event_id: int = 1, **more: Any) -> dict[str, Any]:
    """What a handler gets."""
    return {**PAYLOADS[event], "event": event, "event_id": event_id, **more}
