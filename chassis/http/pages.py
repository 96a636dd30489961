"""Lists in pages by key set: a cursor says after which row the next page begins, so that inserts shift nothing.

A cursor is opaque and signed; one that was cut, forged or taken from another list is answered 400.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import has_app_context
from marshmallow import Schema as AnySchema
from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, or_
from sqlalchemy.orm import Session
from sqlalchemy.sql.operators import desc_op
from werkzeug.datastructures import MultiDict

from chassis.http import fields
from chassis.http.call import site
from chassis.http.schema import Schema
from chassis.problems import Malformed

MOST = 200
USUAL = 50
LONGEST_CURSOR = 2000
_MAC = 12


class PageArgs(Schema):
    """Query parameters of every list; a filter schema inherits from it."""

    limit = fields.Integer(least=1, most=MOST, load_default=USUAL, metadata={"description": "Items on a page."})
    cursor = fields.Text(
        shortest=1, longest=LONGEST_CURSOR, metadata={"description": "Where to go on: `next` of the page before."}
    )


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for."""

    limit: int = USUAL
    cursor: str | None = None


def page_args(filters: dict[str, Any]) -> Page:
    """Take the page out of loaded query parameters; what stays in the dictionary are the filters."""
    return Page(filters.pop("limit", USUAL), filters.pop("cursor", None))


def page_of(item: type[AnySchema]) -> type[AnySchema]:
    """The schema of a page of such items, named after them."""
    name = item.__name__.removesuffix("Schema") + "Page"
    next_ = fields.Text(allow_none=True, dump_only=True, metadata={"description": "Cursor of the next page, or null."})
    return type(name, (Schema,), {"items": fields.List(fields.Nested(item), required=True), "next": next_})


def paged(
    session: Session, statement: Select[Any], keys: Sequence[Any], limit: int = USUAL, cursor: str | None = None
) -> dict[str, Any]:
    """One page of the statement as `{"items": …, "next": cursor or None}`, ordered by the keys.

    `keys` are columns, or `column.desc()`, never null and together unique; a single selected entity or column comes
    as itself, several as rows. Raises Malformed for a cursor that is not one of this list's.
    """
    columns = [key.element if _descending(key) else key for key in keys]
    width = len(statement.column_descriptions)
    if cursor is not None:
        statement = statement.where(_after(keys, columns, place_of(cursor, columns)))
    wide = statement.add_columns(*columns).order_by(*keys).limit(limit + 1)
    rows = session.execute(wide).all()
    more = len(rows) > limit
    items = [row[0] if width == 1 else row[:width] for row in rows[:limit]]
    return {"items": items, "next": cursor_of(rows[limit - 1][width:], columns) if more else None}


def _descending(key: Any) -> bool:
    return isinstance(key, UnaryExpression) and key.modifier is desc_op


def _after(keys: Sequence[Any], columns: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows behind the given one: a row comparison written out, so that directions may differ."""
    behind = []
    for place, (key, column, value) in enumerate(zip(keys, columns, values, strict=True)):
        same = [before == at for before, at in zip(columns[:place], values[:place], strict=True)]
        behind.append(and_(*same, column < value if _descending(key) else column > value))
    return or_(*behind)


def cursor_of(values: Sequence[Any], columns: Sequence[Any]) -> str:
    """An opaque, signed cursor behind a row with these values of these columns."""
    body = json.dumps([_written(value) for value in values], separators=(",", ":")).encode()
    return _encoded(_mac(body, columns) + body)


def _written(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def place_of(cursor: str, columns: Sequence[Any]) -> list[Any]:
    """The values a cursor was made of. Raises Malformed unless it is one of ours for these columns."""
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        mac, body = data[:_MAC], data[_MAC:]
        if not hmac.compare_digest(mac, _mac(body, columns)) or _encoded(data) != cursor:
            raise ValueError("not signed by us")
        return [_read(value, column) for value, column in zip(json.loads(body), columns, strict=True)]
    except (ValueError, TypeError) as fault:
        raise Malformed("This cursor is not one of this list's; start again without it.", kind="cursor") from fault


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(value: Any, column: Any) -> Any:
    kind = column.type.python_type
    if kind in (dt.datetime, dt.date):
        return kind.fromisoformat(value)
    return Decimal(value) if kind is Decimal else value


def _mac(body: bytes, columns: Sequence[Any]) -> bytes:
    secret = site().cursor_secret if has_app_context() else b""
    names = ",".join(str(column) for column in columns).encode()
    return hmac.digest(secret, names + b"\0" + body, hashlib.sha256)[:_MAC]


def next_link(path: str, args: MultiDict[str, str], cursor: str) -> str:
    """The Link header that leads to the next page of the same list."""
    query: Mapping[str, list[str]] = {**args.to_dict(flat=False), "cursor": [cursor]}
    return f'<{path}?{urlencode(query, doseq=True)}>; rel="next"'
