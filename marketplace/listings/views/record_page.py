"""A record as readers meet it: content and the listing's dates turned into what the template shows to one reader.

The same for the public page and for the editor's preview; what the reader may not see is left out here, not hidden by the
template.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.core import clock
from marketplace.core.i18n import HTML_LANG, day, language, money_range, month, pick, pick_marked, size
from marketplace.core.policy import Actor
from marketplace.core.types import Bilingual
from marketplace.core.web.languages import canonical_url, has_endpoint
from marketplace.listings import labels, policy, queries
from marketplace.listings.models import Listing
from marketplace.listings.rules import quality
from marketplace.listings.rules.content import Content
from marketplace.listings.rules.texts import masked_name
from marketplace.listings.states import ON_SHOW, Audience, ListingKind, ListingState
from marketplace.taxonomy import queries as taxonomy

Item = dict[str, Any]


@dataclass(frozen=True)
class RecordPage:
    """Everything the record's template shows."""

    listing: Listing
    content: Content
    shown: policy.FieldsShown
    is_preview: bool
    organisation: Item
    is_on_show: bool
    fields: Sequence[Item]
    freshness: Item
    closes: Item | None
    level: Item | None
    facts: Sequence[Item]
    files: Sequence[Item]
    hidden_files: int
    timeline: Sequence[Item]
    json_ld: Item = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.listing.id

    @property
    def is_need(self) -> bool:
        return self.listing.kind == ListingKind.NEED

    def text(self, name: str) -> Bilingual:
        """A bilingual text of the content."""
        return Bilingual.of(self.content.get(name))

    @property
    def title(self) -> Bilingual:
        return self.text("title")


def record_page(listing: Listing, content: Content, *, reader: Actor, now: dt.datetime, is_preview: bool = False) -> RecordPage:
    """The page of `content` for `reader`. `listing` gives organisation, dates, state and files."""
    kind = ListingKind(listing.kind)
    judged = SimpleNamespace(org_id=listing.org_id, kind=kind, is_anonymous=content.get("is_anonymous", False))
    shown = policy.fields_shown(reader, judged)
    organisation = _organisation(listing, shown)
    files, hidden = _files(listing, content, shown)
    return RecordPage(
        listing=listing,
        content=content,
        shown=shown,
        is_preview=is_preview,
        organisation=organisation,
        is_on_show=listing.state in ON_SHOW or is_preview,
        fields=_fields(kind, content),
        freshness=_freshness(listing, now),
        closes=_closes(content, now),
        level=_level(content),
        facts=_need_facts(content) if kind is ListingKind.NEED else _achievement_facts(content, shown),
        files=files,
        hidden_files=hidden,
        timeline=_timeline(listing, content, now),
        json_ld={} if is_preview else json_ld(listing, content, pick(organisation["name"])),
    )


def _organisation(listing: Listing, shown: policy.FieldsShown) -> Item:
    """Who offers or asks; masked for readers of an anonymous need, then without link and figures."""
    org = listing.organisation
    current = taxonomy.current()
    item: Item = {"id": org.id, "kind": str(org.kind), "city": pick(current.city_name(org.city)), "is_masked": not shown.identity}
    if not shown.identity:
        return item | {
            "id": None,
            "name": masked_name(org.trade, current.city_name(org.city)),
            "url": "",
            "is_verified": org.is_verified,
        }
    url = url_for("accounts.organisation", org_id=org.id) if has_endpoint("accounts.organisation") else ""
    return item | {"name": org.name, "url": url, "is_verified": org.is_verified, "about": org.about}


def _fields(kind: ListingKind, content: Content) -> list[Item]:
    current = taxonomy.current()
    has_search = has_endpoint("matching.search")
    return [
        {
            "name": pick(current.field_name(code)),
            "chain": pick(current.chain_name(current.chain_of(code))) if current.chain_of(code) else "",
            "url": url_for("matching.search", kind=str(kind), field=code) if has_search else "",
            "chain_url": url_for("matching.search", kind=str(kind), chain=current.chain_of(code)) if has_search else "",
        }
        for code in content["fields"]
    ]


def _freshness(listing: Listing, now: dt.datetime) -> Item:
    """When somebody last said that the listing holds."""
    if listing.confirmed_at is None or listing.state not in ON_SHOW:
        return {}
    if listing.state == ListingState.FADING:
        return {"text": _("Not confirmed since %(day)s", day=day(listing.confirmed_at)), "kind": "wait"}
    days = (clock.local_day(now) - clock.local_day(listing.confirmed_at)).days
    text = _("Confirmed today") if days == 0 else ngettext("Confirmed %(num)s day ago", "Confirmed %(num)s days ago", days)
    return {"text": text, "kind": "ok"}


def _closes(content: Content, now: dt.datetime) -> Item | None:
    if not content.get("closes_on"):
        return None
    closes_on = dt.date.fromisoformat(content["closes_on"])
    return {"day": closes_on, "days": (closes_on - clock.local_day(now)).days}


def _level(content: Content) -> Item | None:
    item = taxonomy.current().levels.get(content["maturity"]) if content["maturity"] else None
    return {"level": item.level, "name": pick(item.name), "stage": labels.word(labels.STAGES, item.stage)} if item else None


def _both(content: Content, name: str) -> Any:
    return pick_marked(Bilingual.of(content[name]))


def _words(words: Any, values: Sequence[str]) -> str:
    return str(_(", ")).join(labels.word(words, value) for value in values)


def _achievement_facts(content: Content, shown: policy.FieldsShown) -> list[Item]:
    """The registration record."""
    months = ("—" if language() == "zh" else " – ").join(
        month(m) for m in (content["started_month"], content["finished_month"]) if m
    )
    found = [
        ("category", labels.word(labels.CATEGORIES, content["category"])),
        ("nature", labels.word(labels.NATURES, content["nature"])),
        ("form", labels.word(labels.FORMS, content["form"])),
        ("level", labels.word(labels.LEVELS, content["level"])),
        ("registration_number", content["registration_number"]),
        ("first_kind", labels.word(labels.FIRST_KINDS, content["first_kind"])),
        ("period", months),
        ("modes", _words(labels.MODES, content["modes"])),
        ("price", money_range(content["money_min"], content["money_max"])),
        ("city", pick(taxonomy.current().city_name(content["city"])) if content["city"] else ""),
        ("people", _people(content["people"], shown)),
        ("keywords", _keywords(content)),
        ("quality", _quality(ListingKind.ACHIEVEMENT, content)),
    ]
    return [{"key": labels.FIELDS[name], "value": value} for name, value in found if value]


def _quality(kind: ListingKind, content: Content) -> str:
    return str(_("%(score)s of 100", score=quality.assess(kind, content).score))


def _need_facts(content: Content) -> list[Item]:
    found = [
        ("budget", money_range(content["money_min"], content["money_max"])),
        ("need_modes", _words(labels.MODES, content["modes"])),
        ("site", _both(content, "site")),
        ("city", pick(taxonomy.current().city_name(content["city"])) if content["city"] else ""),
        ("closes_on", day(dt.date.fromisoformat(content["closes_on"])) if content["closes_on"] else ""),
        ("keywords", _keywords(content)),
        ("quality", _quality(ListingKind.NEED, content)),
    ]
    return [{"key": labels.FIELDS[name], "value": value} for name, value in found if value]


def _people(rows: Sequence[Item], shown: policy.FieldsShown) -> str:
    """Everybody for verified organisations; for the public the first name and how many there are."""
    names = [pick(Bilingual.of(row["name"])) for row in rows]
    if not names or shown.people:
        told = zip(names, (pick(Bilingual.of(row.get("contribution"))) for row in rows), strict=True)
        return str(_("; ")).join(f"{name} ({part})" if part else name for name, part in told)
    if len(names) == 1:
        return names[0]
    return str(ngettext("%(name)s and %(num)s other", "%(name)s and %(num)s others", len(names) - 1, name=names[0]))


def _keywords(content: Content) -> str:
    words = content["keywords"]
    return str(_(", ")).join(words[language()] or words["zh"] or words["en"])


def _files(listing: Listing, content: Content, shown: policy.FieldsShown) -> tuple[list[Item], int]:
    """Files with their addresses; the ones of a tier that does not reach the reader are only counted."""
    kept = {attachment.id: attachment for attachment in listing.attachments}
    rows = [row for row in content["attachments"] if row["id"] in kept]
    readable = [row for row in rows if shown.verified_files or row["tier"] == Audience.PUBLIC]
    return [_file(listing.id, row, kept[row["id"]]) for row in readable], len(rows) - len(readable)


def _file(listing_id: int, row: Item, attachment: Any) -> Item:
    is_public = row["tier"] == Audience.PUBLIC
    return {
        "name": attachment.name,
        "url": url_for("listings.file", id=listing_id, attachment_id=attachment.id),
        "size": size(attachment.file.size_bytes),
        "kind": "pdf"
        if attachment.file.media_type == "application/pdf"
        else "image"
        if "image/" in attachment.file.media_type
        else "text",
        "tier": "" if is_public else labels.word(labels.AUDIENCES, row["tier"]),
        "tier_kind": "info",
        "note": row["note"],
    }


def _timeline(listing: Listing, content: Content, now: dt.datetime) -> list[Item]:
    """What happened in public, and what comes next."""
    found: list[Item] = []
    if listing.published_at:
        found.append({"title": day(listing.published_at), "text": _("Came on show"), "state": "done"})
    if listing.confirmed_at and listing.published_at and day(listing.confirmed_at) != day(listing.published_at):
        found.append({"title": day(listing.confirmed_at), "text": _("Confirmed to hold"), "state": "done"})
    if listing.faded_at:
        found.append({"title": day(listing.faded_at), "text": _("Faded, because nobody confirmed it"), "state": "bad"})
    if content.get("closes_on"):
        closes_on = dt.date.fromisoformat(content["closes_on"])
        state = "now" if closes_on >= clock.local_day(now) else "bad"
        found.append({"title": day(closes_on), "text": _("Last day for answers"), "state": state})
    elif listing.state == ListingState.PUBLISHED and listing.confirmed_at:
        due = queries.terms().confirm_by(listing.confirmed_at)
        found.append({"title": day(due), "text": _("To be confirmed again by then"), "state": "now"})
    return found


def json_ld(listing: Listing, content: Content, org_name: str) -> Item:
    """schema.org: an achievement is a Product with an Offer, a need a Demand. Only what everybody may read."""
    lang = language()
    name, about = (
        Bilingual.of(content["title"]).pick(lang),
        Bilingual.of(content.get("summary")) or Bilingual.of(content["description"]),
    )
    base = {
        "@context": "https://schema.org",
        "url": canonical_url(),
        "name": name,
        "description": about.pick(lang)[:500],
        "mainEntityOfPage": {
            "@type": "WebPage",
            "@id": canonical_url(),
            "inLanguage": HTML_LANG[lang],
            "dateModified": listing.changed_at.isoformat(),
        },
    }
    price = _price_specification(content)
    seller = {"@type": "Organization", "name": org_name}
    if listing.kind == ListingKind.NEED:
        more = {"@type": "Demand", "areaServed": "CN-SD", "availabilityEnds": content["closes_on"], "priceSpecification": price}
        more["itemOffered"] = {"@type": "Product", "name": name}
        return base | {key: value for key, value in more.items() if value}
    offer = {"@type": "Offer", "offeredBy": seller, "priceSpecification": price, "availability": "https://schema.org/InStock"}
    more = {
        "@type": "Product",
        "category": "/".join(f["name"] for f in _fields(ListingKind.ACHIEVEMENT, content)),
        "offers": offer,
    }
    more["keywords"] = _keywords(content)
    offer = {key: value for key, value in offer.items() if value}
    return base | {key: value for key, value in (more | {"offers": offer}).items() if value}


def _price_specification(content: Content) -> Item | None:
    low, high = content["money_min"], content["money_max"]
    if low is None and high is None:
        return None
    spec = {"@type": "PriceSpecification", "priceCurrency": "CNY", "minPrice": _yuan(low), "maxPrice": _yuan(high)}
    return {key: value for key, value in spec.items() if value is not None}


def _yuan(fen: int | None) -> float | int | None:
    return None if fen is None else fen // 100 if fen % 100 == 0 else fen / 100
