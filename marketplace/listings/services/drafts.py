"""Writing: a draft is begun, saved section by section as typed, given files, filled from a revision or a copy.

What is typed is never judged here; the steps refuse what must not be shown.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.errors import EditConflict, NotFound, RuleError
from marketplace.core.files import Accepted, store
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.listings import policy, queries
from marketplace.listings.models import Achievement, Attachment, Listing, ListingDraft, Need
from marketplace.listings.rules import raw
from marketplace.listings.rules.content import MOST_CHARACTERS, MOST_ROWS, SECTIONS, Content
from marketplace.listings.rules.raw import Draft, Values
from marketplace.listings.services import applying
from marketplace.listings.states import Audience, ListingKind, ListingState

# What one section may weigh as typed; the form's own limits are far below.
MOST_VALUES = 400
MOST_LETTERS = 60_000
# Files that drafts or old revisions still name are kept; this bounds them.
MOST_KEPT_FILES = 60


def start(kind: ListingKind, org_id: int, *, actor: Actor, now: dt.datetime) -> Listing:
    """Begin an empty listing of an organisation the actor writes for."""
    policy.can_start_for(actor, org_id).or_raise()
    model = Achievement if kind is ListingKind.ACHIEVEMENT else Need
    listing = model(org_id=org_id, created_by=actor.user_id, created_at=now, changed_at=now, state=ListingState.DRAFT)
    session = current_session()
    session.add(listing)
    session.flush()  # the draft needs the id
    session.add(ListingDraft(listing_id=listing.id, data={}, section_versions={}, saved_at=now, saved_by=actor.user_id))
    audit.record("listings.start", listing, actor=actor, at=now, kind=str(kind), org_id=org_id)
    return listing


def save_section(
    listing_id: int,
    section: str,
    values: Values,
    *,
    version: int,
    actor: Actor,
    now: dt.datetime,
    tab: str = "",
    keeps_tab: bool = False,
) -> ListingDraft:
    """Keep one section as typed. `version` is the draft's version the writer saw; another save of the same section
    since then raises EditConflict with `theirs`, while different sections may be written side by side. `tab` names the
    writer's open page, whose own earlier saves are no conflict; `keeps_tab` is true while that page stays open (autosave):
    after a full save a late autosave of the page that was left must not win."""
    listing, draft = applying.load(listing_id)
    policy.can_edit(actor, listing).or_raise()
    if section not in SECTIONS[listing.kind]:
        raise NotFound(section)
    if len(values) > MOST_VALUES or sum(len(v) for texts in values.values() for v in texts) > MOST_LETTERS:
        raise RuleError("section_too_large")
    if draft.is_newer(section, version, tab) and draft.data.get(section) != values:
        raise EditConflict(theirs=draft.version)
    if draft.data.get(section, {}) != values:
        _put(draft, {**draft.data, section: values}, {section}, actor=actor, now=now)
        _show_title(listing, draft)
    last = {**draft.section_versions.get(section, {}), "tab": tab if keeps_tab else ""}
    if draft.section_versions.get(section) not in (None, last):
        draft.section_versions = {**draft.section_versions, section: last}
    return draft


def write(listing_id: int, content: Content, *, actor: Actor, now: dt.datetime) -> ListingDraft:
    """Fill the whole draft from content (imports, demonstration data)."""
    listing, draft = applying.load(listing_id)
    policy.can_edit(actor, listing).or_raise()
    _fill(listing, draft, content, actor=actor, now=now)
    return draft


def _fill(listing: Listing, draft: ListingDraft, content: Content, *, actor: Actor, now: dt.datetime) -> None:
    data = raw.draft_of(listing.kind, content)
    _put(draft, data, set(data), actor=actor, now=now)
    _show_title(listing, draft)


def _put(draft: ListingDraft, data: Draft, sections: set[str], *, actor: Actor, now: dt.datetime) -> None:
    draft.version += 1
    draft.data = data
    draft.section_versions = {**draft.section_versions, **{name: {"version": draft.version} for name in sections}}
    draft.saved_at, draft.saved_by = now, actor.user_id


def _show_title(listing: Listing, draft: ListingDraft) -> None:
    """Let lists call a draft by the title that is being written; a listing on show keeps what readers see."""
    if listing.state != ListingState.DRAFT:
        return
    typed = draft.data.get("identity" if listing.kind == ListingKind.ACHIEVEMENT else "problem", {})
    zh, en = ((typed.get(f"title_{lang}") or [""])[0].strip()[: MOST_CHARACTERS["title"]] for lang in ("zh", "en"))
    if listing.title != Bilingual(zh, en):
        listing.title = Bilingual(zh, en)
        applying.write_title_keys(listing)


def attach(
    listing_id: int, accepted: Accepted, *, tier: Audience, note: str, root: Path, actor: Actor, now: dt.datetime
) -> Attachment:
    """Keep an accepted upload and name it in the draft. Raises RuleError files_many."""
    listing, draft = applying.load(listing_id)
    policy.can_edit(actor, listing).or_raise()
    rows = _file_rows(draft)
    if len(rows) >= MOST_ROWS["attachments"] or len(listing.attachments) >= MOST_KEPT_FILES or actor.user_id is None:
        raise RuleError("files_many", most=MOST_ROWS["attachments"])
    stored = store(root, accepted, now=now)
    attachment = Attachment(
        listing_id=listing.id,
        file_id=stored.id,
        name=accepted.name,
        note=note[: MOST_CHARACTERS["note"]],
        tier=tier,
        uploaded_by=actor.user_id,
        uploaded_at=now,
    )
    current_session().add(attachment)
    current_session().flush()  # the draft names it by id
    row = {"id": [str(attachment.id)], "tier": [str(tier)], "note": [attachment.note]}
    _put_files(draft, [*rows, row], actor=actor, now=now)
    audit.record("listings.attach", listing, actor=actor, at=now, attachment_id=attachment.id, sha256=stored.sha256)
    return attachment


def _file_rows(draft: ListingDraft) -> list[Values]:
    """The rows of the files section, in order."""
    rows: dict[int, Values] = {}
    for name, values in draft.data.get("files", {}).items():
        _, position, part = name.split("-", 2)
        rows.setdefault(int(position), {})[part] = values
    return [rows[position] for position in sorted(rows)]


def _put_files(draft: ListingDraft, rows: list[Values], *, actor: Actor, now: dt.datetime) -> None:
    values = {f"attachments-{i}-{part}": texts for i, row in enumerate(rows) for part, texts in row.items()}
    _put(draft, {**draft.data, "files": values}, {"files"}, actor=actor, now=now)


def restore(listing_id: int, number: int, *, actor: Actor, now: dt.datetime) -> ListingDraft:
    """Bring an older revision into the draft; readers see it only when it is published."""
    listing, draft = applying.load(listing_id)
    policy.can_edit(actor, listing).or_raise()
    revision = queries.revision(listing_id, number)
    if revision is None:
        raise NotFound("revision")
    _fill(listing, draft, revision.content, actor=actor, now=now)
    audit.record("listings.restore", listing, actor=actor, at=now, number=number)
    return draft


def discard_changes(listing_id: int, *, actor: Actor, now: dt.datetime) -> ListingDraft:
    """Throw away what readers do not see yet: the draft becomes the last revision again. Raises RuleError no_revision."""
    listing, draft = applying.load(listing_id)
    policy.can_edit(actor, listing).or_raise()
    latest = next(iter(queries.revisions(listing_id)), None)
    if latest is None:
        raise RuleError("no_revision")
    _fill(listing, draft, latest.content, actor=actor, now=now)
    draft.applied_version, draft.offered_at, draft.offered_by = draft.version, None, None
    audit.record("listings.discard_changes", listing, actor=actor, at=now)
    return draft


def copy(listing_id: int, *, actor: Actor, now: dt.datetime) -> Listing:
    """Begin a new listing of the same organisation with the words of this one; files are not copied."""
    listing, draft = applying.load(listing_id)
    policy.can_open(actor, listing).or_raise()
    fresh = start(listing.kind, listing.org_id, actor=actor, now=now)
    fresh_draft = queries.draft_for_update(fresh.id)
    if fresh_draft is None:
        raise NotFound("draft")
    data = {section: values for section, values in draft.data.items() if section != "files"}
    _put(fresh_draft, data, set(data), actor=actor, now=now)
    _show_title(fresh, fresh_draft)
    audit.record("listings.copy", fresh, actor=actor, at=now, copied_from=listing_id)
    return fresh
