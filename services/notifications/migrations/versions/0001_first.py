"""First."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("rejections", sa.Integer(), nullable=False),
        sa.Column("suppressed_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_addresses")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("claimed_until", chassis.db.Moment(timezone=True), nullable=True),
        sa.Column("created_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("sent_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("cause", "person_id", "channel", name=op.f("uq_deliveries_cause")),
    )
    op.create_index(op.f("ix_deliveries_notification_id"), "deliveries", ["notification_id"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("cause_event_id", sa.String(length=36), nullable=False),
        sa.Column("named_id", sa.String(length=36), nullable=True),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("happened_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("raised_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("read_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("cause", "person_id", name=op.f("uq_notifications_cause")),
    )
    op.create_index("ix_notifications_inbox", "notifications", ["person_id", "raised_at", "id"], unique=False)
    op.create_index(
        "ix_notifications_unnamed",
        "notifications",
        ["named_id"],
        unique=False,
        postgresql_where=sa.text("unnamed"),
        sqlite_where=sa.text("unnamed"),
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "preferences",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("email_kinds", chassis.db.Json, nullable=False),
        sa.Column("unsubscribe_key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_preferences")),
        sa.UniqueConstraint("unsubscribe_key", name=op.f("uq_preferences_unsubscribe_key")),
    )
