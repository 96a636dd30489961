"""Writing a row unless the one that is there is as new: the one guard all copies of foreign state share.

The statements are plain SQL, written once for each table: SQLAlchemy compiles an `ON CONFLICT` anew every time, which
costs ten times what the database takes to carry it out.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.orm import Session

from chassis.db import on_sqlite
from chassis.rows import Row, bound, document, quoted, select_from_document

MOST_VARIABLES = 30_000
"""SQLite takes 32,766 parameters in a statement."""


def keep(session: Session, table: Table, row: Row, *, earliest: str | None = None) -> bool:
    """Insert or replace a row by its `id`, unless the stored `version` is the same or newer; True if it took.

    Columns the row does not name stay as they are, null in a new row. Of the column `earliest` the lesser of the two
    values stays, if there is one.
    """
    return session.execute(_statement(table, tuple(row), earliest), row).first() is not None


def keep_all(session: Session, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Do as `keep` does for many rows at once; answers those that took, at most one of each id.

    All rows name the same columns. Of several with one id the newest counts.
    """
    newest: dict[str, Row] = {}
    for row in rows:
        known = newest.get(row["id"])
        if known is None or known["version"] < row["version"]:
            newest[row["id"]] = row
    if not newest:
        return []
    write = _many_on_sqlite if on_sqlite(session) else _many_on_postgres
    return [newest[id_] for id_ in write(session, table, tuple(rows[0]), list(newest.values()))]


def _many_on_sqlite(session: Session, table: Table, names: tuple[str, ...], rows: Sequence[Row]) -> Iterator[str]:
    one = f"({', '.join('?' * len(names))})"
    for start in range(0, len(rows), some := MOST_VARIABLES // len(names)):
        part = rows[start : start + some]
        values = tuple(chain.from_iterable(bound(session, table, part)))
        statement = _guarded(table, names, "VALUES " + ", ".join([one] * len(part)))
        yield from session.connection().exec_driver_sql(statement, values).scalars().all()


def _many_on_postgres(session: Session, table: Table, names: tuple[str, ...], rows: Sequence[Row]) -> Iterable[str]:
    statement = text(_guarded(table, names, select_from_document(table, names)))
    return session.execute(statement, {"rows": document(rows)}).scalars().all()


@cache
def _statement(table: Table, names: tuple[str, ...], earliest: str | None) -> TextClause:
    given = ", ".join(f":{name}" for name in names)
    return text(_guarded(table, names, f"VALUES ({given})", earliest)).bindparams(
        *(bindparam(name, type_=table.c[name].type) for name in names)
    )


def _guarded(table: Table, names: tuple[str, ...], source: str, earliest: str | None = None) -> str:
    new = {name: f'excluded."{name}"' for name in names if name != "id"}
    if earliest is not None:
        known, said = f'{table.name}."{earliest}"', new[earliest]
        new[earliest] = f"CASE WHEN {known} <= {said} THEN {known} ELSE coalesce({said}, {known}) END"
    changed = ", ".join(f'"{name}" = {value}' for name, value in new.items())
    return (
        f"INSERT INTO {table.name} ({quoted(names)}) {source} "
        f"ON CONFLICT (id) DO UPDATE SET {changed} WHERE {table.name}.version < excluded.version RETURNING id"
    )
