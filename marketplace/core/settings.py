"""What administrators may change while the site runs: named numbers and texts with a default, a type and bounds.

Deployment matters (addresses, secrets) are config.py's; a setting is a rule of the market, kept in the database and
audited when changed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core import audit
from marketplace.core.db import Base, current_session
from marketplace.core.errors import RuleError
from marketplace.core.policy import Actor
from marketplace.core.types import Json, UtcDateTime


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number with bounds; the unit is in the key's last word."""

    default: int
    low: int
    high: int


# One list: a new setting is a line here, a label in core.labels, and nothing else.
KNOWN: dict[str, Whole] = {
    "accounts.invitation_days": Whole(14, 1, 90),
    "deals.reply_default_days": Whole(3, 1, 15),
    "listings.confirm_every_days": Whole(180, 30, 730),
    "listings.expire_after_fading_days": Whole(60, 7, 365),
    "listings.remind_before_days": Whole(30, 1, 90),
    "matching.announce_from_score": Whole(70, 30, 100),
    "matching.announce_most_per_listing": Whole(3, 1, 20),
}


class SettingRow(Base):
    """A setting that differs from its default."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[int] = mapped_column(Json)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None]


def whole(key: str) -> int:
    """The present value of a whole-number setting."""
    row = current_session().get(SettingRow, key)
    return int(row.value) if row else KNOWN[key].default


def change(key: str, value: int, *, actor: Actor, now: dt.datetime) -> None:
    """Set a setting. The caller has checked that the actor is an administrator. Raises RuleError out of bounds."""
    known = KNOWN.get(key)
    if known is None:
        raise RuleError("unknown_setting", key=key)
    if not known.low <= value <= known.high:
        raise RuleError("setting_out_of_bounds", low=known.low, high=known.high)
    session = current_session()
    row = session.get(SettingRow, key)
    before = row.value if row else known.default
    if row is None:
        row = SettingRow(key=key)
        session.add(row)
    row.value, row.changed_at, row.changed_by = value, now, actor.user_id
    audit.record("settings.change", ("settings", key), actor=actor, at=now, before=before, after=value)
