"""The read model, tokens and service accounts."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "check_ins",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("key_result_id", sa.String(length=36), nullable=False),
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("value", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones_done", chassis.db.Json, nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("blockers", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("submitted_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
    )
    op.create_index(op.f("ix_check_ins_author_id"), "check_ins", ["author_id"], unique=False)
    op.create_index(
        "ix_check_ins_history", "check_ins", ["key_result_id", "withdrawn", "as_of", "submitted_at", "id"], unique=False
    )
    op.create_index("ix_check_ins_submitted_at", "check_ins", ["submitted_at", "id"], unique=False)
    op.create_table(
        "cycles",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycles")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("giver_id", sa.String(length=36), nullable=False),
        sa.Column("recipient_id", sa.String(length=36), nullable=False),
        sa.Column("manager_id", sa.String(length=36), nullable=True),
        sa.Column("about_kind", sa.String(length=40), nullable=True),
        sa.Column("about_id", sa.String(length=36), nullable=True),
        sa.Column("text", sa.Text(), nullable=True, comment="only where the visibility is public"),
        sa.Column("given_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_given_at", "feedback", ["given_at", "id"], unique=False)
    op.create_index("ix_feedback_recipient", "feedback", ["recipient_id", "given_at", "id"], unique=False)
    op.create_table(
        "freshness",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column(
            "newest", chassis.db.Moment(timezone=True), nullable=False, comment="time of the newest event applied"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freshness")),
    )
    op.create_table(
        "key_results",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("cycle_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=40), nullable=True),
        sa.Column("start", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("target", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("lower", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("upper", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones", chassis.db.Json, nullable=False),
        sa.Column("weight", chassis.db.Exact(precision=30, scale=9), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("value", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones_done", chassis.db.Json, nullable=False),
        sa.Column("progress_raw", sa.Double(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column(
            "opened_at",
            chassis.db.Moment(timezone=True),
            nullable=True,
            comment="when check-ins were first taken; never null while open",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_results")),
    )
    op.create_index(op.f("ix_key_results_cycle_id"), "key_results", ["cycle_id"], unique=False)
    op.create_index(op.f("ix_key_results_objective_id"), "key_results", ["objective_id"], unique=False)
    op.create_index(op.f("ix_key_results_owner_id"), "key_results", ["owner_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("raised_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("read_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["person_id", "raised_at"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "objective_links",
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=False),
        sa.Column("parent_kind", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("weight", chassis.db.Exact(precision=30, scale=9), nullable=False),
        sa.PrimaryKeyConstraint("objective_id", "parent_id", name=op.f("pk_objective_links")),
    )
    op.create_index(op.f("ix_objective_links_parent_id"), "objective_links", ["parent_id"], unique=False)
    op.create_table(
        "objective_owners",
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False, comment="owner or co_owner"),
        sa.PrimaryKeyConstraint("objective_id", "owner_id", name=op.f("pk_objective_owners")),
    )
    op.create_index(op.f("ix_objective_owners_owner_id"), "objective_owners", ["owner_id"], unique=False)
    op.create_table(
        "objectives",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("cycle_id", sa.String(length=36), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("progress", sa.Double(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.Double(), nullable=True),
        sa.Column("grade_note", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            chassis.db.Moment(timezone=True),
            nullable=True,
            comment="told by the id; null where the id does not say",
        ),
        sa.Column("closed_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objectives")),
    )
    op.create_index("ix_objectives_closed_at", "objectives", ["closed_at", "id"], unique=False)
    op.create_index("ix_objectives_created_at", "objectives", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_objectives_cycle_id"), "objectives", ["cycle_id"], unique=False)
    op.create_index(op.f("ix_objectives_owner_id"), "objectives", ["owner_id"], unique=False)
    op.create_table(
        "search_entries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False, comment="person, team, objective or key_result"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False, comment="the title without case and accents"),
        sa.Column("words", sa.Text(), nullable=False, comment="all that is searched, folded"),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
    )
    op.create_table(
        "service_accounts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("roles", chassis.db.Json, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_service_accounts_name")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("lookup", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("scopes", chassis.db.Json, nullable=False),
        sa.Column("created_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("revoked_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.Column("last_used_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["service_accounts.id"], name=op.f("fk_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("lookup", name=op.f("uq_tokens_lookup")),
    )
    op.create_index(op.f("ix_tokens_account_id"), "tokens", ["account_id"], unique=False)
    op.create_index(op.f("ix_tokens_person_id"), "tokens", ["person_id"], unique=False)
