"""First."""

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
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("key_result_id", sa.String(length=36), nullable=False),
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("value", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones_done", chassis.db.Json, nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("blockers", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("submitted_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("external_id", name=op.f("uq_check_ins_external_id")),
    )
    op.create_index(op.f("ix_check_ins_author_id"), "check_ins", ["author_id"], unique=False)
    op.create_index("ix_check_ins_history", "check_ins", ["key_result_id", "as_of", "submitted_at", "id"], unique=False)
    op.create_index("ix_check_ins_newest", "check_ins", ["as_of", "submitted_at", "id"], unique=False)
    op.create_index(op.f("ix_check_ins_objective_id"), "check_ins", ["objective_id"], unique=False)
    op.create_table(
        "cycle_copies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_copies")),
    )
    op.create_table(
        "due_notices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("key_result_ids", chassis.db.Json, nullable=False),
        sa.Column("told_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_notices")),
        sa.UniqueConstraint("person_id", "due_on", name=op.f("uq_due_notices_person_id")),
    )
    op.create_index(op.f("ix_due_notices_due_on"), "due_notices", ["due_on"], unique=False)
    op.create_table(
        "key_result_copies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("cycle_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("milestones", chassis.db.Json, nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("opened_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_result_copies")),
    )
    op.create_index(op.f("ix_key_result_copies_objective_id"), "key_result_copies", ["objective_id"], unique=False)
    op.create_index(op.f("ix_key_result_copies_open"), "key_result_copies", ["open"], unique=False)
    op.create_index(op.f("ix_key_result_copies_owner_id"), "key_result_copies", ["owner_id"], unique=False)
    op.create_table(
        "objective_copies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cycle_id", sa.String(length=36), nullable=False),
        sa.Column("owner_kind", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("co_owner_ids", chassis.db.Json, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objective_copies")),
    )
    op.create_index(op.f("ix_objective_copies_owner_id"), "objective_copies", ["owner_id"], unique=False)
    op.create_table(
        "check_in_revisions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("check_in_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("before", chassis.db.Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_by_kind", sa.String(length=10), nullable=False),
        sa.Column("changed_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_ins.id"], name=op.f("fk_check_in_revisions_check_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_revisions")),
        sa.UniqueConstraint("check_in_id", "version", name=op.f("uq_check_in_revisions_check_in_id")),
    )
