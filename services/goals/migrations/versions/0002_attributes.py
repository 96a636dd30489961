"""Attributes of objectives and key results."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("objectives", "key_results"):
        op.add_column(table, sa.Column("attributes", chassis.db.Json, nullable=False, server_default="{}"))
