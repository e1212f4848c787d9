"""The blueprint that the modules beside put their routes onto."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from marketplace.core.types import Bilingual
from marketplace.core.web import bp_prefix

bp = Blueprint("listings", __name__, url_prefix=bp_prefix())


@bp.app_template_global("both")
def both(value: Any) -> Bilingual:
    """A bilingual text of content ({"zh", "en"} or nothing), for the filters `pick` and `marked`."""
    return Bilingual.of(value)
