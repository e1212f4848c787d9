"""Block and unblock an organisation; report a listing, a thread or a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError
from marketplace.core.i18n import pick
from marketplace.core.labels import error_text
from marketplace.core.types import Bilingual
from marketplace.core.web import access, actor, member_only
from marketplace.deals import labels, policy, queries, services
from marketplace.deals.forms import ReportForm
from marketplace.deals.models import Enquiry, Message, OrgBlock
from marketplace.deals.states import ReportReason
from marketplace.deals.views import bp
from marketplace.listings.models import Listing


@bp.post("/enquiries/<int:enquiry_id>/block")
@access(policy.can_block, load=queries.enquiry)
def block(thing: Enquiry) -> ResponseReturnValue:
    """Take no more messages from the other side; the notice offers to undo it."""
    with transaction():
        made = services.block(thing.id, actor=actor(), now=clock.now())
    undo = {"undo_url": url_for("deals.unblock", block_id=made.id), "undo_label": _("Unblock")}
    flash({"text": _("Blocked. You get no more enquiries or messages from this organisation."), **undo}, "success")  # type: ignore[arg-type]
    return redirect(url_for("deals.enquiry", enquiry_id=thing.id))


@bp.get("/enquiries/blocked")
@member_only
def blocks() -> str:
    """The organisations that the actor's organisations have blocked."""
    writes_for = actor().org_ids_as(*policy.WRITERS)
    names = {m.org_id: pick(Bilingual(m.org_name_zh, m.org_name_en)) for m in actor().memberships}
    return render_template("deals/blocks.html", blocks=queries.blocks_of(actor().org_ids), names=names, writes_for=writes_for)


@bp.post("/enquiries/blocked/<int:block_id>/remove")
@access(policy.can_unblock, load=queries.block)
def unblock(thing: OrgBlock) -> ResponseReturnValue:
    """Take messages again."""
    with transaction():
        services.unblock(thing.id, actor=actor(), now=clock.now())
    flash(_("Unblocked."), "success")
    return redirect(url_for("deals.blocks"))


@bp.route("/listings/<int:listing_id>/report", methods=["GET", "POST"])
@access(policy.can_report_listing, load=queries.listing_to_ask)
def report_listing(thing: Listing) -> ResponseReturnValue:
    """Tell the administrators about a listing."""
    return _report(lambda **said: services.report_listing(thing.id, **said), thing.title, "listing", back=None)


@bp.route("/enquiries/<int:enquiry_id>/report", methods=["GET", "POST"])
@access(policy.can_report_enquiry, load=queries.enquiry)
def report_enquiry(thing: Enquiry) -> ResponseReturnValue:
    """Tell them about a whole thread."""
    back = url_for("deals.enquiry", enquiry_id=thing.id)
    return _report(lambda **said: services.report_enquiry(thing.id, **said), thing.listing_title, "enquiry", back=back)


@bp.route("/enquiries/messages/<int:message_id>/report", methods=["GET", "POST"])
@access(policy.can_report_message, load=queries.message)
def report_message(thing: Message) -> ResponseReturnValue:
    """Tell them about one message."""
    title = thing.enquiry.listing_title
    back = url_for("deals.enquiry", enquiry_id=thing.enquiry_id)
    return _report(lambda **said: services.report_message(thing.id, **said), title, "message", back=back)


def _report(send: Callable[..., Any], title: Bilingual, kind: str, *, back: str | None) -> ResponseReturnValue:
    form = ReportForm()
    problem = ""
    if form.validate_on_submit():
        try:
            with transaction():
                send(reason=ReportReason(form.reason.data), note=form.note.data or "", actor=actor(), now=clock.now())
        except RuleError as error:
            problem = error_text(error.code, **error.params)
        else:
            return render_template("deals/reported.html", back=back)
    words = {"form": form, "about": title, "kind": kind, "back": back, "labels": labels}
    page = render_template("deals/report.html", **words, problems=[problem] if problem else [])
    return page, 422 if form.is_submitted() else 200
