"""The steps as buttons: each asks the service, says what happened, and leads to the page where things go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import RuleError
from marketplace.core.labels import error_text
from marketplace.core.web import access, actor
from marketplace.listings import labels, policy, queries, services
from marketplace.listings.models import Listing
from marketplace.listings.states import ON_SHOW
from marketplace.listings.views.blueprint import bp
from marketplace.listings.views.opened import listing_of, open_draft
from marketplace.matching import queries as matching

ContentStep = Callable[..., Listing]


def _take(listing: Listing, service: ContentStep) -> ResponseReturnValue | None:
    """Take a step that needs the draft's content; what is missing leads to the check page."""
    listing_id = listing.id
    opened = open_draft(listing)
    content, version = opened.reading.content, opened.draft.version
    if not opened.reading.is_complete:
        flash(error_text("listing_incomplete", count=len(opened.reading.wrong_sections)), "error")
        return redirect(url_for("listings.check", id=listing_id))
    with transaction():
        service(listing_id, content, version=version, actor=actor(), now=clock.now())
    return None


def _done(listing_id: int) -> ResponseReturnValue:
    return redirect(url_for("listings.done", id=listing_id))


def _record(listing_id: int) -> ResponseReturnValue:
    return redirect(url_for("listings.own_record", id=listing_id))


@bp.post("/listings/<int:id>/submit")
@access(policy.can_submit, load=listing_of, as_name="listing")
def submit(listing: Listing) -> ResponseReturnValue:
    """Hand in for review."""
    listing_id = listing.id
    return _take(listing, services.submit) or _done(listing_id)


@bp.post("/listings/<int:id>/publish")
@access(policy.can_publish, load=listing_of, as_name="listing")
def publish(listing: Listing) -> ResponseReturnValue:
    """Show it to its audience."""
    listing_id = listing.id
    return _take(listing, services.publish) or _done(listing_id)


@bp.post("/listings/<int:id>/offer")
@access(policy.can_submit, load=listing_of, as_name="listing")
def offer(listing: Listing) -> ResponseReturnValue:
    """Ask the owners to publish the changes."""
    listing_id = listing.id
    answer = _take(listing, services.offer_changes)
    if answer is None:
        flash(_("The owners of your organisation have been asked to publish the changes."), "success")
    return answer or _record(listing_id)


@bp.post("/listings/<int:id>/publish-changes")
@access(policy.can_publish, load=listing_of, as_name="listing")
def publish_changes(listing: Listing) -> ResponseReturnValue:
    """Show the changes."""
    listing_id = listing.id
    answer = _take(listing, services.publish_changes)
    if answer is None:
        flash(_("The changes are published."), "success")
    return answer or _record(listing_id)


@bp.get("/listings/<int:id>/done")
@access(policy.can_open, load=listing_of, as_name="listing")
def done(listing: Listing) -> ResponseReturnValue:
    """What was done, and what happens next."""
    is_on_show = listing.state in ON_SHOW
    return render_template(
        "listings/done.html",
        listing=listing,
        is_on_show=is_on_show,
        matches=matching.matches_of(listing, actor(), clock.now(), limit=5) if is_on_show else None,
        terms=queries.terms(),
        labels=labels,
    )


def _plain(listing: Listing, service: Callable[..., Any], said: str, **more: Any) -> ResponseReturnValue:
    """Take a step that needs no content, say so, and go to the own record."""
    listing_id = listing.id
    try:
        with transaction():
            service(listing_id, actor=actor(), now=clock.now(), **more)
    except RuleError as error:
        flash(error_text(error.code, **error.params), "error")
    else:
        flash(said, "success")
    return _record(listing_id)


@bp.post("/listings/<int:id>/take-back")
@access(policy.can_submit, load=listing_of, as_name="listing")
def take_back(listing: Listing) -> ResponseReturnValue:
    """Write on."""
    return _plain(listing, services.take_back, _("It is a draft again."))


@bp.post("/listings/<int:id>/send-back")
@access(policy.can_send_back, load=listing_of, as_name="listing")
def send_back(listing: Listing) -> ResponseReturnValue:
    """Give it back to the writers with a reason."""
    said = _("It is back with its writers, with your reason.")
    return _plain(listing, services.send_back, said, note=request.form.get("note", ""))


@bp.post("/listings/<int:id>/withdraw")
@access(policy.can_withdraw, load=listing_of, as_name="listing")
def withdraw(listing: Listing) -> ResponseReturnValue:
    """Take it off. It can be opened again at any time, so nobody is asked whether they are sure."""
    is_member = actor().membership(listing.org_id) is not None
    said = _("It is withdrawn and can be opened again at any time.")
    page = url_for("listings.show", listing_id=listing.id)
    answer = _plain(listing, services.withdraw, said, note=request.form.get("note", ""))
    return answer if is_member else redirect(page)


@bp.post("/listings/<int:id>/reopen")
@access(policy.can_submit, load=listing_of, as_name="listing")
def reopen(listing: Listing) -> ResponseReturnValue:
    """Make it a draft again."""
    return _plain(listing, services.reopen, _("It is a draft again. Look through it, then publish it anew."))


@bp.post("/listings/<int:id>/confirm")
@access(policy.can_confirm, load=listing_of, as_name="listing")
def confirm(listing: Listing) -> ResponseReturnValue:
    """Say that it still holds."""
    return _plain(listing, services.confirm, _("Thank you. It is confirmed and stays in the search."))


@bp.post("/listings/<int:id>/discard")
@access(policy.can_edit, load=listing_of, as_name="listing")
def discard(listing: Listing) -> ResponseReturnValue:
    """Throw the unpublished changes away."""
    return _plain(listing, services.discard_changes, _("The changes are thrown away; the draft says again what readers see."))


@bp.post("/listings/<int:id>/copy")
@access(policy.can_open, load=listing_of, as_name="listing")
def copy(listing: Listing) -> ResponseReturnValue:
    """Begin a new listing with the words of this one."""
    listing_id = listing.id
    with transaction():
        fresh = services.copy(listing_id, actor=actor(), now=clock.now())
    flash(_("This is a copy. Change what differs; files were not copied."), "success")
    return redirect(url_for("listings.edit", id=fresh.id))
