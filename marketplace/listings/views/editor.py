"""The editor: begin, task list, one section a page, autosave, check answers, preview by audience.

Every save keeps what was typed, right or wrong; errors are told and nothing is lost. Rows are added and removed by plain
submits, which the browser's script does in place.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from marketplace.core import clock
from marketplace.core.clock import SHANGHAI
from marketplace.core.db import transaction
from marketplace.core.errors import EditConflict, NotFound
from marketplace.core.i18n import language, pick
from marketplace.core.policy import ANONYMOUS, Actor, Membership
from marketplace.core.web import access, actor
from marketplace.listings import forms, labels, policy, queries, services
from marketplace.listings.models import Listing
from marketplace.listings.rules.content import MOST_ROWS, SECTIONS
from marketplace.listings.rules.raw import Values
from marketplace.listings.rules.texts import masked_name
from marketplace.listings.states import ListingKind
from marketplace.listings.views.blueprint import bp
from marketplace.listings.views.opened import (
    Opened,
    doubles_of,
    listing_of,
    meter,
    open_draft,
    possible,
    section_of_address,
    tasks,
)
from marketplace.listings.views.record_page import record_page
from marketplace.taxonomy import queries as taxonomy

_FIRST = {ListingKind.ACHIEVEMENT: "identity", ListingKind.NEED: "problem"}
# Two people who may look at a draft as others would: everybody, and somebody of a verified enterprise.
_VIEWERS = {
    "public": ANONYMOUS,
    "verified": Actor(user_id=0, memberships=(Membership(0, "enterprise", "viewer", is_verified=True),)),
}


@bp.get("/listings/new")
@access(policy.can_start)
def choose() -> ResponseReturnValue:
    """Choose what to begin."""
    return render_template("listings/choose.html")


@bp.route("/listings/new/<any(achievement,need):kind>", methods=["GET", "POST"])
@access(policy.can_start)
def new(kind: str) -> ResponseReturnValue:
    """Begin a listing: explain what is asked, choose the organisation, make the empty draft."""
    form = forms.StartForm()
    offered = policy.orgs_to_write_for(actor())
    form.org_id.choices = [SelectChoice(m.org_id, _name(m)) for m in actor().memberships if m.org_id in offered]
    if form.validate_on_submit():
        title = (request.form.get("title") or "").strip()
        listing_kind = ListingKind(kind)
        with transaction():
            listing = services.start(listing_kind, form.org_id.data, actor=actor(), now=clock.now())
            if title:
                typed = {f"title_{language()}": [title[:120]]}
                services.save_section(listing.id, _FIRST[listing_kind], typed, version=1, actor=actor(), now=clock.now())
        return redirect(url_for("listings.section", id=listing.id, section=_FIRST[listing_kind]))
    sections = [labels.SECTIONS[section] for section in SECTIONS[ListingKind(kind)]]
    page = render_template("listings/new.html", form=form, kind=kind, sections=sections, title=request.args.get("title", ""))
    return page, 422 if form.is_submitted() else 200


def _name(member: Membership) -> str:
    first, second = member.org_name_zh, member.org_name_en
    return (second or first) if language() == "en" else (first or second)


@bp.get("/listings/<int:id>/edit")
@access(policy.can_edit, load=listing_of, as_name="listing")
def edit(listing: Listing) -> ResponseReturnValue:
    """The task list."""
    opened = open_draft(listing)
    return render_template("listings/edit.html", **_page(opened))


def _page(opened: Opened, **more: Any) -> dict[str, Any]:
    """What every page of the editor shows."""
    listing = opened.listing
    return {
        "listing": listing,
        "draft": opened.draft,
        "content": opened.reading.content,
        "tasks": tasks(opened),
        "meter": meter(listing.id, listing.kind, opened.reading),
        "labels": labels,
        "possible": possible(opened),
        **more,
    }


@bp.get("/listings/<int:id>/edit/<section>")
@access(policy.can_edit, load=listing_of, as_name="listing")
def section(listing: Listing) -> ResponseReturnValue:
    """One section as it stands; with ?errors=1 with everything that is wrong with it."""
    name = section_of_address(listing)
    opened = open_draft(listing)
    form = (
        opened.reading.forms[name] if request.args.get("errors") else _plain_form(listing, name, opened.draft.data.get(name, {}))
    )
    return _section_page(opened, name, form)


def _plain_form(listing: Listing, name: str, values: Values) -> Any:
    """The section's form with values as typed and nothing judged."""
    form_class = forms.form_class(listing.kind, name)
    if form_class is None:
        raise NotFound(name)
    return form_class(MultiDict([(key, text) for key, texts in values.items() for text in texts]))


def _section_page(opened: Opened, name: str, form: Any, **more: Any) -> str:
    sections = list(SECTIONS[opened.listing.kind])
    number = sections.index(name) + 1
    if name == "files":
        more.setdefault("upload", forms.UploadForm(formdata=None))
        more["files"] = {attachment.id: attachment for attachment in opened.listing.attachments}
    if name == "maturity":
        more["level_hints"] = {str(item.level): pick(item.evidence) for item in taxonomy.current().levels.values()}
    if name == "audience" and opened.listing.kind == ListingKind.NEED:
        org = opened.listing.organisation
        more["masked"] = masked_name(org.trade, taxonomy.current().city_name(org.city))
    more["tier"] = labels.AUDIENCES[opened.reading.content["audience"]]
    more["version"], more["tab"] = opened.draft.version, secrets.token_hex(8)
    context = _page(opened, section=name, form=form, number=number, count=len(sections), most_rows=MOST_ROWS, **more)
    return render_template(f"listings/sections/{_template(opened.listing.kind, name)}.html", **context)


def section_page_with_upload(listing_id: int, upload: Any) -> str:
    """The files section again, with an upload that was not accepted."""
    listing = listing_of(id=listing_id)
    if listing is None:
        raise NotFound("listing")
    opened = open_draft(listing)
    return _section_page(opened, "files", _plain_form(listing, "files", opened.draft.data.get("files", {})), upload=upload)


def _template(kind: ListingKind, name: str) -> str:
    return f"need_{name}" if kind is ListingKind.NEED and name in ("place", "audience") else name


@bp.post("/listings/<int:id>/edit/<section>")
@access(policy.can_edit, load=listing_of, as_name="listing")
def save(listing: Listing) -> ResponseReturnValue:
    """Keep the section as typed, then go where the button says."""
    name, listing_id = section_of_address(listing), listing.id
    try:
        _keep(listing, name, request.form)
    except EditConflict:
        return _conflict(listing_id, name)
    if request.form.get("add"):
        return redirect(url_for("listings.section", id=listing_id, section=name, _anchor=_new_row(listing_id, name)))
    if request.form.get("remove"):
        group = request.form["remove"].split("-")[0]
        return redirect(url_for("listings.section", id=listing_id, section=name, _anchor=group))
    if request.form.get("later"):
        flash(_("Saved. You can go on at any time."), "success")
        return redirect(url_for("listings.edit", id=listing_id))
    return _after_save(listing_id, name)


def _after_save(listing_id: int, name: str) -> ResponseReturnValue:
    """Back to the section while something is wrong with it, else on to the next one (or to the check page)."""
    listing = listing_of(id=listing_id)
    if listing is None:
        raise NotFound("listing")
    opened = open_draft(listing)
    if opened.reading.has_errors(name):
        return _section_page(opened, name, opened.reading.forms[name], is_saved=True), 422
    sections = list(SECTIONS[listing.kind])
    following = sections[sections.index(name) + 1 :]
    if request.args.get("from") == "check" or not following:
        return redirect(url_for("listings.check", id=listing_id))
    return redirect(url_for("listings.section", id=listing_id, section=following[0]))


def _keep(listing: Listing, name: str, typed: MultiDict[str, str], *, keeps_tab: bool = False) -> Any:
    """Save the typed values of one section. Raises EditConflict."""
    form_class = forms.form_class(listing.kind, name)
    if form_class is None:
        raise NotFound(name)
    removed, added = typed.get("remove", ""), typed.get("add", "")
    if removed:
        typed = MultiDict([(key, text) for key, text in typed.items(multi=True) if not key.startswith(f"{removed}-")])
    values = forms.values_of(form_class, typed, keep_blank_rows=bool(added or removed))
    if added in form_class(MultiDict()) and added in MOST_ROWS:
        values |= _blank_row(form_class, added, values)
    version = typed.get("version", 0, type=int)
    listing_id = listing.id
    with transaction():
        return services.save_section(
            listing_id,
            name,
            values,
            version=version,
            actor=actor(),
            now=clock.now(),
            tab=typed.get("tab", "")[:32],
            keeps_tab=keeps_tab,
        )


def _blank_row(form_class: Any, group: str, values: Values) -> Values:
    """One more empty row of a group, if there is room; at first there is one on the page that holds nothing yet."""
    taken = {int(key.split("-")[1]) for key in values if key.startswith(f"{group}-")}
    part = next(iter(form_class(MultiDict())[group].entries[0].form._fields))
    first = [] if taken else [0]
    positions = [*first, max(taken, default=0) + 1]
    return {f"{group}-{position}-{part}": [""] for position in positions if position < MOST_ROWS[group]}


def _new_row(listing_id: int, name: str) -> str:
    """Where the row that was just added stands on the page."""
    draft = queries.draft(listing_id)
    group = request.form["add"]
    taken = [int(key.split("-")[1]) for key in (draft.data.get(name, {}) if draft else {}) if key.startswith(f"{group}-")]
    return f"{group}-{max(taken, default=0)}"


def _conflict(listing_id: int, name: str) -> ResponseReturnValue:
    """Somebody saved this section in between: show what was typed here beside the way to theirs."""
    listing = listing_of(id=listing_id)
    form_class = forms.form_class(listing.kind, name) if listing else None
    if listing is None or form_class is None:
        raise NotFound("listing")
    opened = open_draft(listing)
    mine = _plain_form(listing, name, forms.values_of(form_class, request.form))
    return _section_page(opened, name, mine, has_conflict=True, saved_by=queries.person_name(opened.draft.saved_by)), 409


@bp.post("/listings/<int:id>/edit/<section>/autosave")
@access(policy.can_edit, load=listing_of, as_name="listing")
def autosave(listing: Listing) -> ResponseReturnValue:
    """What the script sends while somebody writes (form or JSON); answers with the new version, the time, the meter."""
    name, listing_id = section_of_address(listing), listing.id
    typed = _typed_json() if request.is_json else request.form
    try:
        draft = _keep(listing, name, typed, keeps_tab=True)
        version, saved_at = draft.version, draft.saved_at
    except EditConflict as conflict:
        theirs = url_for("listings.section", id=listing_id, section=name)
        return jsonify(version=conflict.params["theirs"], theirs_url=theirs), 409
    fresh = listing_of(id=listing_id)
    if fresh is None:
        raise NotFound("listing")
    found = meter(listing_id, fresh.kind, open_draft(fresh).reading)
    html = render_template("listings/_partials/meter.html", meter=found)
    return jsonify(version=version, saved_at=f"{saved_at.astimezone(SHANGHAI):%H:%M}", quality=html)


def _typed_json() -> MultiDict[str, str]:
    """{"version": 3, "values": {"title_zh": "…" or ["…"]}} as a browser's form would send it."""
    body = request.get_json(silent=True)
    values = body.get("values") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(values, dict):
        return MultiDict()
    pairs = [(str(k), str(v)) for k, vs in values.items() for v in (vs if isinstance(vs, list) else [vs])]
    return MultiDict([*pairs, ("version", str(body.get("version", 0)))])


@bp.get("/listings/<int:id>/check")
@access(policy.can_edit, load=listing_of, as_name="listing")
def check(listing: Listing) -> ResponseReturnValue:
    """Check answers: everything in words, what is wrong, what may be a double, and the step that comes next."""
    opened = open_draft(listing)
    told = labels.facts(listing.kind, opened.reading.content, taxonomy.current())
    differences = labels.changes(listing.kind, queries.applied_content(listing), opened.reading.content, taxonomy.current())
    page = _page(
        opened,
        reading=opened.reading,
        facts=told,
        sections=SECTIONS[listing.kind],
        doubles=doubles_of(opened),
        differences=differences if opened.is_on_show else [],
        terms=queries.terms(),
        first_errors=first_errors,
    )
    return render_template("listings/check.html", **page)


def first_errors(form: Any) -> list[str]:
    """The sentences about a section for the check page, at most three."""
    found: list[str] = []
    for field in form:
        rows = [part for entry in getattr(field, "entries", ()) for part in entry.form]
        found.extend(str(text) for part in (rows or [field]) for text in part.errors if isinstance(text, str))
    return found[:3]


@bp.get("/listings/<int:id>/preview/<any(public,verified,owner):viewer>")
@access(policy.can_open, load=listing_of, as_name="listing")
def preview(listing: Listing) -> ResponseReturnValue:
    """The record as it would be read, from the draft's content, by one of three audiences."""
    viewer = str((request.view_args or {}).get("viewer"))
    opened = open_draft(listing)
    reader = _VIEWERS.get(viewer, actor())
    record = record_page(listing, opened.reading.content, reader=reader, now=clock.now(), is_preview=True)
    is_hidden = viewer == "public" and opened.reading.content["audience"] == "verified"
    page = "need" if record.is_need else "achievement"
    return render_template(
        f"listings/{page}.html",
        r=record,
        viewer=viewer,
        is_hidden=is_hidden,
        labels=labels,
        can_edit=bool(policy.can_edit(actor(), listing)),
    )
