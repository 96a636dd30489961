"""First."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("visibility", sa.String(length=30), nullable=False),
        sa.Column("giver_id", sa.String(length=36), nullable=False),
        sa.Column("recipient_id", sa.String(length=36), nullable=False),
        sa.Column("manager_id", sa.String(length=36), nullable=True),
        sa.Column("about_kind", sa.String(length=20), nullable=True),
        sa.Column("about_id", sa.String(length=36), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("external_id", name=op.f("uq_feedback_external_id")),
    )
    op.create_index("ix_feedback_about", "feedback", ["about_id", "about_kind"], unique=False)
    op.create_index("ix_feedback_given", "feedback", ["given_at", "id"], unique=False)
    op.create_index("ix_feedback_giver", "feedback", ["giver_id", "given_at", "id"], unique=False)
    op.create_index(op.f("ix_feedback_manager_id"), "feedback", ["manager_id"], unique=False)
    op.create_index("ix_feedback_recipient", "feedback", ["recipient_id", "given_at", "id"], unique=False)
