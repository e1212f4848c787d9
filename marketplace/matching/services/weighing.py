"""Change the weights of the match score: a new version beside the old ones, recorded, in force at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.errors import EditConflict, RuleError
from marketplace.core.policy import Actor
from marketplace.matching import policy
from marketplace.matching.models import MatchWeights
from marketplace.matching.queries import weights as weighing
from marketplace.matching.rules import Weights


def change_weights(given: Mapping[str, float], *, based_on: int, note: str, actor: Actor, now: dt.datetime) -> MatchWeights:
    """Put a new version in force. `based_on` is the version the administrator looked at: EditConflict when it is old."""
    policy.can_administer(actor).or_raise()
    newest = weighing.newest_version_for_update()
    if newest != based_on:
        raise EditConflict(theirs=newest)
    if not note.strip():
        raise RuleError("weights_note_missing")
    before = weighing.current()
    try:
        made = Weights.of(newest + 1, given)
    except (ValueError, TypeError):
        raise RuleError("weights_not_usable") from None
    row = MatchWeights(version=made.version, weights=made.to_dict(), note=note.strip(), created_at=now, created_by=actor.user_id)
    current_session().add(row)
    audit.record(
        "matching.change_weights",
        ("match_weights", made.version),
        actor=actor,
        at=now,
        before=before.to_dict(),
        after=made.to_dict(),
        note=note.strip(),
    )
    return row
