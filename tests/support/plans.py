"""How much statements read by plans that know no parameter, as PostgreSQL makes them for whatever is asked often."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.db import Database

_READ = text("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_xact_user_tables WHERE relname = ANY(:tables)")


@dataclass
class Reading:
    rows: int = 0


@contextmanager
def generic_plans(session: Session, tables: Sequence[str]) -> Iterator[Reading]:
    """How many rows of these tables the block reads, in the transaction of the session, by plans that know nothing."""
    session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    reading, before = Reading(), _rows_read(session, tables)
    yield reading
    reading.rows = _rows_read(session, tables) - before


def _rows_read(session: Session, tables: Sequence[str]) -> int:
    return int(session.execute(_READ, {"tables": list(tables)}).scalar_one())


def multiply(db: Database, table: str, number: int, *ids: str) -> None:
    """Copy each row so many times, each time with other ids in these columns, and let the planner know.

    The same id becomes the same in every table.
    """
    changed = ", ".join(f"'{name}', left({name}, 24) || 'c' || lpad(number::text, 11, '0')" for name in ids)
    copies = (
        f"SELECT jsonb_populate_record(one, jsonb_build_object({changed})) AS copied "  # noqa: S608 - names of our own
        f"FROM {table} AS one, generate_series(1, :number) AS number"
    )
    with db.writing() as session:
        session.execute(text(f"INSERT INTO {table} SELECT (copied).* FROM ({copies}) AS copies"), {"number": number})  # noqa: S608
        session.execute(text("ANALYZE"))
