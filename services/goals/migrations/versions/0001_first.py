"""First."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "cycles",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycles")),
        sa.UniqueConstraint("external_id", name=op.f("uq_cycles_external_id")),
    )
    op.create_table(
        "readings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_result_id", sa.String(length=36), nullable=False),
        sa.Column("value", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones_done", chassis.db.Json, nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("submitted_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
    )
    op.create_index("ix_readings_latest", "readings", ["key_result_id", "as_of", "submitted_at", "id"], unique=False)
    op.create_table(
        "objectives",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("cycle_id", sa.String(length=36), nullable=False),
        sa.Column("owner_kind", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("co_owner_ids", chassis.db.Json, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("suggested_grade", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("grade", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("grade_note", sa.Text(), nullable=True),
        sa.Column("closed_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.Column("explained", chassis.db.Json, nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_objectives_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objectives")),
        sa.UniqueConstraint("external_id", name=op.f("uq_objectives_external_id")),
    )
    op.create_index(op.f("ix_objectives_cycle_id"), "objectives", ["cycle_id"], unique=False)
    op.create_index(op.f("ix_objectives_owner_id"), "objectives", ["owner_id"], unique=False)
    op.create_table(
        "key_results",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("objective_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("metric", sa.String(length=12), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("start", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("target", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("lower", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("upper", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones", chassis.db.Json, nullable=False),
        sa.Column("weight", chassis.db.Exact(precision=30, scale=9), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("value", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("milestones_done", chassis.db.Json, nullable=False),
        sa.Column("progress_raw", sa.Float(), nullable=True),
        sa.Column("progress", chassis.db.Exact(precision=30, scale=9), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("opened_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["objective_id"], ["objectives.id"], name=op.f("fk_key_results_objective_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_results")),
        sa.UniqueConstraint("external_id", name=op.f("uq_key_results_external_id")),
    )
    op.create_index(op.f("ix_key_results_objective_id"), "key_results", ["objective_id"], unique=False)
    op.create_index(op.f("ix_key_results_owner_id"), "key_results", ["owner_id"], unique=False)
    op.create_table(
        "objective_links",
        sa.Column("child_id", sa.String(length=36), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=False),
        sa.Column("parent_kind", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("weight", chassis.db.Exact(precision=30, scale=9), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["objectives.id"], name=op.f("fk_objective_links_child_id")),
        sa.PrimaryKeyConstraint("child_id", "parent_id", name=op.f("pk_objective_links")),
    )
    op.create_index(op.f("ix_objective_links_parent_id"), "objective_links", ["parent_id"], unique=False)
    op.create_table(
        "rebaselines",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key_result_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", chassis.db.Json, nullable=False),
        sa.ForeignKeyConstraint(["key_result_id"], ["key_results.id"], name=op.f("fk_rebaselines_key_result_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rebaselines")),
    )
    op.create_index(op.f("ix_rebaselines_key_result_id"), "rebaselines", ["key_result_id"], unique=False)
