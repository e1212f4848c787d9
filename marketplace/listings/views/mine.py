"""One's own side: the list of listings, what waits for review or confirmation, and a listing's own record."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from marketplace.core import clock
from marketplace.core.db import transaction
from marketplace.core.errors import MarketError
from marketplace.core.web import access, actor, member_only
from marketplace.listings import forms, labels, policy, queries, services
from marketplace.listings.models import Listing
from marketplace.listings.states import LISTING, ListingKind, ListingState
from marketplace.listings.views.blueprint import bp
from marketplace.listings.views.opened import listing_of, meter, open_draft, possible, tasks
from marketplace.taxonomy import queries as taxonomy


@bp.get("/listings")
@member_only
def mine() -> ResponseReturnValue:
    """My organisations' listings, by state, with what waits."""
    who, now = actor(), clock.now()
    state = next((word for word in ListingState if word == request.args.get("state")), None)
    kind = next((word for word in ListingKind if word == request.args.get("kind")), None)
    found = queries.my_listings(who, state=state, kind=kind, page=request.args.get("page", 1, type=int))
    return render_template(
        "listings/mine.html",
        found=found,
        state=state,
        kind=kind,
        counts=queries.my_counts(who),
        waiting=queries.waiting_for(who, now),
        tab_items=_tabs(queries.my_counts(who), state),
        changed=queries.changed_ids([row.id for row in found.items]),
        page_url=lambda number: url_for("listings.mine", state=state, kind=kind, page=number),
        labels=labels,
        can_start=bool(policy.can_start(who)),
        writable=policy.orgs_to_write_for(who),
        today=clock.local_day(now),
    )


def _tabs(counts: dict[ListingState, int], chosen: ListingState | None) -> list[dict[str, Any]]:
    return [
        {
            "label": labels.STATES[state],
            "url": url_for("listings.mine", state=str(state)),
            "current": state == chosen,
            "count": counts[state],
        }
        for state in ListingState
        if counts.get(state)
    ]


@bp.get("/listings/review")
@member_only
def review() -> ResponseReturnValue:
    """Drafts and changes that wait for an owner."""
    return render_template("listings/review.html", listings=queries.to_review(actor()), labels=labels)


@bp.route("/listings/confirm", methods=["GET", "POST"])
@member_only
def confirmations() -> ResponseReturnValue:
    """Confirm several listings at once."""
    who, now = actor(), clock.now()
    waiting = queries.to_confirm(who, now)
    form = forms.ConfirmManyForm()
    form.listing.choices = [SelectChoice(row.id, row.title.pick("zh")) for row in waiting]
    if form.validate_on_submit():
        confirmed = _confirm(form.listing.data or [])
        flash(ngettext("%(num)s listing is confirmed.", "%(num)s listings are confirmed.", confirmed), "success")
        return redirect(url_for("listings.confirmations"))
    terms = queries.terms()
    due = {row.id: terms.confirm_by(row.confirmed_at) for row in waiting if row.confirmed_at}
    page = render_template(
        "listings/confirmations.html", form=form, waiting=waiting, due=due, now=now, terms=terms, labels=labels
    )
    return page, 422 if form.is_submitted() else 200


def _confirm(ids: list[int]) -> int:
    """Confirm one by one: what has changed meanwhile does not keep the others from it."""
    confirmed = 0
    for listing_id in ids:
        try:
            with transaction():
                services.confirm(listing_id, actor=actor(), now=clock.now())
            confirmed += 1
        except MarketError:
            continue
    return confirmed


@bp.get("/listings/<int:id>")
@access(policy.can_open, load=listing_of, as_name="listing")
def own_record(listing: Listing) -> ResponseReturnValue:
    """A listing as its own people see it: state, next step, quality, history, versions."""
    opened = open_draft(listing)
    history = LISTING.history(listing.id)
    names = queries.person_names([step.actor_id for step in history] + [opened.draft.saved_by, opened.draft.offered_by])
    differences = labels.changes(listing.kind, queries.applied_content(listing), opened.reading.content, taxonomy.current())
    return render_template(
        "listings/own_record.html",
        listing=listing,
        draft=opened.draft,
        tasks=tasks(opened),
        meter=meter(listing.id, listing.kind, opened.reading),
        is_on_show=opened.is_on_show,
        differences=differences if opened.is_on_show and opened.draft.has_changes else [],
        possible=possible(opened),
        history=list(reversed(history)),
        names=names,
        revisions=queries.revisions(listing.id),
        sent_back=next((s for s in reversed(history[-1:]) if s.step == "send_back"), None),
        terms=queries.terms(),
        labels=labels,
    )
