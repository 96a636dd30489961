"""Room for check-ins on the pages of the key results, so that no index has to hear of one: the row with the new value
stays on its page. PostgreSQL alone has such a thing, and SQLAlchemy's tables cannot say it."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE key_results SET (fillfactor = 85)")
