"""A listing as a search document: only what everybody of its audience may read; an anonymous need arrives masked.

The layer for verified organisations (verified_detail, people's names, files) is never in the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marketplace.core import clock
from marketplace.core.types import Bilingual
from marketplace.listings.models import Achievement, Listing, Need
from marketplace.listings.rules.texts import masked_name
from marketplace.listings.states import ON_SHOW, ListingState
from marketplace.taxonomy.queries import Taxonomy
from search_index.documents import ListingDocument


def document_id(listing: Listing) -> str:
    """The id of a listing in the index: "achievement:12"."""
    return f"{listing.kind}:{listing.id}"


def is_indexable(listing: Listing) -> bool:
    """Does the listing belong in the index? Exactly what is on show."""
    return listing.state in ON_SHOW


def document(listing: Listing, taxonomy: Taxonomy) -> ListingDocument:
    """The document of a listing loaded by `queries.for_indexing`."""
    name = _organisation(listing, taxonomy)
    own = _achievement(listing) if isinstance(listing, Achievement) else _need(listing)
    confirmed_at, published_at = listing.confirmed_at, listing.published_at
    return ListingDocument(
        id=document_id(listing),
        kind="achievement" if isinstance(listing, Achievement) else "need",
        rev=listing.rev,
        title_zh=listing.title.zh,
        title_en=listing.title.en,
        keywords=tuple(dict.fromkeys([*listing.keywords_zh, *listing.keywords_en])),
        org_name_zh=name.zh,
        org_name_en=name.en,
        owner_org=listing.org_id,
        org_kind=str(listing.organisation.kind),
        fields=tuple(listing.field_codes),
        chains=tuple(dict.fromkeys(chain for chain in map(taxonomy.chain_of, listing.field_codes) if chain)),
        city=taxonomy.city_code(listing.city),
        maturity=listing.maturity,
        modes=tuple(listing.modes),
        money_min=listing.money_min,
        money_max=listing.money_max,
        audience=str(listing.audience),
        fresh_at=int(confirmed_at.timestamp()) if confirmed_at else 0,
        published_at=int(published_at.timestamp()) if published_at else 0,
        quality=listing.quality / 100,
        boost_faded=listing.state == ListingState.FADING,
        **own,
    )


def _organisation(listing: Listing, taxonomy: Taxonomy) -> Bilingual:
    if isinstance(listing, Need) and listing.is_anonymous:
        return masked_name(listing.organisation.trade, taxonomy.city_name(listing.organisation.city))
    return listing.organisation.name


def _achievement(listing: Achievement) -> dict[str, Any]:
    statuses = sorted({str(right.status) for right in listing.ip_rights}) or ["none"]
    rows = [(row["name"], row.get("rival", {}), row.get("evidence", {})) for row in listing.benefits]
    return {
        "summary_zh": listing.summary.zh,
        "summary_en": listing.summary.en,
        "body_zh": _lines(listing.description.zh, listing.application.zh, _cells(rows, "zh"), listing.maturity_evidence.zh),
        "body_en": _lines(listing.description.en, listing.application.en, _cells(rows, "en"), listing.maturity_evidence.en),
        "ip_numbers": tuple(right.number for right in listing.ip_rights if right.number),
        "ip_status": tuple(statuses),
    }


def _need(listing: Any) -> dict[str, Any]:
    rows = [(row["name"],) for row in listing.indicators]
    return {
        "summary_zh": listing.description.zh,
        "summary_en": listing.description.en,
        "body_zh": _lines(listing.tried.zh, _cells(rows, "zh"), listing.site.zh),
        "body_en": _lines(listing.tried.en, _cells(rows, "en"), listing.site.en),
        "closes_at": int(clock.end_of_day(listing.closes_on).timestamp()) if listing.closes_on else None,
    }


def _cells(rows: Sequence[tuple[dict[str, str], ...]], lang: str) -> str:
    return " ".join(cell.get(lang, "") for row in rows for cell in row)


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text.strip())
