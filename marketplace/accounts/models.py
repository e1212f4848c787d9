"""People, organisations, memberships, invitations, sessions, and the record of tries to sign in.

What must never be untrue is a named constraint here; who may do what is policy.py.
"""

from __future__ import annotations

import datetime as dt

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.rules import OLD_ADDRESS_KEPT, needs_second_factor
from marketplace.accounts.states import OrgKind, OrgRole, OrgState
from marketplace.core.db import Base
from marketplace.core.files import StoredFile
from marketplace.core.types import Bilingual, UtcDateTime, bilingual, choice


class SiteRole(Base, RoleMixin):
    """A role on the whole site (admin, expert). Roles inside an organisation are memberships."""

    __tablename__ = "site_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    description: Mapped[str] = mapped_column(default="")
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))


class UserSiteRole(Base):
    """Who has which site role."""

    __tablename__ = "user_site_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("site_roles.id"), primary_key=True)


class User(Base, UserMixin):
    """A person. E-mail and telephone never stand on a public page: contact goes through the market."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(80), default="")
    language: Mapped[str] = mapped_column(String(2), default="zh")
    active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    wants_mail: Mapped[bool] = mapped_column(default=True)
    wants_personal_ranking: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    # The time step of the last accepted code: a code works once (ASVS 6.5.1).
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)  # type: ignore[assignment]
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    roles: Mapped[list[SiteRole]] = relationship(secondary="user_site_roles", lazy="selectin")  # type: ignore[assignment]
    webauthn: Mapped[list[Passkey]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan", passive_deletes=True, lazy="select"
    )

    def check_tf_required(self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool) -> tuple[bool, list[tuple[str, str]]]:
        """Flask-Security asks after the password: a site role needs the second factor, even before one is set up."""
        required, methods = super().check_tf_required(tf_setup_methods, tf_fresh)
        return required or self.check_tf_required_setup(), methods

    def check_tf_required_setup(self) -> bool:
        """Administrators and experts cannot do without a second factor; demonstration accounts (loopback only) can."""
        return needs_second_factor((role.name for role in self.roles), is_demo=self.is_demo)


class Passkey(Base, WebAuthnMixin):
    """A registered passkey (WebAuthn credential)."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    lastuse_datetime: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))

    user: Mapped[User] = relationship(back_populates="webauthn", lazy="raise_on_sql")

    def get_user_mapping(self) -> dict[str, int]:
        """How Flask-Security finds the user of a passkey."""
        return {"id": self.user_id}


class UserSession(Base):
    """One signed-in browser; revoking it ends it at its next request."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class LetterRequest(Base):
    """Somebody asked for a letter to an address (confirm, reset); the worker decides what is sent, if anything.

    The page does the same work for known and unknown addresses, so its answer and time tell nothing.
    """

    __tablename__ = "letter_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    next_path: Mapped[str] = mapped_column(String(2000), default="")
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class AddressChange(Base):
    """A person's wish to have another e-mail address. Nothing changes before the new box has confirmed it, and the old
    box may take it back for a while; then the row is forgotten.

    The links in both letters carry `key`, signed: without the signature it opens nothing.
    """

    __tablename__ = "address_changes"
    __table_args__ = (
        CheckConstraint("new_email <> old_email", name="another_address"),
        Index(
            "uq_address_changes_open",
            "user_id",
            unique=True,
            sqlite_where=text("confirmed_at IS NULL AND ended_at IS NULL"),
            postgresql_where=text("confirmed_at IS NULL AND ended_at IS NULL"),
        ),
        Index("ix_address_changes_user_id", "user_id"),
        Index("ix_address_changes_old_email", "old_email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32), unique=True)
    old_email: Mapped[str] = mapped_column(String(254))
    new_email: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    def is_open(self, now: dt.datetime) -> bool:
        """May the new box still confirm it?"""
        return self.confirmed_at is None and self.ended_at is None and now < self.expires_at

    def can_be_taken_back(self, now: dt.datetime) -> bool:
        """May the old box still undo it (or stop it)?"""
        return self.ended_at is None and now < (self.confirmed_at or self.asked_at) + OLD_ADDRESS_KEPT


class LoginAttempt(Base):
    """A try to sign in (or to prove or ask something) that did not succeed; account and address only as keyed hashes."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_account", "account_key", "at"),
        Index("ix_login_attempts_address", "address_key", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Organisation(Base):
    """A university, institute, enterprise, broker, facility operator or office that takes part in the market."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("promised_reply_days BETWEEN 1 AND 15", name="promised_reply_days"),
        CheckConstraint("state <> 'verified' OR verified_at IS NOT NULL", name="verified_has_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrgKind] = mapped_column(choice(OrgKind))
    name: Mapped[Bilingual] = bilingual("name")
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    city: Mapped[str] = mapped_column(String(6))
    about: Mapped[Bilingual] = bilingual("about")
    trade: Mapped[Bilingual] = bilingual("trade")
    website: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[OrgState] = mapped_column(choice(OrgState), default=OrgState.FORMAT_OK)
    promised_reply_days: Mapped[int] = mapped_column(default=3)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    verified_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version_id: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 - SQLAlchemy's own shape

    @property
    def is_verified(self) -> bool:
        return self.state == OrgState.VERIFIED


class OrganisationDocument(Base):
    """Proof that an organisation exists (licence, certificate), seen by administrators only."""

    __tablename__ = "organisation_documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    name: Mapped[str] = mapped_column(String(100))
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class Member(Base):
    """A person's place in an organisation. The last owner cannot leave."""

    __tablename__ = "members"
    __table_args__ = (UniqueConstraint("org_id", "user_id"), Index("ix_members_user_id", "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[OrgRole] = mapped_column(choice(OrgRole))
    joined_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")


class Invitation(Base):
    """An offer of membership sent by e-mail; the link works once, until it expires or is taken back."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="one_end"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    org_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[OrgRole] = mapped_column(choice(OrgRole))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    note: Mapped[str] = mapped_column(Text, default="")
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
