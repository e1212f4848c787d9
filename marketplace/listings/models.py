"""Achievements and needs, with drafts, revisions, fields, intellectual property and attachments.

A listing's columns are what readers see; what a person types waits in its draft, as typed, until it is checked and
applied. JSON columns hold lists whose shape forms.py and schemas.py define.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation
from marketplace.core.db import Base
from marketplace.core.files import StoredFile
from marketplace.core.types import Bilingual, Json, UtcDateTime, bilingual, choice
from marketplace.listings.states import (
    AchievementClass,
    Audience,
    ConfirmedBy,
    FirstKind,
    Form,
    IpKind,
    IpStatus,
    Level,
    ListingKind,
    ListingState,
    Nature,
    Stage,
)

Rows = list[dict[str, Any]]


class Listing(Base):
    """What achievements and needs share. `rev` counts every change that readers or the search index can see."""

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('published', 'fading') OR (published_at IS NOT NULL AND confirmed_at IS NOT NULL)",
            name="on_show_is_dated",
        ),
        CheckConstraint("maturity IS NULL OR maturity BETWEEN 1 AND 9", name="maturity"),
        CheckConstraint("money_min IS NULL OR money_max IS NULL OR money_min <= money_max", name="money_order"),
        CheckConstraint("money_min IS NULL OR money_min >= 0", name="money_positive"),
        CheckConstraint("quality BETWEEN 0 AND 100", name="quality"),
        CheckConstraint("(state = 'fading') = (faded_at IS NOT NULL)", name="fading_is_dated"),
        Index("ix_listings_org_state", "org_id", "state"),
        Index("ix_listings_state_published", "state", "published_at"),
        Index("ix_listings_state_confirmed", "state", "confirmed_at"),
        Index("ix_listings_kind_state", "kind", "state", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ListingKind] = mapped_column(choice(ListingKind))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[ListingState] = mapped_column(choice(ListingState), default=ListingState.DRAFT)
    audience: Mapped[Audience] = mapped_column(choice(Audience), default=Audience.PUBLIC)
    title: Mapped[Bilingual] = bilingual("title")
    summary: Mapped[Bilingual] = bilingual("summary")
    description: Mapped[Bilingual] = bilingual("description")
    verified_detail: Mapped[Bilingual] = bilingual("verified_detail")
    taxonomy_version: Mapped[str] = mapped_column(String(16), default="")
    city: Mapped[str] = mapped_column(String(6), default="")
    keywords_zh: Mapped[list[str]] = mapped_column(Json, default=list)
    keywords_en: Mapped[list[str]] = mapped_column(Json, default=list)
    modes: Mapped[list[str]] = mapped_column(Json, default=list)
    maturity: Mapped[int | None]
    money_min: Mapped[int | None] = mapped_column(BigInteger)
    money_max: Mapped[int | None] = mapped_column(BigInteger)
    quality: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    faded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    rev: Mapped[int] = mapped_column(default=0)
    version_id: Mapped[int] = mapped_column(nullable=False)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    field_links: Mapped[list[ListingField]] = relationship(
        lazy="raise_on_sql", order_by="ListingField.position", cascade="all, delete-orphan"
    )
    attachments: Mapped[list[Attachment]] = relationship(
        lazy="raise_on_sql", order_by="Attachment.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"polymorphic_on": "kind", "version_id_col": version_id}  # noqa: RUF012

    @property
    def field_codes(self) -> list[str]:
        """Strategic field codes, the primary one first."""
        return [link.code for link in self.field_links]


class Achievement(Listing):
    """A scientific or technological achievement (科技成果) as the registration form records it. Money is its price."""

    __tablename__ = "achievements"

    id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[AchievementClass | None] = mapped_column(choice(AchievementClass))
    nature: Mapped[Nature | None] = mapped_column(choice(Nature))
    form: Mapped[Form | None] = mapped_column(choice(Form))
    level: Mapped[Level] = mapped_column(choice(Level), default=Level.NOT_EVALUATED)
    stage: Mapped[Stage | None] = mapped_column(choice(Stage))
    registration_number: Mapped[str] = mapped_column(String(12), default="")
    application: Mapped[Bilingual] = bilingual("application")
    maturity_evidence: Mapped[Bilingual] = bilingual("maturity_evidence")
    maturity_confirmed_by: Mapped[ConfirmedBy] = mapped_column(choice(ConfirmedBy), default=ConfirmedBy.SELF)
    benefits: Mapped[Rows] = mapped_column(Json, default=list)
    people: Mapped[Rows] = mapped_column(Json, default=list)
    first_kind: Mapped[FirstKind | None] = mapped_column(choice(FirstKind))
    started_month: Mapped[str] = mapped_column(String(7), default="")
    finished_month: Mapped[str] = mapped_column(String(7), default="")

    ip_rights: Mapped[list[IpRight]] = relationship(lazy="raise_on_sql", order_by="IpRight.id", cascade="all, delete-orphan")

    __mapper_args__ = {"polymorphic_identity": ListingKind.ACHIEVEMENT}  # noqa: RUF012


class Need(Listing):
    """A technology need (技术需求), told from the problem. Money is its budget; maturity is the wanted one."""

    __tablename__ = "needs"

    id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    tried: Mapped[Bilingual] = bilingual("tried")
    site: Mapped[Bilingual] = bilingual("site")
    indicators: Mapped[Rows] = mapped_column(Json, default=list)
    closes_on: Mapped[dt.date | None]
    is_anonymous: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"polymorphic_identity": ListingKind.NEED}  # noqa: RUF012


class ListingField(Base):
    """One strategic field of a listing; position 0 is the primary one."""

    __tablename__ = "listing_fields"
    __table_args__ = (UniqueConstraint("listing_id", "code"), Index("ix_listing_fields_code", "code"))

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8))


class IpRight(Base):
    """One patent, software right or variety of an achievement; the number is kept normalised for comparison."""

    __tablename__ = "ip_rights"
    __table_args__ = (Index("ix_ip_rights_number", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("achievements.id", ondelete="CASCADE"), index=True)
    kind: Mapped[IpKind] = mapped_column(choice(IpKind))
    status: Mapped[IpStatus] = mapped_column(choice(IpStatus))
    number: Mapped[str] = mapped_column(String(40))


class ListingTitleKey(Base):
    """One of the smallest hashes of a title's letter triples: near-equal titles share some (see rules.texts)."""

    __tablename__ = "listing_title_keys"
    __table_args__ = (Index("ix_listing_title_keys_key", "key"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ListingDraft(Base):
    """What is being written: the form values as typed, by section.

    `version` grows with every save; `section_versions` tells for each section at which one it last changed ("version"), so
    that two people may work on different sections, and which open page saved it by itself ("tab"); `applied_version` is
    the one readers see.
    """

    __tablename__ = "listing_drafts"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)
    section_versions: Mapped[dict[str, dict[str, Any]]] = mapped_column(Json, default=dict)
    applied_version: Mapped[int | None]
    saved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    offered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    def is_newer(self, section: str, version: int, tab: str) -> bool:
        """Has somebody else saved this section since the writer saw `version`? What the writer's own open page `tab` saved
        by itself (its answer may still be on the way) is nobody else's."""
        last = self.section_versions.get(section, {})
        return bool(last.get("version", 0) > version and not (tab and tab == last.get("tab")))

    @property
    def has_changes(self) -> bool:
        """Is there something that readers do not see yet?"""
        return self.version != self.applied_version


class ListingRevision(Base):
    """The content of a listing as it stood after one change, for differences and restore."""

    __tablename__ = "listing_revisions"
    __table_args__ = (UniqueConstraint("listing_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    step: Mapped[str] = mapped_column(String(32))


class Attachment(Base):
    """A file beside a listing, for everybody or for verified organisations only.

    Which files are shown is part of the applied content; a file that only the draft names, or that an older revision
    named, stays here unshown.
    """

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    name: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text, default="")
    tier: Mapped[Audience] = mapped_column(choice(Audience))
    is_shown: Mapped[bool] = mapped_column(default=False)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
