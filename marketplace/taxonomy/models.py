"""Chains, strategic fields, cities, maturity levels and the working calendar, as versioned rows.

The official list of fields was not found: version v0 is a working one (工作版) and says so wherever it is explained.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base
from marketplace.core.types import Bilingual, UtcDateTime, bilingual


class TaxonomyVersion(Base):
    """One edition of all lists; exactly one is current."""

    __tablename__ = "taxonomy_versions"
    __table_args__ = (
        CheckConstraint("status IN ('working', 'official')", name="status"),
        Index(
            "uq_taxonomy_versions_current",
            "is_current",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    is_current: Mapped[bool] = mapped_column(default=False)
    loaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Chain(Base):
    """A landmark industrial chain (标志性产业链)."""

    __tablename__ = "chains"

    version: Mapped[str] = mapped_column(ForeignKey("taxonomy_versions.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[Bilingual] = bilingual("name")
    status: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(default="")
    position: Mapped[int]


class StrategicField(Base):
    """A strategic field (战略领域) under its chain."""

    __tablename__ = "strategic_fields"
    __table_args__ = (ForeignKeyConstraint(["version", "chain_code"], ["chains.version", "chains.code"]),)

    version: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    chain_code: Mapped[str] = mapped_column(String(8))
    name: Mapped[Bilingual] = bilingual("name")
    status: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(default="")
    position: Mapped[int]


class City(Base):
    """A city of the province by GB/T 2260; former codes of merged places lead to it."""

    __tablename__ = "cities"

    version: Mapped[str] = mapped_column(ForeignKey("taxonomy_versions.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[Bilingual] = bilingual("name")
    former_codes: Mapped[str] = mapped_column(default="")


class MaturityLevel(Base):
    """A technology readiness level after GB/T 22900, with the stage of the registration form it belongs to."""

    __tablename__ = "maturity_levels"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        CheckConstraint("stage IN ('early', 'middle', 'mature')", name="stage"),
    )

    version: Mapped[str] = mapped_column(ForeignKey("taxonomy_versions.code"), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[Bilingual] = bilingual("name")
    stage: Mapped[str] = mapped_column(String(8))
    evidence: Mapped[Bilingual] = bilingual("evidence")


class CalendarDay(Base):
    """A day that is not what its weekday says: a public holiday, or a made-up working day (调休)."""

    __tablename__ = "calendar_days"
    __table_args__ = (
        CheckConstraint("kind IN ('holiday', 'workday')", name="kind"),
        CheckConstraint("status IN ('documented', 'provisional')", name="status"),
    )

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[Bilingual] = bilingual("name")
    status: Mapped[str] = mapped_column(String(12))
