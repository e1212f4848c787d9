"""From checked content to the columns readers see, with the revision that keeps it; shared by the steps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, func, select

from marketplace.core import clock, outbox
from marketplace.core.db import current_session
from marketplace.core.errors import EditConflict, NotFound, RuleError
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.listings import queries
from marketplace.listings.models import (
    Achievement,
    IpRight,
    Listing,
    ListingDraft,
    ListingField,
    ListingRevision,
    ListingTitleKey,
    Need,
)
from marketplace.listings.rules import content as contents
from marketplace.listings.rules import quality
from marketplace.listings.rules.content import Content
from marketplace.listings.rules.numbers import ip_number
from marketplace.listings.rules.texts import title_keys
from marketplace.listings.states import (
    AchievementClass,
    Audience,
    ConfirmedBy,
    FirstKind,
    Form,
    IpKind,
    IpStatus,
    Level,
    ListingKind,
    Nature,
    Stage,
)
from marketplace.taxonomy import queries as taxonomy

_TEXTS = ("title", "summary", "description", "verified_detail")


def load(listing_id: int) -> tuple[Listing, ListingDraft]:
    """The listing and its draft, both locked and as they stand now. Raises NotFound."""
    listing = queries.listing_for_update(listing_id)
    draft = queries.draft_for_update(listing_id)
    if listing is None or draft is None:
        raise NotFound("listing")
    return listing, draft


def check(listing: Listing, draft: ListingDraft, content: Content, *, version: int, now: dt.datetime) -> None:
    """Refuse content that was read from another version of the draft (EditConflict) or must not be shown
    (RuleError listing_incomplete)."""
    if draft.version != version:
        raise EditConflict(theirs=draft.version)
    found = contents.problems(listing.kind, content, known=queries.known(), today=clock.local_day(now))
    if found:
        raise RuleError("listing_incomplete", count=len(found))


def apply(listing: Listing, content: Content, *, now: dt.datetime) -> None:
    """Write content to the columns. The caller has checked it."""
    for name in _TEXTS:
        setattr(listing, name, Bilingual.of(content[name]))
    listing.audience = Audience(content["audience"])
    listing.taxonomy_version = taxonomy.current().version
    listing.city = content["city"]
    listing.keywords_zh, listing.keywords_en = content["keywords"]["zh"], content["keywords"]["en"]
    listing.modes = content["modes"]
    listing.maturity = content["maturity"]
    listing.money_min, listing.money_max = content["money_min"], content["money_max"]
    listing.quality = quality.assess(listing.kind, content).score
    listing.changed_at = now
    if isinstance(listing, Achievement):
        _apply_achievement(listing, content)
    elif isinstance(listing, Need):
        _apply_need(listing, content)
    _apply_fields(listing, content["fields"])
    _apply_attachments(listing, content["attachments"])
    write_title_keys(listing)


def _apply_achievement(listing: Achievement, content: Content) -> None:
    listing.category = AchievementClass(content["category"])
    listing.nature = Nature(content["nature"])
    listing.form = Form(content["form"])
    listing.level = Level(content["level"])
    listing.stage = Stage(content["stage"] or taxonomy.current().levels[content["maturity"]].stage)
    listing.registration_number = content["registration_number"]
    listing.application = Bilingual.of(content["application"])
    listing.maturity_evidence = Bilingual.of(content["maturity_evidence"])
    listing.maturity_confirmed_by = ConfirmedBy(content["maturity_confirmed_by"])
    listing.benefits, listing.people = content["benefits"], content["people"]
    listing.first_kind = FirstKind(content["first_kind"]) if content["first_kind"] else None
    listing.started_month, listing.finished_month = content["started_month"], content["finished_month"]
    listing.ip_rights = [_right(row) for row in content["ip"]]


def _right(row: dict[str, Any]) -> IpRight:
    kind = IpKind(row["kind"])
    return IpRight(kind=kind, status=IpStatus(row["status"]), number=ip_number(kind, row["number"]))


def _apply_need(listing: Need, content: Content) -> None:
    listing.tried = Bilingual.of(content["tried"])
    listing.site = Bilingual.of(content["site"])
    listing.indicators = content["indicators"]
    listing.closes_on = dt.date.fromisoformat(content["closes_on"]) if content["closes_on"] else None
    listing.is_anonymous = bool(content["is_anonymous"])


def _apply_fields(listing: Listing, codes: list[str]) -> None:
    """New rows for new codes. The old ones go first: swapping two codes in place would meet the unique constraint."""
    if listing.field_codes == codes:
        return
    listing.field_links = []
    current_session().flush()
    listing.field_links = [ListingField(position=position, code=code) for position, code in enumerate(codes)]


def _apply_attachments(listing: Listing, rows: list[dict[str, Any]]) -> None:
    """Show exactly the files that content names. Raises RuleError for a file of another listing."""
    named = {row["id"]: row for row in rows}
    if not named.keys() <= {attachment.id for attachment in listing.attachments}:
        raise RuleError("file_of_another_listing")
    for attachment in listing.attachments:
        row = named.get(attachment.id)
        attachment.is_shown = row is not None
        if row is not None:
            attachment.tier, attachment.note = Audience(row["tier"]), row["note"]


def write_title_keys(listing: Listing) -> None:
    """Renew the keys by which near-equal titles are found."""
    session = current_session()
    wanted = title_keys(listing.title.zh) | title_keys(listing.title.en)
    of_listing = ListingTitleKey.listing_id == listing.id
    present = set(session.scalars(select(ListingTitleKey.key).where(of_listing)))
    if present - wanted:
        session.execute(delete(ListingTitleKey).where(of_listing, ListingTitleKey.key.in_(present - wanted)))
    session.add_all(ListingTitleKey(listing_id=listing.id, key=key) for key in wanted - present)


def revise(listing: Listing, content: Content, step: str, *, actor: Actor, now: dt.datetime) -> ListingRevision:
    """Keep the content as the next revision."""
    session = current_session()
    last = session.scalar(select(func.max(ListingRevision.number)).where(ListingRevision.listing_id == listing.id)) or 0
    row = ListingRevision(listing_id=listing.id, number=last + 1, content=content, at=now, actor_id=actor.user_id, step=step)
    session.add(row)
    return row


def tell(name: str, listing: Listing, **more: Any) -> None:
    """Announce what happened to a listing; `more` adds recipients and what their words need."""
    outbox.add(
        f"listings.{name}",
        listing_id=listing.id,
        kind=str(listing.kind),
        title=listing.title.as_dict(),
        org_id=listing.org_id,
        **{"link": own_page(listing), **more},
    )


def public_page(listing: Listing) -> list[Any]:
    """Where everybody reads the listing, as [endpoint, arguments]."""
    return ["listings.achievement" if listing.kind == ListingKind.ACHIEVEMENT else "listings.need", {"id": listing.id}]


def own_page(listing: Listing) -> list[Any]:
    """Where its own people act on it."""
    return ["listings.own_record", {"id": listing.id}]
