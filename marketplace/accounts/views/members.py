"""Members of an organisation: the list, invitations by letter, roles, leaving; and accepting an invitation."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import handlers, labels, policy, queries, services
from marketplace.accounts.forms import ConfirmForm, InviteForm, RoleForm
from marketplace.accounts.models import Invitation, Organisation
from marketplace.accounts.rules import same_address, token_hash
from marketplace.accounts.states import OrgRole
from marketplace.accounts.views import throttle
from marketplace.accounts.views.blueprint import bp
from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError
from marketplace.core.i18n import language
from marketplace.core.labels import error_text
from marketplace.core.web import absolute_url, access, actor, member_only, public

_INVITATIONS_PER_DAY = 30


def _page(org: Organisation, form: InviteForm) -> str:
    who = actor()
    now = clock.now()
    may_manage = bool(policy.can_manage_members(who, org))
    invitations = queries.pending_invitations(org.id) if may_manage else ()
    return render_template(
        "accounts/members.html",
        org=org,
        form=form,
        labels=labels,
        members=[(member, RoleForm(role=member.role, prefix=f"m{member.user_id}")) for member in queries.members(org.id)],
        invitations=[(invitation, services.is_open(invitation, now)) for invitation in invitations],
        may_manage=may_manage,
        may_leave=org.id in who.org_ids,
        me=who.user_id,
    )


@bp.get("/organisations/<int:org_id>/members")
@access(policy.can_see_members, load=queries.organisation, as_name="org")
def members(org: Organisation) -> str:
    """Who belongs to the organisation; owners manage them here."""
    return _page(org, InviteForm(formdata=None))


@bp.post("/organisations/<int:org_id>/members/invite")
@access(policy.can_manage_members, load=queries.organisation, as_name="org")
def invite(org: Organisation) -> ResponseReturnValue:
    """Send an invitation. The answer is the same whether or not the address has an account."""
    form = InviteForm()
    if form.validate_on_submit():
        throttle.reserve("invite", f"org {org.id}", limit=_INVITATIONS_PER_DAY, window=dt.timedelta(days=1))
        try:
            with transaction():
                invitation, token = services.invite(
                    org.id, str(form.email.data), OrgRole(form.role.data), actor=actor(), now=clock.now()
                )
                _send(invitation, org, token)
        except RuleError as error:
            form.email.errors = [error_text(error.code, **error.params)]
        else:
            flash(_("The invitation is on its way to %(address)s.", address=invitation.email), "success")
            return redirect(url_for("accounts.members", org_id=org.id))
    return _page(org, form), 422


def _send(invitation: Invitation, org: Organisation, token: str) -> None:
    handlers.send_to(
        "invitation",
        invitation.email,
        language=language(),
        org_name=org.name.pick(language()),
        role=str(labels.ROLES[invitation.role]),
        inviter=actor().name,
        expires_at=invitation.expires_at,
        link=absolute_url("accounts.invitation", token=token),
    )


@bp.post("/invitations/<int:invitation_id>/take-back")
@member_only
def take_back_invitation(invitation_id: int) -> ResponseReturnValue:
    """Make an invitation's link dead (the service asks whether the actor manages its organisation)."""
    with transaction():
        invitation = services.take_back(invitation_id, actor=actor(), now=clock.now())
    flash(_("The invitation is taken back; its link is dead."), "success")
    return redirect(url_for("accounts.members", org_id=invitation.org_id))


@bp.post("/organisations/<int:org_id>/members/<int:user_id>/role")
@member_only
def change_role(org_id: int, user_id: int) -> ResponseReturnValue:
    """Give a member another role (the service asks whether the actor manages the organisation)."""
    form = RoleForm(prefix=f"m{user_id}")
    if form.validate_on_submit():
        with transaction():
            services.change_role(org_id, user_id, OrgRole(form.role.data), actor=actor(), now=clock.now())
        flash(_("The role is changed."), "success")
    return redirect(url_for("accounts.members", org_id=org_id))


@bp.post("/organisations/<int:org_id>/members/<int:user_id>/remove")
@member_only
def remove_member(org_id: int, user_id: int) -> ResponseReturnValue:
    """Take a member out (the service asks whether the actor manages the organisation)."""
    with transaction():
        services.remove(org_id, user_id, actor=actor(), now=clock.now())
    flash(_("The member is removed and has no access any more."), "success")
    return redirect(url_for("accounts.members", org_id=org_id))


@bp.post("/organisations/<int:org_id>/leave")
@access(policy.can_leave, load=queries.organisation, as_name="org")
def leave(org: Organisation) -> ResponseReturnValue:
    """Give up one's own place."""
    name = org.name.pick(language())
    with transaction():
        services.leave(org.id, actor=actor(), now=clock.now())
    flash(_("You have left %(name)s.", name=name), "success")
    return redirect(url_for("accounts.settings"))


@bp.get("/invitations/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    """What is offered, and the next step for whoever opens the link: accept, sign in, or register first."""
    found = queries.invitation_by_token(token_hash(token))
    now = clock.now()
    is_open = found is not None and services.is_open(found, now)
    user = queries.person(actor().user_id or 0)
    page = render_template(
        "accounts/invitation.html",
        found=found if is_open else None,
        form=ConfirmForm(),
        token=token,
        labels=labels,
        is_mine=bool(is_open and user and found and same_address(user.email, found.email)),
        is_signed_in=user is not None,
        was_mine=bool(found and found.accepted_at and actor().membership(found.org_id)),
        org_id=found.org_id if found else 0,
    )
    return page, 200 if is_open else 410


@bp.post("/invitations/<token>")
@member_only
def accept_invitation(token: str) -> ResponseReturnValue:
    """Take the offered place."""
    with transaction():
        member = services.accept(token, actor=actor(), now=clock.now())
    flash(_("Welcome. You are a member now."), "success")
    return redirect(url_for("accounts.organisation", org_id=member.org_id))
