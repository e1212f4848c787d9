"""Weights of the match score by version, what people said about a match, and which matches were announced.

How a score is made is rules.py; a row here is never the only copy of a score: it can always be computed again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base
from marketplace.core.types import Json, UtcDateTime, choice
from marketplace.matching.states import Reason, Verdict


class MatchWeights(Base):
    """One version of the weights; the highest one counts. Versions are added, never changed."""

    __tablename__ = "match_weights"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    weights: Mapped[dict[str, float]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class MatchFeedback(Base):
    """What an organisation thinks of a pair, with the components as they stood then; its latest word counts."""

    __tablename__ = "match_feedback"
    __table_args__ = (
        UniqueConstraint("need_id", "achievement_id", "org_id"),
        CheckConstraint("(verdict = 'relevant') = (reason IS NULL)", name="reason_only_when_not_relevant"),
        Index("ix_match_feedback_achievement_id", "achievement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievements.id", ondelete="CASCADE"))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict))
    reason: Mapped[Reason | None] = mapped_column(choice(Reason))
    note: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[float]
    components: Mapped[dict[str, Any]] = mapped_column(Json)
    weights_version: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class MatchNotice(Base):
    """A pair that was announced to its owners: once, whatever happens later."""

    __tablename__ = "match_notices"
    __table_args__ = (
        UniqueConstraint("need_id", "achievement_id"),
        Index("ix_match_notices_achievement_id", "achievement_id", "at"),
        Index("ix_match_notices_need_id", "need_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("needs.id", ondelete="CASCADE"))
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievements.id", ondelete="CASCADE"))
    score: Mapped[float]
    weights_version: Mapped[int]
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
