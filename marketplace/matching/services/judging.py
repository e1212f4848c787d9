"""Take a person's answer to a match: stored with the components as they stand, counted at once for that listing."""

from __future__ import annotations

import datetime as dt

from marketplace.core import audit
from marketplace.core.db import current_session
from marketplace.core.errors import NotFound, RuleError
from marketplace.core.policy import Actor
from marketplace.listings.states import ON_SHOW
from marketplace.matching import policy
from marketplace.matching.models import MatchFeedback
from marketplace.matching.queries import answers, matches, weights
from marketplace.matching.states import Reason, Verdict
from search_index.engine import EngineUnavailable

MOST_NOTE_CHARACTERS = 300


def judge(
    need_id: int,
    achievement_id: int,
    *,
    verdict: Verdict,
    reason: Reason | None = None,
    note: str = "",
    actor: Actor,
    now: dt.datetime,
) -> MatchFeedback:
    """Store what the actor's side says of a pair; its latest word replaces the earlier one.

    Raises Forbidden for anybody but owners and editors of the two sides, RuleError for a pair that is not on show or a
    refusal without a reason.
    """
    pair = _pair(need_id, achievement_id)
    policy.can_judge(actor, pair).or_raise()
    if pair.need.state not in ON_SHOW or pair.achievement.state not in ON_SHOW:
        raise RuleError("match_not_on_show")
    if verdict is Verdict.NOT_RELEVANT and reason is None:
        raise RuleError("match_reason_missing")
    org_id = _side(actor, pair)
    components, score, version = _as_it_stands(pair)
    row = answers.answer_for_update(need_id, achievement_id, org_id)
    if row is None:
        row = MatchFeedback(need_id=need_id, achievement_id=achievement_id, org_id=org_id)
        current_session().add(row)
    row.verdict, row.user_id, row.at = verdict, actor.user_id, now
    row.reason = reason if verdict is Verdict.NOT_RELEVANT else None
    row.note = note.strip()[:MOST_NOTE_CHARACTERS] if verdict is Verdict.NOT_RELEVANT else ""
    row.components, row.score, row.weights_version = components, score, version
    audit.record(
        "matching.judge", row, actor=actor, at=now, need=need_id, achievement=achievement_id, org=org_id, verdict=str(verdict)
    )
    return row


def take_back(need_id: int, achievement_id: int, *, actor: Actor, now: dt.datetime) -> None:
    """Forget what the actor's side said of a pair; nothing happens when it said nothing."""
    pair = _pair(need_id, achievement_id)
    policy.can_judge(actor, pair).or_raise()
    row = answers.answer_for_update(need_id, achievement_id, _side(actor, pair))
    if row is None:
        return
    audit.record("matching.take_back", row, actor=actor, at=now, need=need_id, achievement=achievement_id)
    current_session().delete(row)


def _pair(need_id: int, achievement_id: int) -> policy.Pair:
    found = matches.pair(need_id, achievement_id)
    if found is None:
        raise NotFound("match")
    return found


def _side(actor: Actor, pair: policy.Pair) -> int:
    org_id = policy.judging_org(actor, pair)
    if org_id is None:
        raise RuleError("not_your_match")
    return org_id


def _as_it_stands(pair: policy.Pair) -> tuple[dict[str, float | None], float, int]:
    """Components, score and weights version of this moment. Without an engine the answer still counts, with none."""
    current = weights.current()
    try:
        found = matches.score_of_pair(pair.need, pair.achievement, current)
    except EngineUnavailable:
        found = None
    if found is None:
        return {}, 0.0, current.version
    components, score = found
    return components.to_dict(), round(score, 6), current.version
