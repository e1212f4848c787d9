"""Administration of the market: people, settings, and the audit record."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import labels, policy, queries, services
from marketplace.accounts.forms import AuditForm, SiteRoleForm, market_settings_form
from marketplace.accounts.models import User
from marketplace.accounts.views.blueprint import bp
from marketplace.accounts.views.fresh import needs_fresh_sign_in
from marketplace.core import audit, clock, settings
from marketplace.core import labels as core_labels
from marketplace.core.db import transaction
from marketplace.core.web import access, actor


def _page_number() -> int:
    return request.args.get("page", 1, type=int) or 1


@bp.get("/admin/people")
@access(policy.can_administer)
def people() -> str:
    """Find people; open one to decide."""
    text = request.args.get("q", "")[:100]
    return render_template("accounts/people.html", page=queries.people(text, _page_number()), text=text, labels=labels)


@bp.get("/admin/people/<int:user_id>")
@access(policy.can_administer)
def person(user_id: int) -> ResponseReturnValue:
    """One person: places, roles, what may be decided."""
    found = queries.user_with_keys(user_id)
    if found is None:
        return redirect(url_for("accounts.people"))
    return render_template(
        "accounts/person.html",
        person=found,
        memberships=queries.memberships_of(user_id),
        form=SiteRoleForm(formdata=None),
        labels=labels,
        may_manage=bool(policy.can_manage_person(actor(), found)),
    )


def _back(person: User, text: str) -> ResponseReturnValue:
    flash(text, "success")
    return redirect(url_for("accounts.person", user_id=person.id))


@bp.post("/admin/people/<int:user_id>/disable")
@access(policy.can_manage_person, load=queries.person, as_name="person")
@needs_fresh_sign_in
def disable_person(person: User) -> ResponseReturnValue:
    """Take access away."""
    with transaction():
        services.disable(person.id, actor=actor(), now=clock.now())
    return _back(person, _("The account is disabled; its sessions have ended."))


@bp.post("/admin/people/<int:user_id>/enable")
@access(policy.can_manage_person, load=queries.person, as_name="person")
@needs_fresh_sign_in
def enable_person(person: User) -> ResponseReturnValue:
    """Give access back."""
    with transaction():
        services.enable(person.id, actor=actor(), now=clock.now())
    return _back(person, _("The account works again."))


@bp.post("/admin/people/<int:user_id>/roles")
@access(policy.can_manage_person, load=queries.person, as_name="person")
@needs_fresh_sign_in
def grant_role(person: User) -> ResponseReturnValue:
    """Give a site role."""
    form = SiteRoleForm()
    if not form.validate_on_submit():
        return redirect(url_for("accounts.person", user_id=person.id))
    with transaction():
        services.grant(person.id, str(form.role.data), actor=actor(), now=clock.now())
    return _back(person, _("The role is given. It counts once two-step sign-in is set up."))


@bp.post("/admin/people/<int:user_id>/roles/withdraw")
@access(policy.can_manage_person, load=queries.person, as_name="person")
@needs_fresh_sign_in
def withdraw_role(person: User) -> ResponseReturnValue:
    """Take a site role away."""
    form = SiteRoleForm()
    if not form.validate_on_submit():
        return redirect(url_for("accounts.person", user_id=person.id))
    with transaction():
        services.withdraw_role(person.id, str(form.role.data), actor=actor(), now=clock.now())
    return _back(person, _("The role is taken away."))


@bp.route("/admin/settings", methods=["GET", "POST"])
@access(policy.can_administer)
def market_settings() -> ResponseReturnValue:
    """Change the rules that are numbers."""
    keys = list(settings.KNOWN)
    form = market_settings_form()(data={key.replace(".", "__"): settings.whole(key) for key in keys})
    if form.validate_on_submit():
        with transaction():
            for key in keys:
                value = int(form[key.replace(".", "__")].data)
                if value != settings.whole(key):
                    settings.change(key, value, actor=actor(), now=clock.now())
        flash(_("The settings are saved."), "success")
        return redirect(url_for("accounts.market_settings"))
    rows = [
        {"field": form[key.replace(".", "__")], "label": core_labels.SETTINGS[key], "known": known}
        for key, known in settings.KNOWN.items()
    ]
    return render_template("accounts/market_settings.html", form=form, rows=rows), 422 if form.errors else 200


@bp.get("/admin/audit")
@access(policy.can_administer)
def audit_log() -> ResponseReturnValue:
    """Search the record by person, object, action and time."""
    form = AuditForm(request.args)
    is_good = form.validate()
    wanted, is_known = _wanted(form) if is_good else (queries.AuditFilter(actor_id=-1), True)
    page = queries.audit_search(wanted, _page_number())
    return render_template(
        "accounts/audit_log.html",
        form=form,
        page=page,
        people=queries.people_by_id(entry.actor_id for entry in page.items if entry.actor_id),
        actions=queries.audit_actions(),
        is_known=is_known,
        query=_query(),
        words=core_labels,
    ), 200 if is_good else 422


def _wanted(form: AuditForm) -> tuple[queries.AuditFilter, bool]:
    """The filter, and whether the person that was asked for exists."""
    typed = form.person.data or ""
    actor_id: int | None = None
    if typed:
        found = queries.person(int(typed)) if typed.isdecimal() and len(typed) < 10 else queries.person_by_email(typed)
        actor_id = found.id if found else -1
    wanted = queries.AuditFilter(
        actor_id=actor_id,
        action=form.action.data or "",
        object_type=form.object_type.data or "",
        object_id=form.object_id.data or "",
        from_day=form.from_day.data,
        to_day=form.to_day.data,
    )
    return wanted, actor_id != -1


def _query() -> dict[str, Any]:
    return {key: value for key, value in request.args.items() if key != "page" and value}


@bp.post("/admin/audit/verify")
@access(policy.can_administer)
def verify_audit() -> ResponseReturnValue:
    """Recompute every link of the record."""
    report = audit.verify()
    if report.is_sound:
        flash(_("%(count)s entries, every link is sound.", count=report.checked), "success")
    else:
        flash(_("The record is broken at entry %(entry)s.", entry=report.broken_at), "error")
    return redirect(url_for("accounts.audit_log"))
