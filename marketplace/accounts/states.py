"""How an organisation becomes trusted, and the roles people have in it."""

from __future__ import annotations

import enum

from marketplace.core.workflow import Workflow, step


class OrgKind(enum.StrEnum):
    """What an organisation is."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    ENTERPRISE = "enterprise"
    BROKER = "broker"
    FACILITY = "facility"
    CITY_OFFICE = "city_office"
    PROVINCIAL_OFFICE = "provincial_office"


RESEARCH = frozenset({OrgKind.UNIVERSITY, OrgKind.INSTITUTE})
OFFICES = frozenset({OrgKind.CITY_OFFICE, OrgKind.PROVINCIAL_OFFICE})


class OrgState(enum.StrEnum):
    """A code that passes the check digits does not prove that the organisation exists: a document and a look do."""

    FORMAT_OK = "format_ok"
    DOCUMENT_SEEN = "document_seen"
    VERIFIED = "verified"


class OrgRole(enum.StrEnum):
    """What a member may do: owners manage people and publish, editors write, viewers read."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class SiteRoleName(enum.StrEnum):
    """Roles on the whole site; both need a second factor."""

    ADMIN = "admin"
    EXPERT = "expert"


ORGANISATION = Workflow(
    "organisations",
    step("hand_in_document", {OrgState.FORMAT_OK}, OrgState.DOCUMENT_SEEN),
    step("verify", {OrgState.DOCUMENT_SEEN}, OrgState.VERIFIED),
    step("send_back", {OrgState.DOCUMENT_SEEN}, OrgState.FORMAT_OK),
    step("suspend", {OrgState.VERIFIED}, OrgState.DOCUMENT_SEEN),
)
