"""Who may see and do what with people and organisations.

An administrator is an actor whose site role counts (a second factor is set up); owners manage their organisation.
"""

from __future__ import annotations

from marketplace.accounts.models import Organisation, OrganisationDocument, User
from marketplace.accounts.states import ORGANISATION, OrgRole, OrgState
from marketplace.core.policy import ALWAYS, Actor, Condition, Decision, allow, decide, deny, hide, one_of

OWNER = OrgRole.OWNER.value


def visible_to(actor: Actor) -> Condition:
    """Organisations an actor may see: verified ones are public, the others are known to their members and administrators."""
    if actor.is_admin or actor.is_system:
        return ALWAYS
    return one_of("state", {OrgState.VERIFIED}) | one_of("id", actor.org_ids)


def can_see_organisation(actor: Actor, org: Organisation) -> Decision:
    """A code that is typed right is no organisation yet: nobody else learns that it was registered."""
    return allow() if visible_to(actor).matches(org) else hide()


def can_register_organisation(actor: Actor) -> Decision:
    """Anybody who is signed in."""
    return decide(actor.is_authenticated, "sign_in")


def _is_owner(actor: Actor, org_id: int) -> bool:
    return org_id in actor.org_ids_as(OWNER)


def _only_owner(actor: Actor, org: Organisation) -> Decision:
    if not visible_to(actor).matches(org):
        return hide()
    if not actor.is_authenticated:
        return deny("sign_in")
    return decide(_is_owner(actor, org.id), "owners_only")


def can_change_organisation(actor: Actor, org: Organisation) -> Decision:
    """Owners keep the entry of their organisation."""
    return _only_owner(actor, org)


def can_hand_in_document(actor: Actor, org: Organisation) -> Decision:
    """Owners hand in the proof; not while it is being looked at by nobody's wish: a newer document replaces the older."""
    return _only_owner(actor, org)


def can_read_document(actor: Actor, document: OrganisationDocument) -> Decision:
    """The proof holds a stamp and names: only administrators and owners open it."""
    return allow() if actor.is_admin or _is_owner(actor, document.org_id) else hide()


def can_see_members(actor: Actor, org: Organisation) -> Decision:
    """Members know each other; names of colleagues are not public."""
    if actor.is_admin or org.id in actor.org_ids:
        return allow()
    return _only_owner(actor, org)


def can_manage_members(actor: Actor, org: Organisation) -> Decision:
    """Owners invite, change roles and remove."""
    return _only_owner(actor, org)


def can_leave(actor: Actor, org: Organisation) -> Decision:
    """Every member, apart from the last owner (that is a rule, not a right)."""
    if org.id in actor.org_ids:
        return allow()
    return _only_owner(actor, org)


def can_administer(actor: Actor) -> Decision:
    """Administrators of the market, and the operator at the command line."""
    if actor.is_system:
        return allow()
    if not actor.is_authenticated:
        return deny("sign_in")
    return decide(actor.is_admin, "administrators_only")


def can_check_organisation(actor: Actor, org: Organisation) -> Decision:
    """Open the check page of an organisation."""
    del org
    return can_administer(actor)


def can_decide_on_organisation(actor: Actor, org: Organisation) -> Decision:
    """Verify, send back, suspend: an administrator, but nobody in the matter of an organisation of their own."""
    decision = can_administer(actor)
    if not decision:
        return decision
    return decide(org.id not in actor.org_ids, "own_organisation")


def can_manage_person(actor: Actor, person: User) -> Decision:
    """Disable, enable, grant site roles: administrators, and not upon themselves."""
    decision = can_administer(actor)
    if not decision:
        return decision
    return decide(person.id != actor.user_id, "not_upon_yourself")


def steps_open_to(actor: Actor, org: Organisation) -> list[str]:
    """The administrators' steps that this actor may take now with this organisation."""
    if not can_decide_on_organisation(actor, org):
        return []
    return [name for name in ("verify", "send_back", "suspend") if ORGANISATION.allows(org, name)]
