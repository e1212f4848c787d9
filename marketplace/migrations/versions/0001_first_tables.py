"""The tables of the first running version."""

import sqlalchemy as sa
from alembic import op

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None


# The audit record is append-only by the database's own word.
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END",
        "CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_entries_refuse() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()",
    ),
}


def upgrade():
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entries_hash")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_actor_id", ["actor_id"], unique=False)
        batch_op.create_index("ix_audit_entries_object", ["object_type", "object_id"], unique=False)

    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("ck_calendar_days_kind")),
        sa.CheckConstraint("status IN ('documented', 'provisional')", name=op.f("ck_calendar_days_status")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "letter_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("next_path", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_requests")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_key", sa.String(length=64), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_login_attempts_account", ["account_key", "at"], unique=False)
        batch_op.create_index("ix_login_attempts_address", ["address_key", "at"], unique=False)

    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "university",
                "institute",
                "enterprise",
                "broker",
                "facility",
                "city_office",
                "provincial_office",
                name="orgkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.Column("about_zh", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("trade_zh", sa.Text(), nullable=False),
        sa.Column("trade_en", sa.Text(), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "format_ok", "document_seen", "verified", name="orgstate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("promised_reply_days", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'verified' OR verified_at IS NOT NULL", name=op.f("ck_organisations_verified_has_date")),
        sa.CheckConstraint("promised_reply_days BETWEEN 1 AND 15", name=op.f("ck_organisations_promised_reply_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisations_uscc")),
    )
    op.create_table(
        "outbox_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    op.create_table(
        "outgoing_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("unsubscribe_url", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mails")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "site_roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("permissions", sa.UnicodeText(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_site_roles_name")),
    )
    op.create_table(
        "stored_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_files_sha256")),
    )
    op.create_table(
        "taxonomy_versions",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('working', 'official')", name=op.f("ck_taxonomy_versions_status")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_taxonomy_versions")),
    )
    with op.batch_alter_table("taxonomy_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_taxonomy_versions_current",
            ["is_current"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "transitions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=False),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitions")),
    )
    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.create_index("ix_transitions_object", ["object_type", "object_id", "id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("wants_personal_ranking", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_last_counter", sa.Integer(), nullable=True),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_users_fs_webauthn_user_handle")),
    )
    op.create_table(
        "chains",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["taxonomy_versions.code"], name=op.f("fk_chains_version_taxonomy_versions")),
        sa.PrimaryKeyConstraint("version", "code", name=op.f("pk_chains")),
    )
    op.create_table(
        "cities",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("former_codes", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["taxonomy_versions.code"], name=op.f("fk_cities_version_taxonomy_versions")),
        sa.PrimaryKeyConstraint("version", "code", name=op.f("pk_cities")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "editor", "viewer", name="orgrole", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name=op.f("ck_invitations_one_end")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by_users")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_invitations_org_id_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_org_id"), ["org_id"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("handler", sa.String(length=96), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["outbox_events.id"], name=op.f("fk_jobs_event_id_outbox_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_due", ["state", "run_after", "id"], unique=False)

    op.create_table(
        "listings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("achievement", "need", name="listingkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "published",
                "fading",
                "expired",
                "withdrawn",
                name="listingstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum("public", "verified", name="audience", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("summary_zh", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("description_zh", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("verified_detail_zh", sa.Text(), nullable=False),
        sa.Column("verified_detail_en", sa.Text(), nullable=False),
        sa.Column("taxonomy_version", sa.String(length=16), nullable=False),
        sa.Column("city", sa.String(length=6), nullable=False),
        sa.Column("keywords_zh", sa.JSON(), nullable=False),
        sa.Column("keywords_en", sa.JSON(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("maturity", sa.Integer(), nullable=True),
        sa.Column("money_min", sa.BigInteger(), nullable=True),
        sa.Column("money_max", sa.BigInteger(), nullable=True),
        sa.Column("quality", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("faded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'fading') = (faded_at IS NOT NULL)", name=op.f("ck_listings_fading_is_dated")),
        sa.CheckConstraint(
            "state NOT IN ('published', 'fading') OR (published_at IS NOT NULL AND confirmed_at IS NOT NULL)",
            name=op.f("ck_listings_on_show_is_dated"),
        ),
        sa.CheckConstraint("maturity IS NULL OR maturity BETWEEN 1 AND 9", name=op.f("ck_listings_maturity")),
        sa.CheckConstraint(
            "money_min IS NULL OR money_max IS NULL OR money_min <= money_max", name=op.f("ck_listings_money_order")
        ),
        sa.CheckConstraint("money_min IS NULL OR money_min >= 0", name=op.f("ck_listings_money_positive")),
        sa.CheckConstraint("quality BETWEEN 0 AND 100", name=op.f("ck_listings_quality")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_listings_created_by_users")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_listings_org_id_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
    )
    with op.batch_alter_table("listings", schema=None) as batch_op:
        batch_op.create_index("ix_listings_kind_state", ["kind", "state", "published_at"], unique=False)
        batch_op.create_index("ix_listings_org_state", ["org_id", "state"], unique=False)
        batch_op.create_index("ix_listings_state_confirmed", ["state", "confirmed_at"], unique=False)
        batch_op.create_index("ix_listings_state_published", ["state", "published_at"], unique=False)

    op.create_table(
        "mail_switches",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_switches_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_mail_switches")),
    )
    op.create_table(
        "match_weights",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_match_weights_created_by_users")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_match_weights")),
    )
    op.create_table(
        "maturity_levels",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("evidence_zh", sa.Text(), nullable=False),
        sa.Column("evidence_en", sa.Text(), nullable=False),
        sa.CheckConstraint("stage IN ('early', 'middle', 'mature')", name=op.f("ck_maturity_levels_stage")),
        sa.CheckConstraint("level BETWEEN 1 AND 9", name=op.f("ck_maturity_levels_level")),
        sa.ForeignKeyConstraint(
            ["version"], ["taxonomy_versions.code"], name=op.f("fk_maturity_levels_version_taxonomy_versions")
        ),
        sa.PrimaryKeyConstraint("version", "level", name=op.f("pk_maturity_levels")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "editor", "viewer", name="orgrole", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_members_org_id_organisations")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("org_id", "user_id", name=op.f("uq_members_org_id_user_id")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index("ix_members_user_id", ["user_id"], unique=False)

    op.create_table(
        "notifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("is_for_admins", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("endpoint", sa.String(length=80), nullable=False),
        sa.Column("endpoint_args", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("user_id", "event_id", name=op.f("uq_notifications_user_id_event_id")),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index("ix_notifications_user_id_at", ["user_id", "at"], unique=False)
        batch_op.create_index("ix_notifications_user_id_read_at", ["user_id", "read_at"], unique=False)
        batch_op.create_index("ix_notifications_user_id_subject", ["user_id", "subject"], unique=False)

    op.create_table(
        "org_blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("blocked_org_id", sa.Integer(), nullable=False),
        sa.Column("blocked_by", sa.Integer(), nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("org_id <> blocked_org_id", name=op.f("ck_org_blocks_two_sides")),
        sa.ForeignKeyConstraint(["blocked_by"], ["users.id"], name=op.f("fk_org_blocks_blocked_by_users")),
        sa.ForeignKeyConstraint(
            ["blocked_org_id"], ["organisations.id"], name=op.f("fk_org_blocks_blocked_org_id_organisations")
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_org_blocks_org_id_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_blocks")),
        sa.UniqueConstraint("org_id", "blocked_org_id", name=op.f("uq_org_blocks_org_id_blocked_org_id")),
    )
    op.create_table(
        "organisation_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_organisation_documents_file_id_stored_files")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_organisation_documents_org_id_organisations")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_organisation_documents_uploaded_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_documents")),
    )
    with op.batch_alter_table("organisation_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_documents_org_id"), ["org_id"], unique=False)

    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.UnicodeText(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.String(length=255), nullable=True),
        sa.Column("create_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passkeys_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index("ix_user_sessions_user_id", ["user_id"], unique=False)

    op.create_table(
        "user_site_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["site_roles.id"], name=op.f("fk_user_site_roles_role_id_site_roles")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_site_roles_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_site_roles")),
    )
    op.create_table(
        "achievements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            sa.Enum("applied", "basic", "soft", name="achievementclass", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "nature",
            sa.Enum("original", "absorbed", "redeveloped", name="nature", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "form",
            sa.Enum(
                "product",
                "process",
                "equipment",
                "material",
                "variety",
                "software",
                "standard",
                name="form",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "international_leading",
                "international_advanced",
                "national_leading",
                "national_advanced",
                "not_evaluated",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum("early", "middle", "mature", name="stage", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("registration_number", sa.String(length=12), nullable=False),
        sa.Column("application_zh", sa.Text(), nullable=False),
        sa.Column("application_en", sa.Text(), nullable=False),
        sa.Column("maturity_evidence_zh", sa.Text(), nullable=False),
        sa.Column("maturity_evidence_en", sa.Text(), nullable=False),
        sa.Column(
            "maturity_confirmed_by",
            sa.Enum("self", "unit", "expert", name="confirmedby", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("benefits", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column(
            "first_kind",
            sa.Enum("set", "batch", "version", name="firstkind", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("started_month", sa.String(length=7), nullable=False),
        sa.Column("finished_month", sa.String(length=7), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["listings.id"], name=op.f("fk_achievements_id_listings"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievements")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "tier",
            sa.Enum("public", "verified", name="audience", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_attachments_file_id_stored_files")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_attachments_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_attachments_uploaded_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_listing_id"), ["listing_id"], unique=False)

    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column(
            "listing_kind",
            sa.Enum("achievement", "need", name="listingkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("listing_title_zh", sa.Text(), nullable=False),
        sa.Column("listing_title_en", sa.Text(), nullable=False),
        sa.Column("from_org_id", sa.Integer(), nullable=False),
        sa.Column("from_user_id", sa.Integer(), nullable=False),
        sa.Column("to_org_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "licence_or_transfer",
                "cooperation",
                "trial",
                "more_information",
                "other",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "answered", "closed", name="enquirystate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("hides_owner", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "closed_side",
            sa.Enum("enquirer", "owner", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "agreed",
                "continues_elsewhere",
                "too_early",
                "benefit_unclear",
                "does_not_fit",
                "price",
                "not_available",
                "no_longer_needed",
                "other",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND outcome IS NOT NULL AND closed_side IS NOT NULL)",
            name=op.f("ck_enquiries_closed_is_explained"),
        ),
        sa.CheckConstraint("state <> 'answered' OR first_reply_at IS NOT NULL", name=op.f("ck_enquiries_answered_has_reply")),
        sa.CheckConstraint("due_at > sent_at", name=op.f("ck_enquiries_due_after_sent")),
        sa.CheckConstraint("first_reply_at IS NULL OR reacted_at IS NOT NULL", name=op.f("ck_enquiries_reply_is_reaction")),
        sa.CheckConstraint("from_org_id <> to_org_id", name=op.f("ck_enquiries_two_sides")),
        sa.ForeignKeyConstraint(["from_org_id"], ["organisations.id"], name=op.f("fk_enquiries_from_org_id_organisations")),
        sa.ForeignKeyConstraint(["from_user_id"], ["users.id"], name=op.f("fk_enquiries_from_user_id_users")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_enquiries_listing_id_listings")),
        sa.ForeignKeyConstraint(["to_org_id"], ["organisations.id"], name=op.f("fk_enquiries_to_org_id_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
    )
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.create_index("ix_enquiries_from_org_id", ["from_org_id", "state", "last_message_at"], unique=False)
        batch_op.create_index("ix_enquiries_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_enquiries_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_enquiries_to_org_id", ["to_org_id", "state", "last_message_at"], unique=False)
        batch_op.create_index("uq_enquiries_form_token", ["form_token"], unique=True)

    op.create_table(
        "listing_drafts",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("section_versions", sa.JSON(), nullable=False),
        sa.Column("applied_version", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_drafts_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["offered_by"], ["users.id"], name=op.f("fk_listing_drafts_offered_by_users")),
        sa.ForeignKeyConstraint(["saved_by"], ["users.id"], name=op.f("fk_listing_drafts_saved_by_users")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_listing_drafts")),
    )
    op.create_table(
        "listing_fields",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_fields_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "position", name=op.f("pk_listing_fields")),
        sa.UniqueConstraint("listing_id", "code", name=op.f("uq_listing_fields_listing_id_code")),
    )
    with op.batch_alter_table("listing_fields", schema=None) as batch_op:
        batch_op.create_index("ix_listing_fields_code", ["code"], unique=False)

    op.create_table(
        "listing_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_listing_revisions_actor_id_users")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_revisions_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_revisions")),
        sa.UniqueConstraint("listing_id", "number", name=op.f("uq_listing_revisions_listing_id_number")),
    )
    op.create_table(
        "listing_title_keys",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_title_keys_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "key", name=op.f("pk_listing_title_keys")),
    )
    with op.batch_alter_table("listing_title_keys", schema=None) as batch_op:
        batch_op.create_index("ix_listing_title_keys_key", ["key"], unique=False)

    op.create_table(
        "needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tried_zh", sa.Text(), nullable=False),
        sa.Column("tried_en", sa.Text(), nullable=False),
        sa.Column("site_zh", sa.Text(), nullable=False),
        sa.Column("site_en", sa.Text(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["listings.id"], name=op.f("fk_needs_id_listings"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
    )
    op.create_table(
        "strategic_fields",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("chain_code", sa.String(length=8), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version", "chain_code"], ["chains.version", "chains.code"], name=op.f("fk_strategic_fields_version_chains")
        ),
        sa.PrimaryKeyConstraint("version", "code", name=op.f("pk_strategic_fields")),
    )
    op.create_table(
        "enquiry_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("enquirer", "owner", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_enquiry_messages_author_id_users")),
        sa.ForeignKeyConstraint(["enquiry_id"], ["enquiries.id"], name=op.f("fk_enquiry_messages_enquiry_id_enquiries")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_enquiry_messages_org_id_organisations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_messages")),
    )
    with op.batch_alter_table("enquiry_messages", schema=None) as batch_op:
        batch_op.create_index("ix_enquiry_messages_enquiry_id", ["enquiry_id", "id"], unique=False)
        batch_op.create_index("uq_enquiry_messages_form_token", ["form_token"], unique=True)

    op.create_table(
        "ip_rights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invention",
                "utility",
                "design",
                "software",
                "variety",
                "layout",
                name="ipkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("granted", "pending", name="ipstatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["achievements.id"], name=op.f("fk_ip_rights_listing_id_achievements"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ip_rights")),
    )
    with op.batch_alter_table("ip_rights", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ip_rights_listing_id"), ["listing_id"], unique=False)
        batch_op.create_index("ix_ip_rights_number", ["number"], unique=False)

    op.create_table(
        "match_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("achievement_id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum("relevant", "not_relevant", name="verdict", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "field",
                "maturity",
                "price",
                "place",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("weights_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'relevant') = (reason IS NULL)", name=op.f("ck_match_feedback_reason_only_when_not_relevant")
        ),
        sa.ForeignKeyConstraint(
            ["achievement_id"],
            ["achievements.id"],
            name=op.f("fk_match_feedback_achievement_id_achievements"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_match_feedback_need_id_needs"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_match_feedback_org_id_organisations")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_match_feedback_user_id_users"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_feedback")),
        sa.UniqueConstraint("need_id", "achievement_id", "org_id", name=op.f("uq_match_feedback_need_id_achievement_id_org_id")),
    )
    with op.batch_alter_table("match_feedback", schema=None) as batch_op:
        batch_op.create_index("ix_match_feedback_achievement_id", ["achievement_id"], unique=False)

    op.create_table(
        "match_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("achievement_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("weights_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievements.id"], name=op.f("fk_match_notices_achievement_id_achievements"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_match_notices_need_id_needs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_notices")),
        sa.UniqueConstraint("need_id", "achievement_id", name=op.f("uq_match_notices_need_id_achievement_id")),
    )
    with op.batch_alter_table("match_notices", schema=None) as batch_op:
        batch_op.create_index("ix_match_notices_achievement_id", ["achievement_id", "at"], unique=False)
        batch_op.create_index("ix_match_notices_need_id", ["need_id", "at"], unique=False)

    op.create_table(
        "enquiry_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_enquiry_files_file_id_stored_files")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["enquiry_messages.id"], name=op.f("fk_enquiry_files_message_id_enquiry_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_files")),
    )
    with op.batch_alter_table("enquiry_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_files_message_id"), ["message_id"], unique=False)

    op.create_table(
        "enquiry_reads",
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("enquirer", "owner", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enquiry_id"], ["enquiries.id"], name=op.f("fk_enquiry_reads_enquiry_id_enquiries")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["enquiry_messages.id"], name=op.f("fk_enquiry_reads_message_id_enquiry_messages")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_enquiry_reads_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("enquiry_id", "user_id", name=op.f("pk_enquiry_reads")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("listing", "enquiry", "message", name="reportedkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("listing_id", sa.Integer(), nullable=True),
        sa.Column("enquiry_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "spam",
                "misleading",
                "offensive",
                "infringement",
                "confidential",
                "other",
                name="reportreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "resolved", name="reportstate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "resolution",
            sa.Enum("no_breach", "warned", "removed", name="resolution", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("resolution_note", sa.Text(), nullable=False),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'listing' AND listing_id IS NOT NULL AND enquiry_id IS NULL AND message_id IS NULL) OR (kind = 'enquiry' AND enquiry_id IS NOT NULL AND listing_id IS NULL AND message_id IS NULL) OR (kind = 'message' AND enquiry_id IS NOT NULL AND message_id IS NOT NULL AND listing_id IS NULL)",
            name=op.f("ck_reports_names_one_thing"),
        ),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL AND resolution IS NOT NULL)",
            name=op.f("ck_reports_resolved_is_explained"),
        ),
        sa.ForeignKeyConstraint(["enquiry_id"], ["enquiries.id"], name=op.f("fk_reports_enquiry_id_enquiries")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_reports_listing_id_listings")),
        sa.ForeignKeyConstraint(["message_id"], ["enquiry_messages.id"], name=op.f("fk_reports_message_id_enquiry_messages")),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name=op.f("fk_reports_reporter_id_users")),
        sa.ForeignKeyConstraint(["resolved_by"], ["users.id"], name=op.f("fk_reports_resolved_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index("ix_reports_reporter_id", ["reporter_id", "at"], unique=False)
        batch_op.create_index("ix_reports_state_at", ["state", "at"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(sa.DDL(statement))


def downgrade():
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index("ix_reports_state_at")
        batch_op.drop_index("ix_reports_reporter_id")

    op.drop_table("reports")
    op.drop_table("enquiry_reads")
    with op.batch_alter_table("enquiry_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enquiry_files_message_id"))

    op.drop_table("enquiry_files")
    with op.batch_alter_table("match_notices", schema=None) as batch_op:
        batch_op.drop_index("ix_match_notices_need_id")
        batch_op.drop_index("ix_match_notices_achievement_id")

    op.drop_table("match_notices")
    with op.batch_alter_table("match_feedback", schema=None) as batch_op:
        batch_op.drop_index("ix_match_feedback_achievement_id")

    op.drop_table("match_feedback")
    with op.batch_alter_table("ip_rights", schema=None) as batch_op:
        batch_op.drop_index("ix_ip_rights_number")
        batch_op.drop_index(batch_op.f("ix_ip_rights_listing_id"))

    op.drop_table("ip_rights")
    with op.batch_alter_table("enquiry_messages", schema=None) as batch_op:
        batch_op.drop_index("uq_enquiry_messages_form_token")
        batch_op.drop_index("ix_enquiry_messages_enquiry_id")

    op.drop_table("enquiry_messages")
    op.drop_table("strategic_fields")
    op.drop_table("needs")
    with op.batch_alter_table("listing_title_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_listing_title_keys_key")

    op.drop_table("listing_title_keys")
    op.drop_table("listing_revisions")
    with op.batch_alter_table("listing_fields", schema=None) as batch_op:
        batch_op.drop_index("ix_listing_fields_code")

    op.drop_table("listing_fields")
    op.drop_table("listing_drafts")
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_index("uq_enquiries_form_token")
        batch_op.drop_index("ix_enquiries_to_org_id")
        batch_op.drop_index("ix_enquiries_state_due_at")
        batch_op.drop_index("ix_enquiries_listing_id")
        batch_op.drop_index("ix_enquiries_from_org_id")

    op.drop_table("enquiries")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachments_listing_id"))

    op.drop_table("attachments")
    op.drop_table("achievements")
    op.drop_table("user_site_roles")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index("ix_user_sessions_user_id")

    op.drop_table("user_sessions")
    op.drop_table("passkeys")
    with op.batch_alter_table("organisation_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_documents_org_id"))

    op.drop_table("organisation_documents")
    op.drop_table("org_blocks")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index("ix_notifications_user_id_subject")
        batch_op.drop_index("ix_notifications_user_id_read_at")
        batch_op.drop_index("ix_notifications_user_id_at")

    op.drop_table("notifications")
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_index("ix_members_user_id")

    op.drop_table("members")
    op.drop_table("maturity_levels")
    op.drop_table("match_weights")
    op.drop_table("mail_switches")
    with op.batch_alter_table("listings", schema=None) as batch_op:
        batch_op.drop_index("ix_listings_state_published")
        batch_op.drop_index("ix_listings_state_confirmed")
        batch_op.drop_index("ix_listings_org_state")
        batch_op.drop_index("ix_listings_kind_state")

    op.drop_table("listings")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_due")

    op.drop_table("jobs")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_org_id"))

    op.drop_table("invitations")
    op.drop_table("cities")
    op.drop_table("chains")
    op.drop_table("users")
    with op.batch_alter_table("transitions", schema=None) as batch_op:
        batch_op.drop_index("ix_transitions_object")

    op.drop_table("transitions")
    with op.batch_alter_table("taxonomy_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_taxonomy_versions_current", sqlite_where=sa.text("is_current"), postgresql_where=sa.text("is_current")
        )

    op.drop_table("taxonomy_versions")
    op.drop_table("stored_files")
    op.drop_table("site_roles")
    op.drop_table("settings")
    op.drop_table("outgoing_mails")
    op.drop_table("outbox_events")
    op.drop_table("organisations")
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_login_attempts_address")
        batch_op.drop_index("ix_login_attempts_account")

    op.drop_table("login_attempts")
    op.drop_table("letter_requests")
    op.drop_table("calendar_days")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_object")
        batch_op.drop_index("ix_audit_entries_actor_id")

    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS audit_entries_refuse()")
