"""Scheduled changes."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "scheduled_changes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("cells", chassis.db.Json, nullable=False),
        sa.Column("may_give_roles", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=True),
        sa.Column("kept_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_scheduled_changes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_changes")),
        sa.UniqueConstraint("person_id", "day", "kind", name=op.f("uq_scheduled_changes_person_id")),
    )
    op.create_index(op.f("ix_scheduled_changes_day"), "scheduled_changes", ["day"], unique=False)
