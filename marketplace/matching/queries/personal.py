"""What matching keeps of one person: what they said about matches, and weights they put in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.core.db import current_session
from marketplace.core.personal import Section, facts
from marketplace.core.policy import Actor
from marketplace.matching.models import MatchFeedback, MatchWeights

Rows = list[dict[str, Any]]


def judgements(actor: Actor) -> Rows:
    """Matches the person judged: the answer and its words; the score as it stood for whoever still acts for that side."""
    query = select(MatchFeedback).where(MatchFeedback.user_id == actor.user_id).order_by(MatchFeedback.id)
    return [_judgement(row, is_inside=row.org_id in actor.org_ids) for row in current_session().scalars(query)]


def _judgement(row: MatchFeedback, *, is_inside: bool) -> dict[str, Any]:
    score = ("score", "components", "weights_version") if is_inside else ()
    return facts(row, "need_id", "achievement_id", "verdict", "reason", "note", "at", *score)


def weights(actor: Actor) -> Rows:
    """Weights of the match score that the person put in force."""
    query = select(MatchWeights).where(MatchWeights.created_by == actor.user_id).order_by(MatchWeights.version)
    return [facts(row, "version", "weights", "note", "created_at") for row in current_session().scalars(query)]


PERSONAL_DATA = (
    Section("match_judgements", judgements, ("match_feedback.user_id",)),
    Section("match_weights", weights, ("match_weights.created_by",)),
)
