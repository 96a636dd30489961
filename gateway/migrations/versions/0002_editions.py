"""Editions of what can be read, and what each of them changed."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("edition", sa.BigInteger(), nullable=False, comment="of the newest change"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
    )
    op.create_table(
        "changes",
        sa.Column("edition", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "newest", chassis.db.Moment(timezone=True), nullable=True, comment="time of the newest event by then"
        ),
        sa.Column("about", chassis.db.Json, nullable=False, comment="ids; among them * for everything"),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_changes")),
    )
