"""Attached files: added to a draft, and served as downloads that can never run in the site's own origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import Response, current_app, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.files import Accepted, accept, path_of
from marketplace.core.labels import error_text
from marketplace.core.policy import Actor, Decision
from marketplace.core.web import access, actor
from marketplace.listings import forms, policy, queries, services
from marketplace.listings.models import Attachment, Listing
from marketplace.listings.states import Audience
from marketplace.listings.views.blueprint import bp
from marketplace.listings.views.editor import section_page_with_upload
from marketplace.listings.views.opened import listing_of


@bp.post("/listings/<int:id>/files")
@access(policy.can_edit, load=listing_of, as_name="listing")
def upload(listing: Listing) -> ResponseReturnValue:
    """Add one file to the draft; what is not accepted is told in words beside the field."""
    form, listing_id = forms.UploadForm(), listing.id
    try:
        _attach(listing_id, form)
    except RuleError as error:
        form.file.errors = [error_text(error.code, **error.params)]
        return section_page_with_upload(listing_id, form), 422
    flash(_("The file is added to the draft."), "success")
    return redirect(url_for("listings.section", id=listing_id, section="files"))


def _attach(listing_id: int, form: Any) -> None:
    if not form.validate_on_submit():
        raise RuleError("choice_unknown")
    accepted = _accept(form.file.data)
    tier, note = Audience(form.tier.data or "verified"), form.note.data or ""
    root = Path(current_app.config["FILES"])
    with transaction():
        services.attach(listing_id, accepted, tier=tier, note=note, root=root, actor=actor(), now=clock.now())


def _accept(sent: Any) -> Accepted:
    if not isinstance(sent, FileStorage) or not sent.filename:
        raise RuleError("file_missing")
    return accept(cast("BinaryIO", sent.stream), sent.filename)


def _attachment(**address: Any) -> tuple[Attachment, Listing] | None:
    listing = queries.listing(address["id"])
    attachment = queries.attachment_of(address["id"], address["attachment_id"])
    return (attachment, listing) if listing is not None and attachment is not None else None


def _may_download(who: Actor, found: tuple[Attachment, Listing]) -> Decision:
    return policy.can_download(who, *found)


@bp.get("/listings/<int:id>/files/<int:attachment_id>")
@access(_may_download, load=_attachment, as_name="found")
def file(found: tuple[Attachment, Listing]) -> ResponseReturnValue:
    """Send a file as a download: RFC 6266 name, no sniffing, and a sandbox should a browser show it after all."""
    attachment, _listing = found
    path = path_of(Path(current_app.config["FILES"]), attachment.file.sha256)
    if not path.exists():
        raise NotFound("file")
    response: Response = send_file(
        path, mimetype=attachment.file.media_type, as_attachment=True, download_name=attachment.name, conditional=True, max_age=0
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    if attachment.tier == Audience.VERIFIED:
        response.headers["Cache-Control"] = "private, no-store"
    return response
