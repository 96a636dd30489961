"""Files sent to be imported, what came of them, and profiles."""

import sqlalchemy as sa
from alembic import op

import chassis.db

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("of", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("queued_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("sent_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(length=64), nullable=False),
        sa.Column("sender", chassis.db.Json, nullable=False),
        sa.Column("traceparent", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("same_as", sa.String(length=36), nullable=True),
        sa.Column("asked", chassis.db.Json, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.Column("finished_at", chassis.db.Moment(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("counts", chassis.db.Json, nullable=True),
        sa.Column("recognised", chassis.db.Json, nullable=True),
        sa.Column("remarks", chassis.db.Json, nullable=False),
        sa.Column("guard", chassis.db.Json, nullable=True),
        sa.Column("rejected", chassis.db.Json, nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("consistency", sa.Text(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_digest"), "imports", ["digest"], unique=False)
    op.create_index("ix_imports_queue", "imports", ["state", "queued_at", "id"], unique=False)
    op.create_index("ix_imports_newest", "imports", ["sent_at", "id"], unique=False)
    op.create_table(
        "import_files",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=True),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_files_import_id")),
        sa.PrimaryKeyConstraint("import_id", "kind", name=op.f("pk_import_files")),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("kinds", chassis.db.Json, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id")),
        sa.PrimaryKeyConstraint("import_id", "first", name=op.f("pk_import_rows")),
    )
    op.create_table(
        "import_profiles",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("options", chassis.db.Json, nullable=False),
        sa.Column("changed_at", chassis.db.Moment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_import_profiles")),
    )
