"""Writing a row unless the one that is there is as new: the one guard all copies of foreign state share.

The statement is plain SQL that both databases read alike, written once for each table: SQLAlchemy compiles an
`ON CONFLICT` anew every time, which costs ten times what the database takes to carry it out.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.orm import Session


def keep(session: Session, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert or replace a row by its `id`, unless the stored `version` is the same or newer; True if it took.

    Columns the row does not name stay as they are, null in a new row.
    """
    return session.execute(_statement(table, tuple(row)), row).first() is not None


@cache
def _statement(table: Table, names: tuple[str, ...]) -> TextClause:
    quoted = ", ".join(f'"{name}"' for name in names)
    given = ", ".join(f":{name}" for name in names)
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
    sql = (
        f"INSERT INTO {table.name} ({quoted}) VALUES ({given}) "  # noqa: S608 - names of our own tables
        f"ON CONFLICT (id) DO UPDATE SET {changed} WHERE {table.name}.version < excluded.version RETURNING id"
    )
    return text(sql).bindparams(*(bindparam(name, type_=table.c[name].type) for name in names))
