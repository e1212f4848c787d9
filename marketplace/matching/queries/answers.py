"""What people said about matches: for ranking one listing's matches anew, and as figures for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from marketplace.accounts.models import User
from marketplace.core.db import current_session
from marketplace.core.policy import Actor
from marketplace.listings.models import Listing
from marketplace.listings.states import ListingKind
from marketplace.matching.models import MatchFeedback
from marketplace.matching.rules import Answer
from marketplace.matching.states import Reason, Verdict

BANDS = 5


def answers_about(listing: Listing, actor: Actor) -> list[Answer]:
    """What the listing's own organisation said about its matches; nobody else's word moves them.

    Empty for a person who refused personalised ranking.
    """
    if actor.user_id is not None and listing.org_id in actor.org_ids and not _wants_it(actor.user_id):
        return []
    column = MatchFeedback.need_id if listing.kind == ListingKind.NEED else MatchFeedback.achievement_id
    query = select(MatchFeedback).where(column == listing.id, MatchFeedback.org_id == listing.org_id)
    rows = current_session().scalars(query.order_by(MatchFeedback.id)).all()
    return [Answer(_counterpart(row, listing), row.verdict, row.reason) for row in rows]


def _counterpart(row: MatchFeedback, listing: Listing) -> str:
    return f"achievement:{row.achievement_id}" if listing.kind == ListingKind.NEED else f"need:{row.need_id}"


def _wants_it(user_id: int) -> bool:
    return bool(current_session().scalar(select(User.wants_personal_ranking).where(User.id == user_id)))


def own_answers(need_ids: Sequence[int], achievement_ids: Sequence[int], org_id: int) -> dict[tuple[int, int], MatchFeedback]:
    """What one organisation said about these pairs, by (need, achievement)."""
    query = select(MatchFeedback).where(
        MatchFeedback.need_id.in_(need_ids), MatchFeedback.achievement_id.in_(achievement_ids), MatchFeedback.org_id == org_id
    )
    return {(row.need_id, row.achievement_id): row for row in current_session().scalars(query)}


def answer_for_update(need_id: int, achievement_id: int, org_id: int) -> MatchFeedback | None:
    """The standing answer of an organisation about a pair, locked."""
    query = select(MatchFeedback).where(
        MatchFeedback.need_id == need_id, MatchFeedback.achievement_id == achievement_id, MatchFeedback.org_id == org_id
    )
    return current_session().scalar(query.with_for_update().execution_options(populate_existing=True))


@dataclass(frozen=True, slots=True)
class Band:
    """Answers about pairs whose score, as it stood, lay in [low, high)."""

    low: int
    high: int
    relevant: int
    answered: int

    @property
    def precision(self) -> float | None:
        return self.relevant / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class Quality:
    """How well matching works by the answers people gave."""

    answered: int
    relevant: int
    bands: tuple[Band, ...]
    reasons: dict[Reason, int]

    @property
    def precision(self) -> float | None:
        return self.relevant / self.answered if self.answered else None


def quality() -> Quality:
    """Answers by score band, best first, and the reasons given for "not relevant"."""
    width = 1.0 / BANDS
    # Counted from the top so that a score of exactly one belongs to the best band on both databases.
    band = case(*((MatchFeedback.score >= width * n, n) for n in range(BANDS - 1, 0, -1)), else_=0)
    is_relevant = case((MatchFeedback.verdict == Verdict.RELEVANT, 1), else_=0)
    query = select(band.label("band"), func.count(), func.sum(is_relevant)).group_by("band")
    rows = {int(n): (answered, relevant) for n, answered, relevant in current_session().execute(query)}
    bands = tuple(
        Band(n * 100 // BANDS, (n + 1) * 100 // BANDS, rows.get(n, (0, 0))[1], rows.get(n, (0, 0))[0])
        for n in reversed(range(BANDS))
    )
    by_reason = select(MatchFeedback.reason, func.count()).where(MatchFeedback.reason.is_not(None)).group_by(MatchFeedback.reason)
    reasons = {Reason(reason): count for reason, count in current_session().execute(by_reason) if reason is not None}
    return Quality(sum(b.answered for b in bands), sum(b.relevant for b in bands), bands, reasons)
