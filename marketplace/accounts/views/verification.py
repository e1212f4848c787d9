"""How an organisation proves itself: the owner's page with the document, and the administrators' queue and check page."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from flask import Response, current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts import labels, policy, queries, services
from marketplace.accounts.forms import DocumentForm, ReasonForm
from marketplace.accounts.models import Organisation, OrganisationDocument
from marketplace.accounts.rules import uscc
from marketplace.accounts.states import OrgState
from marketplace.accounts.views.blueprint import bp
from marketplace.core import clock, files
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError, UploadRefused
from marketplace.core.labels import error_text
from marketplace.core.web import access, actor
from marketplace.taxonomy import queries as taxonomy

_SCANS = frozenset({"application/pdf", *(media_type for media_type, _suffix in files.PICTURES.values())})


@bp.route("/organisations/<int:org_id>/verification", methods=["GET", "POST"])
@access(policy.can_hand_in_document, load=queries.organisation, as_name="org")
def verification(org: Organisation) -> ResponseReturnValue:
    """Where the organisation stands, what to do next, and handing in the document."""
    form = DocumentForm()
    if form.validate_on_submit():
        try:
            accepted = _scan(form.document.data.stream, form.document.data.filename or "")
            with transaction():
                stored = files.store(current_app.config["FILES"], accepted, now=clock.now())
                services.hand_in_document(org.id, stored, name=accepted.name, actor=actor(), now=clock.now())
        except UploadRefused as error:
            form.document.errors = [error_text(error.code, **error.params)]
        except RuleError as error:
            form.form_errors.append(error_text(error.code, **error.params))
        else:
            flash(_("Thank you. The document is with the administrators."), "success")
            return redirect(url_for("accounts.verification", org_id=org.id))
    page = render_template(
        "accounts/verification.html",
        form=form,
        org=org,
        labels=labels,
        documents=queries.documents(org.id),
        history=queries.history(org.id),
    )
    return page, 422 if form.errors else 200


def _scan(stream: BinaryIO, name: str) -> files.Accepted:
    """The upload, if it is what an administrator can look at: a PDF or a picture."""
    try:
        accepted = files.accept(stream, name)
    except UploadRefused as refused:
        raise UploadRefused("upload_no_scan") if refused.code == "upload_type_not_accepted" else refused from refused
    if accepted.media_type not in _SCANS:
        raise UploadRefused("upload_no_scan")
    return accepted


@bp.get("/organisations/documents/<int:document_id>")
@access(policy.can_read_document, load=queries.document, as_name="document")
def document(document: OrganisationDocument) -> Response:
    """The document itself, as an attachment: it never renders inside this site."""
    response = send_file(
        files.path_of(current_app.config["FILES"], document.file.sha256),
        mimetype=document.file.media_type,
        as_attachment=True,
        download_name=document.name,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@bp.get("/admin/organisations")
@access(policy.can_administer)
def verification_queue() -> str:
    """Organisations that wait for a look, the longest waiting first; and all others by state."""
    now = clock.now()
    calendar = taxonomy.work_calendar()
    waiting = [(item, max(0, -calendar.days_left(now, item.since))) for item in queries.verification_queue()]
    return render_template(
        "accounts/verification_queue.html",
        waiting=waiting,
        counts=queries.count_by_state(),
        unproven=queries.organisations_in(OrgState.FORMAT_OK),
        verified=queries.organisations_in(OrgState.VERIFIED),
        labels=labels,
        current=taxonomy.current(),
    )


@bp.get("/admin/organisations/<int:org_id>")
@access(policy.can_check_organisation, load=queries.organisation, as_name="org")
def check_organisation(org: Organisation) -> str:
    """The entry beside its documents, and what may be decided."""
    return _check_page(org, ReasonForm())


def _check_page(org: Organisation, form: ReasonForm) -> str:
    place = uscc.city(org.uscc)
    current = taxonomy.current()
    history = queries.history(org.id)
    return render_template(
        "accounts/check_organisation.html",
        form=form,
        org=org,
        labels=labels,
        documents=queries.documents(org.id),
        history=history,
        people=queries.people_by_id(row.actor_id for row in history if row.actor_id),
        members=queries.members(org.id),
        city=current.city_name(org.city),
        code_city=current.city_name(place) if current.city_code(place) in current.cities else None,
        code_fits=current.city_code(place) == org.city,
        steps=policy.steps_open_to(actor(), org),
        is_own=org.id in actor().org_ids,
    )


@bp.post("/admin/organisations/<int:org_id>/verify")
@access(policy.can_decide_on_organisation, load=queries.organisation, as_name="org")
def verify_organisation(org: Organisation) -> ResponseReturnValue:
    """Trust it."""
    with transaction():
        services.verify(org.id, actor=actor(), now=clock.now())
    flash(_("The organisation is verified."), "success")
    return redirect(url_for("accounts.verification_queue"))


@bp.post("/admin/organisations/<int:org_id>/send-back")
@access(policy.can_decide_on_organisation, load=queries.organisation, as_name="org")
def send_back_organisation(org: Organisation) -> ResponseReturnValue:
    """The document does not prove the entry: back to the owner, with the reason."""
    return _decide(org, services.send_back)


@bp.post("/admin/organisations/<int:org_id>/suspend")
@access(policy.can_decide_on_organisation, load=queries.organisation, as_name="org")
def suspend_organisation(org: Organisation) -> ResponseReturnValue:
    """Take trust back, with the reason."""
    return _decide(org, services.suspend)


def _decide(org: Organisation, step: Callable[..., Organisation]) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _check_page(org, form), 422
    with transaction():
        step(org.id, note=str(form.note.data), actor=actor(), now=clock.now())
    flash(_("The organisation is told why."), "success")
    return redirect(url_for("accounts.verification_queue"))
