"""Enquiries, their messages with attachments and read marks, blocked organisations, and reports to the administrators."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organisation, User
from marketplace.core.db import Base
from marketplace.core.files import StoredFile
from marketplace.core.types import Bilingual, UtcDateTime, bilingual, choice
from marketplace.deals.states import (
    EnquiryState,
    Outcome,
    Purpose,
    ReportedKind,
    ReportReason,
    ReportState,
    Resolution,
    Side,
)
from marketplace.listings.states import ListingKind


class Enquiry(Base):
    """One organisation asks another about a listing. The listing's title is kept as it was read then.

    `hides_owner`: the need was anonymous when the enquiry was sent, so the enquirer's side must not learn who owns it
    before the owner's side has written.
    """

    __tablename__ = "enquiries"
    __table_args__ = (
        CheckConstraint("from_org_id <> to_org_id", name="two_sides"),
        CheckConstraint("due_at > sent_at", name="due_after_sent"),
        CheckConstraint("state <> 'answered' OR first_reply_at IS NOT NULL", name="answered_has_reply"),
        CheckConstraint("first_reply_at IS NULL OR reacted_at IS NOT NULL", name="reply_is_reaction"),
        CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND outcome IS NOT NULL AND closed_side IS NOT NULL)",
            name="closed_is_explained",
        ),
        # An index and not a constraint: one page view makes one enquiry, however often its button is pressed.
        Index("uq_enquiries_form_token", "form_token", unique=True),
        Index("ix_enquiries_from_org_id", "from_org_id", "state", "last_message_at"),
        Index("ix_enquiries_to_org_id", "to_org_id", "state", "last_message_at"),
        Index("ix_enquiries_state_due_at", "state", "due_at"),
        Index("ix_enquiries_listing_id", "listing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id"))
    listing_kind: Mapped[ListingKind] = mapped_column(choice(ListingKind))
    listing_title: Mapped[Bilingual] = bilingual("listing_title")
    from_org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    from_user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    to_org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    state: Mapped[EnquiryState] = mapped_column(choice(EnquiryState), default=EnquiryState.OPEN)
    hides_owner: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    first_reply_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    # The first reply, or the owner's side closing with a reason, whichever came first; never taken back.
    reacted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_message_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    overdue_noted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    closed_side: Mapped[Side | None] = mapped_column(choice(Side))
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    form_token: Mapped[str] = mapped_column(String(64))
    version_id: Mapped[int] = mapped_column(nullable=False)

    from_org: Mapped[Organisation] = relationship(foreign_keys=[from_org_id], lazy="raise_on_sql")
    to_org: Mapped[Organisation] = relationship(foreign_keys=[to_org_id], lazy="raise_on_sql")
    messages: Mapped[list[Message]] = relationship(lazy="raise_on_sql", order_by="Message.id", back_populates="enquiry")

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - SQLAlchemy's own shape

    @property
    def owner_is_hidden(self) -> bool:
        """Must the enquirer's side still not learn who the owner is?"""
        return self.hides_owner and self.first_reply_at is None


class Message(Base):
    """One message of a thread, plain text. Its token makes a double click one message."""

    __tablename__ = "enquiry_messages"
    __table_args__ = (
        Index("uq_enquiry_messages_form_token", "form_token", unique=True),
        Index("ix_enquiry_messages_enquiry_id", "enquiry_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id"))
    side: Mapped[Side] = mapped_column(choice(Side))
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    form_token: Mapped[str] = mapped_column(String(64))

    enquiry: Mapped[Enquiry] = relationship(lazy="raise_on_sql", back_populates="messages")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    files: Mapped[list[MessageFile]] = relationship(lazy="raise_on_sql", order_by="MessageFile.id", back_populates="message")


class MessageFile(Base):
    """A file sent with a message; only the two sides may fetch it."""

    __tablename__ = "enquiry_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("enquiry_messages.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    name: Mapped[str] = mapped_column(String(100))

    message: Mapped[Message] = relationship(lazy="raise_on_sql", back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class ReadMark(Base):
    """How far one person has read one thread, and since when."""

    __tablename__ = "enquiry_reads"

    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    side: Mapped[Side] = mapped_column(choice(Side))
    message_id: Mapped[int] = mapped_column(ForeignKey("enquiry_messages.id"))
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class OrgBlock(Base):
    """`org` takes neither enquiries nor messages from `blocked_org`."""

    __tablename__ = "org_blocks"
    __table_args__ = (
        UniqueConstraint("org_id", "blocked_org_id"),
        CheckConstraint("org_id <> blocked_org_id", name="two_sides"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    blocked_org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    blocked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    blocked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    blocked_org: Mapped[Organisation] = relationship(foreign_keys=[blocked_org_id], lazy="raise_on_sql")


class Report(Base):
    """Somebody tells the administrators that a listing, an enquiry or a message breaks the rules."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'listing' AND listing_id IS NOT NULL AND enquiry_id IS NULL AND message_id IS NULL)"
            " OR (kind = 'enquiry' AND enquiry_id IS NOT NULL AND listing_id IS NULL AND message_id IS NULL)"
            " OR (kind = 'message' AND enquiry_id IS NOT NULL AND message_id IS NOT NULL AND listing_id IS NULL)",
            name="names_one_thing",
        ),
        CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL AND resolution IS NOT NULL)", name="resolved_is_explained"
        ),
        Index("ix_reports_state_at", "state", "at"),
        Index("ix_reports_reporter_id", "reporter_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ReportedKind] = mapped_column(choice(ReportedKind))
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id"))
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiries.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("enquiry_messages.id"))
    # The title of the listing concerned, so that the queue needs no look into other people's threads.
    title: Mapped[Bilingual] = bilingual("title")
    reason: Mapped[ReportReason] = mapped_column(choice(ReportReason))
    note: Mapped[str] = mapped_column(Text, default="")
    reporter_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    state: Mapped[ReportState] = mapped_column(choice(ReportState), default=ReportState.OPEN)
    resolution: Mapped[Resolution | None] = mapped_column(choice(Resolution))
    resolution_note: Mapped[str] = mapped_column(Text, default="")
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    resolved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    reporter: Mapped[User] = relationship(foreign_keys=[reporter_id], lazy="raise_on_sql")
