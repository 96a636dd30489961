"""How statements say what the planner should see, and what SQLAlchemy alone would say at length.

Any number of ids is one parameter. Constants stand in the statement: PostgreSQL keeps a plan for what is asked often,
made without looking at parameters, and from `state <> $1` in a table where all are active it concludes that hardly any
row is left (docs/adr/0020).
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    Dialect,
    Select,
    String,
    TextClause,
    TypeDecorator,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from chassis.db import ID, on_sqlite


def constant(word: str) -> ColumnElement[str]:
    """A word of our own code, as it is written in the statement. Never for anything that somebody sent."""
    if not word.isidentifier():
        raise ValueError(f"not a plain word: {word!r}")
    return literal_column(f"'{word}'", String)


class Texts(TypeDecorator[Any]):
    """PostgreSQL's array of texts, written as it reads them: psycopg looks at each element on its own."""

    impl = ARRAY
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _array


def _array(texts: Iterable[str]) -> str:
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def listed(session: Session, ids: Iterable[Any], kind: TypeEngine[Any] = ID) -> Select[tuple[Any]]:
    """Any number of ids as a query of one column, `id`, with a single bound parameter."""
    if on_sqlite(session):
        each = func.json_each(literal(json.dumps(list(ids)), String)).table_valued("value")
        return select(cast(each.c.value, kind).label("id"))
    return select(func.unnest(_literal(ids, kind)).label("id"))


def over_ids(statement: str, *, sqlite: bool) -> TextClause:
    """A statement written out, whose `{ids}` is a query of the ids in the parameter of that name."""
    source, kind = ("value AS id FROM json_each(:ids)", JSON()) if sqlite else ("unnest(:ids) AS id", Texts(String))
    return text(statement.replace("{ids}", f"SELECT {source}")).bindparams(bindparam("ids", type_=kind))


def among(
    session: Session, column: ColumnElement[Any] | InstrumentedAttribute[Any], ids: Iterable[Any]
) -> ColumnElement[bool]:
    """Whether a column holds one of any number of ids, found by its index, with a single bound parameter."""
    if on_sqlite(session):
        return column.in_(listed(session, ids, column.type))
    return column == any_(_literal(ids, column.type))


def _literal(ids: Iterable[Any], kind: TypeEngine[Any]) -> BindParameter[Any]:
    return literal(list(ids), Texts(kind) if isinstance(kind, String) else ARRAY(kind))
