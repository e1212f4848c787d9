"""How an organisation enters the market and becomes trusted: registered, document handed in, verified, or sent back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from marketplace.accounts import policy, queries
from marketplace.accounts.models import Member, Organisation, OrganisationDocument
from marketplace.accounts.rules import uscc as code_rules
from marketplace.accounts.states import ORGANISATION, OrgKind, OrgRole, OrgState
from marketplace.core import audit, outbox
from marketplace.core.db import current_session
from marketplace.core.errors import EditConflict, NotFound, RuleError
from marketplace.core.files import StoredFile
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.taxonomy import queries as taxonomy

MAX_UNVERIFIED_PER_PERSON = 5
MAX_DOCUMENTS = 20
MIN_NOTE_CHARACTERS = 5


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What an organisation says about itself and may change at any time."""

    name_en: str
    city: str
    about: Bilingual
    trade: Bilingual
    website: str
    promised_reply_days: int


def register_organisation(
    facts: OrganisationFacts, *, kind: OrgKind, name_zh: str, uscc: str, actor: Actor, now: dt.datetime
) -> Organisation:
    """Enter an organisation with the actor as its first owner. Raises RuleError with the code's problem, uscc_taken,
    unknown_city or too_many_registrations."""
    policy.can_register_organisation(actor).or_raise()
    assert actor.user_id is not None
    uscc = code_rules.normalise(uscc)
    if problem := code_rules.problem(uscc):
        raise RuleError(problem)
    if queries.organisation_by_code(uscc) is not None:
        raise RuleError("uscc_taken")
    if queries.unverified_of(actor.user_id) >= MAX_UNVERIFIED_PER_PERSON:
        raise RuleError("too_many_registrations", most=MAX_UNVERIFIED_PER_PERSON)
    org = Organisation(kind=kind, uscc=uscc, state=OrgState.FORMAT_OK, created_at=now, name=Bilingual(name_zh.strip(), ""))
    _take(org, facts)
    try:
        with current_session().begin_nested():
            current_session().add(org)
    except IntegrityError as error:  # registered by somebody else in this very moment
        raise RuleError("uscc_taken") from error
    current_session().add(Member(org_id=org.id, user_id=actor.user_id, role=OrgRole.OWNER, joined_at=now))
    audit.record("accounts.register_organisation", org, actor=actor, at=now, uscc=uscc, kind=kind.value)
    outbox.add("accounts.organisation_registered", to_admins=True, **_told(org, "accounts.check_organisation"))
    return org


def _take(org: Organisation, facts: OrganisationFacts) -> None:
    city = taxonomy.current().city_code(facts.city)
    if city not in taxonomy.current().cities:
        raise RuleError("unknown_city")
    org.name = Bilingual(org.name.zh, facts.name_en.strip())
    org.city, org.about, org.trade = city, facts.about, facts.trade
    org.website, org.promised_reply_days = facts.website.strip(), facts.promised_reply_days


def _told(org: Organisation, endpoint: str = "accounts.organisation") -> dict[str, Any]:
    """What every event of an organisation carries."""
    return {"org_id": org.id, "org_name": org.name.as_dict(), "link": [endpoint, {"org_id": org.id}]}


def change_organisation(
    org_id: int,
    facts: OrganisationFacts,
    *,
    version: int,
    actor: Actor,
    now: dt.datetime,
    name_zh: str | None = None,
    kind: OrgKind | None = None,
) -> Organisation:
    """Change the entry. Name and kind were compared with the document, so they stand fast once it is verified.
    Raises EditConflict when somebody saved since `version`."""
    org = _locked(org_id)
    policy.can_change_organisation(actor, org).or_raise()
    if org.version_id != version:
        raise EditConflict
    before = (org.name, org.kind, org.city)
    _take(org, facts)
    if not org.is_verified:
        org.name = Bilingual(name_zh.strip() if name_zh else org.name.zh, org.name.en)
        org.kind = kind or org.kind
    audit.record("accounts.change_organisation", org, actor=actor, at=now)
    if before != (org.name, org.kind, org.city):
        _changed(org)
    return org


def _locked(org_id: int) -> Organisation:
    org = queries.organisation_for_update(org_id)
    if org is None:
        raise NotFound("organisation")
    return org


def _changed(org: Organisation) -> None:
    """What others keep of an organisation (names and filters in the search index) is to be read again."""
    outbox.add("accounts.organisation_changed", org_id=org.id)


def hand_in_document(org_id: int, file: StoredFile, *, name: str, actor: Actor, now: dt.datetime) -> OrganisationDocument:
    """Attach the proof (licence, certificate) and join the queue. A later document stands beside the earlier ones."""
    org = _locked(org_id)
    policy.can_hand_in_document(actor, org).or_raise()
    if len(queries.documents(org.id)) >= MAX_DOCUMENTS:
        raise RuleError("too_many_documents", most=MAX_DOCUMENTS)
    document = OrganisationDocument(org_id=org.id, file_id=file.id, name=name, uploaded_by=actor.user_id, uploaded_at=now)
    current_session().add(document)
    if ORGANISATION.allows(org, "hand_in_document"):
        ORGANISATION.move(org, "hand_in_document", actor=actor, at=now)
    audit.record("accounts.hand_in_document", org, actor=actor, at=now, sha256=file.sha256)
    outbox.add("accounts.document_handed_in", to_admins=True, **_told(org, "accounts.check_organisation"))
    return document


def verify(org_id: int, *, actor: Actor, now: dt.datetime) -> Organisation:
    """An administrator has compared the entry with its document and trusts it: it may publish and be contacted."""
    org = _locked(org_id)
    policy.can_decide_on_organisation(actor, org).or_raise()
    org.verified_at = now
    ORGANISATION.move(org, "verify", actor=actor, at=now)
    audit.record("accounts.verify_organisation", org, actor=actor, at=now)
    outbox.add("accounts.organisation_verified", to_orgs=[org.id], to_roles=["owner", "editor"], **_told(org))
    _changed(org)
    return org


def send_back(org_id: int, *, note: str, actor: Actor, now: dt.datetime) -> Organisation:
    """The document does not prove the entry; `note` says what is missing."""
    org = _decided_with_reason(org_id, "send_back", note=note, actor=actor, now=now)
    told = _told(org, "accounts.verification")
    outbox.add("accounts.organisation_sent_back", note=note.strip(), to_orgs=[org.id], to_roles=["owner"], **told)
    return org


def suspend(org_id: int, *, note: str, actor: Actor, now: dt.datetime) -> Organisation:
    """Take trust back until the matter in `note` is cleared: its listings leave the search and it can contact nobody."""
    org = _decided_with_reason(org_id, "suspend", note=note, actor=actor, now=now)
    org.verified_at = None
    told = _told(org, "accounts.verification")
    outbox.add("accounts.organisation_suspended", note=note.strip(), to_orgs=[org.id], to_roles=["owner", "editor"], **told)
    _changed(org)
    return org


def _decided_with_reason(org_id: int, step: str, *, note: str, actor: Actor, now: dt.datetime) -> Organisation:
    org = _locked(org_id)
    policy.can_decide_on_organisation(actor, org).or_raise()
    if len(note.strip()) < MIN_NOTE_CHARACTERS:
        raise RuleError("reason_missing")
    ORGANISATION.move(org, step, actor=actor, at=now, note=note.strip())
    audit.record(f"accounts.{step}_organisation", org, actor=actor, at=now)
    return org
