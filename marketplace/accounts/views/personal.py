"""A person's own account: choices, safety, sessions, download of what is kept, closing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import logout_user

from marketplace.accounts import labels, queries, services
from marketplace.accounts.forms import CloseForm, SettingsForm
from marketplace.accounts.models import User
from marketplace.accounts.rules import needs_second_factor, token_hash
from marketplace.accounts.views import sessions
from marketplace.accounts.views.blueprint import bp
from marketplace.accounts.views.fresh import needs_fresh_sign_in
from marketplace.core import clock, personal
from marketplace.core import labels as core_labels
from marketplace.core.db import transaction
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.labels import error_text
from marketplace.core.personal import Section
from marketplace.core.web import actor, member_only


def _me() -> User:
    user = queries.user_with_keys(actor().user_id or 0)
    if user is None:
        raise NotFound("person")
    return user


@bp.route("/account/settings", methods=["GET", "POST"], endpoint="settings")
@member_only
def settings() -> ResponseReturnValue:
    """Name, language, letters, ranking; and the way to everything else of the account."""
    user = _me()
    form = SettingsForm(obj=user)
    if form.validate_on_submit():
        with transaction():
            services.change_settings(
                name=str(form.name.data),
                language=str(form.language.data),
                wants_mail=bool(form.wants_mail.data),
                wants_personal_ranking=bool(form.wants_personal_ranking.data),
                actor=actor(),
                now=clock.now(),
            )
        flash(_("Your settings are saved."), "success")
        return redirect(url_for("accounts.settings"))
    status = 422 if form.errors else 200
    return render_template("accounts/settings.html", form=form, **_account_page(user)), status


def _account_page(user: User) -> dict[str, Any]:
    return {
        "person": user,
        "sessions": _running_sessions(user.id),
        "present": _present_hash(),
        "memberships": queries.memberships_of(user.id),
        "codes_left": len(user.mf_recovery_codes or ()),
        "new_address": queries.open_address_change(user.id, now=clock.now()),
        "must_have_second_factor": needs_second_factor((role.name for role in user.roles), is_demo=user.is_demo),
        "labels": labels,
    }


def _running_sessions(user_id: int) -> list[dict[str, Any]]:
    now = clock.now()
    rows = queries.sessions_of(
        user_id,
        idle_since=now - dt.timedelta(minutes=current_app.config["SESSION_IDLE_MINUTES"]),
        started_since=now - dt.timedelta(hours=current_app.config["SESSION_ABSOLUTE_HOURS"]),
    )
    present = _present_hash()
    return [{"row": row, "browser": browser_name(row.browser), "is_present": row.token_hash == present} for row in rows]


def browser_name(user_agent: str) -> str:
    """A browser's line about itself in two words: program and system, as far as it says."""
    programs = (("Edg/", "Edge"), ("OPR/", "Opera"), ("MicroMessenger", "WeChat"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"))
    program = next((name for mark, name in programs if mark in user_agent), "Safari" if "Safari/" in user_agent else "")
    system = next((name for mark, name in systems if mark in user_agent), "Linux" if "Linux" in user_agent else "")
    return " · ".join(part for part in (program, system) if part) or _("Unknown browser")


def _present_hash() -> str:
    return token_hash(str(session.get(sessions.TOKEN, "")))


@bp.post("/account/sessions/<int:session_id>/end")
@member_only
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    with transaction():
        services.end_session(session_id, actor=actor(), now=clock.now())
    flash(_("That session has ended."), "success")
    return redirect(url_for("accounts.settings", _anchor="sessions"))


@bp.post("/account/sessions/end-others")
@member_only
def end_other_sessions() -> ResponseReturnValue:
    """End all of one's sessions but this one."""
    with transaction():
        services.end_other_sessions(keep_token_hash=_present_hash(), actor=actor(), now=clock.now())
    flash(_("All your other sessions have ended."), "success")
    return redirect(url_for("accounts.settings", _anchor="sessions"))


@bp.get("/account/my-data")
@member_only
@needs_fresh_sign_in
def my_data() -> Response:
    """Everything the market keeps about the reader, as a JSON file (PIPL: copy of one's data). Its keys: docs/my-data.md."""
    now = clock.now()
    sections: Sequence[Section] = current_app.extensions["market_personal_data"]
    about = {
        "market": current_app.config["PUBLIC_URL"],
        "made_at": personal.plain(now),
        "times": _("Times are in UTC; money is in fen."),
        "sections": {section.name: str(core_labels.PERSONAL_DATA[section.name]) for section in sections},
        "left_out": _("What others say of themselves in confidence, and what you may no longer see, is not in this file."),
    }
    content = {"about": about, **personal.gather(sections, actor())}
    response = make_response(json.dumps(content, ensure_ascii=False, indent=2))
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{clock.local_day(now)}.json"'
    return response


@bp.route("/account/close", methods=["GET", "POST"])
@member_only
@needs_fresh_sign_in
def close() -> ResponseReturnValue:
    """Close one's account, after saying what that means."""
    form = CloseForm()
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            with transaction():
                services.close_account(actor=actor(), now=clock.now())
        except RuleError as error:
            problems = [error_text(error.code, **error.params)]
        else:
            logout_user()
            session.clear()
            flash(_("Your account is closed and your personal data is erased."), "success")
            return redirect(url_for("pages.home"))
    status = 409 if problems else 422 if form.errors else 200
    return render_template("accounts/close.html", form=form, problems=problems), status
