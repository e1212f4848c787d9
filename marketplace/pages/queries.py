"""What the home page and the page about ranking show, read from the other features' queries; no figures of its own."""

from __future__ import annotations

from typing import Any

from marketplace.taxonomy import queries as taxonomy


def home() -> dict[str, Any]:
    """{numbers, pair, chains, achievements, needs, popular}: neutral facts; the template words them."""
    return {"taxonomy": taxonomy.current(), "numbers": {}, "field_counts": {}, "achievements": [], "needs": [], "pair": None}


def match_weights() -> dict[str, float]:
    """Component -> weight of the table in force."""
    return {}
