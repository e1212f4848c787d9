"""What a person is told in the bell, and which kinds of news also come by mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base
from marketplace.core.types import Json, UtcDateTime


class Notification(Base):
    """One piece of news for one person. One event tells a person once, however often its handler runs.

    `org_id` names the organisation for which the person was told, 0 when it was the person itself: whoever leaves an
    organisation reads its news no more. `subject` groups the news about one thing.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "event_id"),
        Index("ix_notifications_user_id_read_at", "user_id", "read_at"),
        Index("ix_notifications_user_id_at", "user_id", "at"),
        Index("ix_notifications_user_id_subject", "user_id", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    event_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(64))
    org_id: Mapped[int] = mapped_column(default=0)
    is_for_admins: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str] = mapped_column(String(64), default="")
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    endpoint: Mapped[str] = mapped_column(String(80), default="")
    endpoint_args: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class MailSwitch(Base):
    """A person's wish about mail of one kind; without a row, the kind comes by mail."""

    __tablename__ = "mail_switches"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_on: Mapped[bool]
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
