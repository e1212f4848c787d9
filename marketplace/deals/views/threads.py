"""Ask, read, write, close and export: the pages of the two sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import Forbidden, NotFound, RuleError
from marketplace.core.files import path_of
from marketplace.core.i18n import language
from marketplace.core.labels import error_text
from marketplace.core.web import access, actor, member_only
from marketplace.deals import labels, policy, queries, services
from marketplace.deals.forms import CloseForm, EnquiryForm, MessageForm, data_of
from marketplace.deals.models import Enquiry, MessageFile
from marketplace.deals.states import Outcome, Purpose, Side
from marketplace.deals.views import bp
from marketplace.deals.views.export import as_text
from marketplace.deals.views.shown import conversation, listing_url, pager
from marketplace.listings.models import Listing, Need
from marketplace.taxonomy import queries as taxonomy

TABS = ("received", "sent", "closed")


@bp.app_context_processor
def _words() -> dict[str, Any]:
    """What templates of any feature need to show response figures in words."""
    return {"response_words": labels}


def _page_number() -> int:
    return request.args.get("page", 1, type=int)


@bp.route("/listings/<int:listing_id>/enquire", methods=["GET", "POST"])
@access(policy.can_enquire, load=queries.listing_to_ask)
def enquire(thing: Listing) -> ResponseReturnValue:
    """Ask about a listing: in whose name, what for, and the message."""
    form = EnquiryForm()
    form.offer(actor(), language())
    if request.form.get("starter"):
        return _enquire_page(thing, form, starter=request.form["starter"])
    if not form.validate_on_submit():
        form.fresh_token()
        return _enquire_page(thing, form), 422 if form.is_submitted() else 200
    files = form.accepted_files()
    if files is None:
        return _enquire_page(thing, form), 422
    try:
        with transaction():
            row = services.send(
                thing.id,
                as_org_id=form.as_org.data,
                purpose=Purpose(form.purpose.data),
                attachments=files,
                root=_root(),
                actor=actor(),
                now=clock.now(),
                **data_of(form),
            )
    except RuleError as error:
        return _enquire_page(_again(thing), form, problem=error_text(error.code, **error.params)), 422
    flash(_("Your enquiry is sent."), "success")
    return redirect(url_for("deals.enquiry", enquiry_id=row.id))


def _again(listing: Listing) -> Listing:
    """The listing as it is after a rolled-back transaction."""
    found = queries.listing_to_ask(listing.id)
    if found is None:
        raise NotFound("listing")
    return found


def _root() -> Path:
    return Path(current_app.config["FILES"])


def _enquire_page(listing: Listing, form: EnquiryForm, *, starter: str = "", problem: str = "") -> str:
    _start_with(form, starter, labels.ENQUIRER_STARTERS)
    hidden = isinstance(listing, Need) and listing.is_anonymous
    figures = queries.response_figures([listing.org_id])[listing.org_id]
    due = taxonomy.work_calendar().due(clock.now(), figures.promised_days)
    return render_template(
        "deals/enquire.html",
        form=form,
        listing=listing,
        owner=queries.name_on_listing(listing),
        figures=None if hidden else figures,
        promised_days=figures.promised_days,
        due_at=due,
        starters=labels.ENQUIRER_STARTERS,
        problems=[problem] if problem else [],
    )


def _start_with(form: MessageForm, key: str, starters: dict[str, Any]) -> None:
    """Put a starter's text behind what is already written, so that nothing is lost."""
    if key in starters:
        form.body.data = "\n\n".join(part for part in ((form.body.data or "").rstrip(), str(starters[key][1])) if part)


@bp.get("/enquiries")
@member_only
def inbox() -> str:
    """Received, sent and closed enquiries, unread first."""
    tab = request.args.get("tab", "")
    counts = queries.counts(actor())
    if tab not in TABS:
        tab = "sent" if counts.sent and not counts.received else "received"
    page = queries.inbox(actor(), tab=tab, page=_page_number(), now=clock.now())
    return render_template("deals/inbox.html", tab=tab, counts=counts, page=page, labels=labels, pager=pager())


@bp.get("/enquiries/<int:enquiry_id>")
@access(policy.can_see, load=queries.enquiry)
def enquiry(thing: Enquiry) -> str:
    """One thread."""
    return _thread_page(thing, MessageForm(formdata=None))


def _thread_page(row: Enquiry, form: MessageForm, *, starter: str = "", problem: str = "") -> str:
    thread = queries.thread(row, actor=actor(), now=clock.now())
    starters = labels.OWNER_STARTERS if thread.side is Side.OWNER else labels.ENQUIRER_STARTERS
    _start_with(form, starter, starters)
    return render_template(
        "deals/thread.html",
        enquiry=row,
        thread=thread,
        shown=conversation(row, thread),
        form=form,
        starters=starters,
        labels=labels,
        other=queries.counterpart_name(row, thread.side),
        may_write=policy.can_write(actor(), row),
        may_close=policy.can_close(actor(), row),
        may_reopen=policy.can_reopen(actor(), row),
        may_block=policy.can_block(actor(), row),
        listing_url=listing_url(row.listing_id),
        block=queries.block_in(row, thread.side),
        problems=[problem] if problem else [],
    )


@bp.post("/enquiries/<int:enquiry_id>/messages")
@access(policy.can_act, load=queries.enquiry)
def write(thing: Enquiry) -> ResponseReturnValue:
    """Send a message, or start one from a suggested sentence. Into a thread closed meanwhile nothing is sent or lost."""
    form = MessageForm()
    if request.form.get("starter"):
        return _thread_page(thing, form, starter=request.form["starter"])
    if not form.validate_on_submit():
        form.fresh_token()
        return _thread_page(thing, form), 422
    files = form.accepted_files()
    if files is None:
        return _thread_page(thing, form), 422
    try:
        with transaction():
            services.write(thing.id, attachments=files, root=_root(), actor=actor(), now=clock.now(), **data_of(form))
    except (RuleError, Forbidden) as error:
        row = queries.enquiry(thing.id) or thing
        return _thread_page(row, form, problem=error_text(error.code, **error.params)), 422
    flash(_("Your message is sent."), "success")
    return redirect(url_for("deals.enquiry", enquiry_id=thing.id, _anchor="end"))


@bp.post("/enquiries/<int:enquiry_id>/seen")
@access(policy.can_see, load=queries.enquiry)
def seen(thing: Enquiry) -> ResponseReturnValue:
    """Note that the actor has read the thread: sent by the page itself, or by a button where there is no script."""
    with transaction():
        services.see(thing.id, actor=actor(), now=clock.now())
    if request.headers.get("HX-Request"):
        return Response(status=204)
    return redirect(url_for("deals.enquiry", enquiry_id=thing.id))


@bp.route("/enquiries/<int:enquiry_id>/close", methods=["GET", "POST"])
@access(policy.can_close, load=queries.enquiry)
def close(thing: Enquiry) -> ResponseReturnValue:
    """End the conversation with its outcome."""
    form = CloseForm()
    problem = ""
    if form.validate_on_submit():
        said = {"note": form.note.data or "", "form_token": form.form_token.data or ""}
        try:
            with transaction():
                services.close(thing.id, outcome=Outcome(form.outcome.data), actor=actor(), now=clock.now(), **said)
        except RuleError as error:
            problem = error_text(error.code, **error.params)
            thing = queries.enquiry(thing.id) or thing
        else:
            flash(_("The conversation is closed."), "success")
            return redirect(url_for("deals.enquiry", enquiry_id=thing.id))
    side = policy.side_of(actor(), thing)
    page = render_template(
        "deals/close.html",
        form=form,
        enquiry=thing,
        side=side,
        other=queries.counterpart_name(thing, side or Side.ENQUIRER),
        problems=[problem] if problem else [],
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/enquiries/<int:enquiry_id>/reopen")
@access(policy.can_reopen, load=queries.enquiry)
def reopen(thing: Enquiry) -> ResponseReturnValue:
    """Take a closed conversation up again."""
    with transaction():
        services.reopen(thing.id, actor=actor(), now=clock.now())
    flash(_("The conversation goes on."), "success")
    return redirect(url_for("deals.enquiry", enquiry_id=thing.id))


@bp.get("/enquiries/<int:enquiry_id>/export")
@access(policy.can_see, load=queries.enquiry)
def export(thing: Enquiry) -> Response:
    """The thread as a text file, to print or to keep."""
    thread = queries.thread(thing, actor=actor(), now=clock.now())
    response = Response(as_text(thing, thread, now=clock.now()), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="enquiry-{thing.id}.txt"'
    return response


@bp.get("/enquiries/files/<int:file_id>")
@access(policy.can_see_file, load=queries.message_file)
def file(thing: MessageFile) -> Response:
    """One attachment, as a download that never opens inside the site."""
    path = path_of(_root(), thing.file.sha256)
    response = send_file(path, mimetype=thing.file.media_type, as_attachment=True, download_name=thing.name, max_age=0)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
