"""Many rows of one table as one parameter or one call: SQLAlchemy binds each value of each row on its own, which costs
more than the database takes. All rows name the same columns."""

from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, Result, Table, text
from sqlalchemy.orm import Session

from chassis.db import on_sqlite

Row = Mapping[str, Any]


def insert_all(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert new rows; what they do not name is null, or what the database gives."""
    names = tuple(rows[0])
    if on_sqlite(session):
        statement = f"{_into(table, names)} VALUES ({', '.join('?' * len(names))})"
        session.connection().exec_driver_sql(statement, list(bound(session, table, rows)))
    else:
        session.execute(text(insert_from_document(table, names, ":rows")), {"rows": document(rows)})


def named(result: Result[Any]) -> list[Any]:
    """All rows of a result as named tuples: SQLAlchemy's own rows take ten times as long to find a column by name."""
    make = _kind(tuple(result.keys()))._make
    return [make(row) for row in result.all()]


@cache
def _kind(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def bound(session: Session, table: Table, rows: Sequence[Row]) -> Iterator[tuple[Any, ...]]:
    """The values of each row as the driver takes them."""
    dialect = session.get_bind().dialect
    writers = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in rows[0]]
    for row in rows:
        yield tuple([write(row[name]) if write else row[name] for name, write in writers])


def _into(table: Table, names: Sequence[str]) -> str:
    return f"INSERT INTO {table.name} ({quoted(names)})"


def insert_from_document(table: Table, names: Sequence[str], rows: str) -> str:
    """PostgreSQL's statement that inserts the rows of a parameter, which is written as the driver asks."""
    return f"{_into(table, names)} {select_from_document(table, names, rows)}"


def select_from_document(table: Table, names: Sequence[str], rows: str = ":rows") -> str:
    """PostgreSQL's query for the rows of a parameter."""
    source = f"jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST({rows} AS jsonb))"
    columns = [_from_base64(name) if isinstance(table.c[name].type, LargeBinary) else f'"{name}"' for name in names]
    return f"SELECT {', '.join(columns)} FROM {source}"  # noqa: S608 - our own names


def _from_base64(name: str) -> str:
    """Bytes, which JSON has in base64; PostgreSQL has taken such a text for the bytes of its letters."""
    return f"""decode(convert_from("{name}", 'UTF8'), 'base64') AS "{name}\""""


def document(rows: Sequence[Row]) -> str:
    """All rows as the JSON document that query reads."""
    return msgspec.json.encode(rows).decode()


def quoted(names: Sequence[str]) -> str:
    """The names of columns, as a statement lists them."""
    return ", ".join(f'"{name}"' for name in names)
