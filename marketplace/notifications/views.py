"""The bell's page, the choice of mail, and the way out of a kind of mail without signing in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import NotFound
from marketplace.core.web import access, actor, bp_prefix, member_only, public
from marketplace.core.web.languages import has_endpoint
from marketplace.notifications import labels, policy, queries, services
from marketplace.notifications.forms import EmptyForm, MailForm
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import LinkBroken, Unsubscription, read

bp = Blueprint("notifications", __name__, url_prefix=bp_prefix("/notifications"))


@bp.app_context_processor
def _bell() -> dict[str, Any]:
    """The number at the bell, counted when a page really shows it and once a request."""
    return {"unread_notifications": unread_notifications, "notification_sentence": labels.sentence}


def unread_notifications() -> int:
    """How much unread news the person of this request has."""
    if not actor().is_authenticated:
        return 0
    if "unread_notifications" not in g:
        g.unread_notifications = queries.unread_count(actor())
    return int(g.unread_notifications)


@bp.get("/")
@member_only
def inbox() -> str:
    """All news or the unread, newest first."""
    only_unread = request.args.get("show") == "unread"
    page = queries.inbox(actor(), only_unread=only_unread, page=request.args.get("page", 1, type=int))
    shown = [row for row in page.items if labels.known(row.kind)]
    newest = max((row.id for row in shown), default=0)
    return render_template(
        "notifications/inbox.html",
        page=page,
        rows=shown,
        newest=newest,
        only_unread=only_unread,
        labels=labels,
        pager=lambda number: url_for("notifications.inbox", page=number, show="unread" if only_unread else None),
    )


@bp.post("/<int:notification_id>/open")
@access(policy.can_see, load=queries.notification)
def open_one(thing: Notification) -> ResponseReturnValue:
    """Mark as read and go where it can be acted on."""
    with transaction():
        services.read(thing.id, actor=actor(), now=clock.now())
    if thing.endpoint and has_endpoint(thing.endpoint):
        return redirect(url_for(thing.endpoint, **thing.endpoint_args))
    return redirect(url_for("notifications.inbox"))


@bp.post("/<int:notification_id>/read")
@access(policy.can_see, load=queries.notification)
def read_one(thing: Notification) -> ResponseReturnValue:
    """Mark as read and stay."""
    with transaction():
        services.read(thing.id, actor=actor(), now=clock.now())
    return redirect(url_for("notifications.inbox", show=request.args.get("show")))


@bp.post("/read-all")
@member_only
def read_all() -> ResponseReturnValue:
    """Mark everything up to the newest on the page as read."""
    with transaction():
        services.read_all(up_to=request.form.get("up_to", 0, type=int), actor=actor(), now=clock.now())
    flash(_("Everything is marked as read."), "success")
    return redirect(url_for("notifications.inbox"))


@bp.route("/preferences", methods=["GET", "POST"])
@member_only
def preferences() -> ResponseReturnValue:
    """Which kinds of news also come by mail."""
    is_admin = actor().is_admin
    form = MailForm()
    groups = form.groups(is_admin=is_admin)
    offered = [choice.value for group in groups for choice in group.choices]
    if form.validate_on_submit():
        wanted = [kind for group in groups for kind in group.data or []]
        with transaction():
            services.choose_mail(offered=offered, wanted=wanted, actor=actor(), now=clock.now())
        flash(_("Your choice is kept."), "success")
        return redirect(url_for("notifications.preferences"))
    if not form.is_submitted():
        off = queries.muted_kinds(actor().user_id or 0)
        for group in groups:
            group.data = [choice.value for choice in group.choices if choice.value not in off]
    page = render_template("notifications/preferences.html", form=form, groups=groups, gets_mail=queries.gets_mail(actor()))
    return page, 422 if form.is_submitted() else 200


def _wish(token: str) -> Unsubscription:
    try:
        wish = read(token, secret=str(current_app.config["SECRET_KEY"]))
    except LinkBroken as error:
        raise NotFound("link") from error
    if not labels.known(wish.kind):
        raise NotFound("link")
    return wish


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
@public
def unsubscribe(token: str) -> ResponseReturnValue:
    """End one kind of mail: a GET shows the button, a POST does it (mail programs send one by themselves, RFC 8058)."""
    wish = _wish(token)
    name = labels.EVENTS[wish.kind].name
    if request.method == "POST":
        with transaction():
            services.unsubscribe(wish.user_id, wish.kind, now=clock.now())
        return render_template("notifications/unsubscribed.html", name=name)
    return render_template("notifications/unsubscribe.html", name=name, form=EmptyForm())


@bp.record_once
def _free_of_csrf(state: BlueprintSetupState) -> None:
    """A mail program has no session and no token; the signed address is the proof, and all it can do is stop mail."""
    state.app.extensions["csrf"].exempt(unsubscribe)
