"""The administrators' lists: overdue enquiries and reports."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError
from marketplace.core.labels import error_text
from marketplace.core.web import access, actor
from marketplace.deals import labels, policy, queries, services
from marketplace.deals.forms import ResolveForm
from marketplace.deals.models import Report
from marketplace.deals.states import ReportState, Resolution
from marketplace.deals.views import bp
from marketplace.deals.views.shown import listing_url, pager, reported
from marketplace.taxonomy import queries as taxonomy


def _page_number() -> int:
    return request.args.get("page", 1, type=int)


@bp.get("/admin/enquiries/overdue")
@access(policy.can_administer)
def overdue() -> str:
    """Enquiries that nobody answered within the promised time, with age and organisation; no message is shown."""
    now = clock.now()
    page = queries.overdue(page=_page_number(), now=now)
    calendar = taxonomy.work_calendar()
    late = {row.id: -calendar.days_left(now, row.due_at) for row in page.items}
    return render_template("deals/overdue.html", page=page, late=late, labels=labels, pager=pager())


@bp.get("/admin/reports")
@access(policy.can_administer)
def reports() -> str:
    """The queue of reports."""
    state = ReportState.RESOLVED if request.args.get("state") == "resolved" else ReportState.OPEN
    page = queries.open_reports(state=state, page=_page_number())
    return render_template(
        "deals/reports.html", page=page, state=state, waiting=queries.reports_waiting(), labels=labels, pager=pager()
    )


@bp.route("/admin/reports/<int:report_id>", methods=["GET", "POST"])
@access(policy.can_see_report, load=queries.report)
def report_page(thing: Report) -> ResponseReturnValue:
    """One report with what it is about, and what to do."""
    form = ResolveForm()
    problem = ""
    if form.validate_on_submit():
        resolution, note = Resolution(form.resolution.data), form.note.data or ""
        try:
            with transaction():
                services.resolve_report(thing.id, resolution=resolution, note=note, actor=actor(), now=clock.now())
        except RuleError as error:
            problem = error_text(error.code, **error.params)
            thing = queries.report(thing.id) or thing
        else:
            flash(_("The report is resolved."), "success")
            return redirect(url_for("deals.reports"))
    messages = queries.reported_messages(thing)
    page = render_template(
        "deals/report_page.html",
        report=thing,
        form=form,
        shown=reported(messages),
        sides={side.id: side for message in messages for side in (message.enquiry.from_org, message.enquiry.to_org)}.values(),
        labels=labels,
        listing_url=listing_url(thing.listing_id),
        may_resolve=policy.can_resolve(actor(), thing),
        problems=[problem] if problem else [],
    )
    return page, 422 if form.is_submitted() else 200
