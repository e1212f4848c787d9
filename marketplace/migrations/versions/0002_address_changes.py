"""Changes of an e-mail address, kept until nobody can confirm or take them back."""

import sqlalchemy as sa
from alembic import op

revision = "0002_address_changes"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None

OPEN = "confirmed_at IS NULL AND ended_at IS NULL"


def upgrade():
    op.create_table(
        "address_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("old_email", sa.String(length=254), nullable=False),
        sa.Column("new_email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("new_email <> old_email", name=op.f("ck_address_changes_another_address")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_address_changes_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sa.UniqueConstraint("key", name=op.f("uq_address_changes_key")),
    )
    with op.batch_alter_table("address_changes", schema=None) as batch_op:
        batch_op.create_index("ix_address_changes_old_email", ["old_email"], unique=False)
        batch_op.create_index("ix_address_changes_user_id", ["user_id"], unique=False)
        batch_op.create_index(
            "uq_address_changes_open",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text(OPEN),
            postgresql_where=sa.text(OPEN),
        )


def downgrade():
    op.drop_table("address_changes")
