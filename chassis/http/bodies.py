"""Reading what was sent, strictly: JSON in which no digit is lost and nothing is said twice, and query parameters.

Schemas see JSON numbers as int or Decimal, and query values as `Raw`, so that a field can be strict about the one and
read the other.
"""

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from chassis.http.schema import faults_of
from chassis.problems import Fault, Invalid, Malformed

_LARGEST_EXPONENT = 1000
"""Beyond it a number is no number to us: 1e999999999 would cost gigabytes to write out."""


class Raw(str):
    """A value as it stood in the query: always text, whatever it means."""

    __slots__ = ()


def load(request: Request, location: str, schema: Schema) -> Any:
    """What the schema makes of the request's body (`json`) or `query`. Raises Malformed, Invalid, or a 415."""
    given = json_body(request) if location == "json" else query(request, schema)
    try:
        return schema.load(given)
    except ValidationError as fault:
        raise Invalid.of(faults_of(fault.messages)) from fault


def body_of(request: Request) -> bytes:
    """The whole body. Raises RequestEntityTooLarge (413) beyond the limit of the operation."""
    data = request.get_data()
    # Of a body that does not declare its length the framework gives the first bytes up to the limit, silently.
    if request.content_length is None and len(data) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    return data


def json_body(request: Request) -> Any:
    """The parsed body. Raises Malformed where it is no clean JSON, UnsupportedMediaType where it is not called so."""
    data = body_of(request)
    if not data:
        raise Malformed("The body is empty; send a JSON document.")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")
    return parse(data)


def parse(data: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no name twice in an object, no lone surrogate, no NUL."""
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise Malformed("The body is not UTF-8 text; send JSON in UTF-8.") from fault
    except RecursionError as fault:
        raise Malformed("The body is nested too deeply.") from fault
    except (ValueError, InvalidOperation) as fault:
        raise Malformed(f"The body is not proper JSON: {_reason(fault)}.") from fault
    if b"\\u" in data:
        _refuse_strange_text(value, "")
    return value


def _reason(fault: Exception) -> str:
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg.lower()} at line {fault.lineno}, column {fault.colno}"
    return str(fault) if isinstance(fault, _Refused) else "it holds a number that cannot be read"


class _Refused(ValueError):
    """A construct JSON parsers let pass and we do not; its text is written by us."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("an object gives one name twice")
    return found


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if value and abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise _Refused("it holds a number beyond any range")
    return value if value else Decimal(0)


def _constant(_text: str) -> Any:
    raise _Refused("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_constant)


def _refuse_strange_text(value: Any, pointer: str) -> None:
    """Databases take neither NUL nor half a surrogate pair; only escapes can bring them here."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Invalid.at(pointer, "This text holds a character that cannot be stored; remove it.")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_strange_text(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_strange_text(name, pointer)
            _refuse_strange_text(item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")


def query(request: Request, schema: Schema) -> dict[str, Any]:
    """The query parameters, each once, lists as often as they like. Raises Invalid."""
    given: dict[str, Any] = {}
    faults: list[Fault] = []
    lists = {field.data_key or name for name, field in schema.load_fields.items() if isinstance(field, fields.List)}
    for name, values in request.args.lists():
        faults += _query_faults(name, values, name in lists)
        given[name] = [Raw(value) for value in values] if name in lists else Raw(values[0])
    if faults:
        raise Invalid.of(faults)
    return given


def _query_faults(name: str, values: Sequence[str], many: bool) -> list[Fault]:
    found = []
    if len(values) > 1 and not many:
        found.append(Fault(f"/{name}", "Give this parameter once."))
    if any("\0" in value for value in values):
        found.append(Fault(f"/{name}", "This text holds a character that cannot be stored; remove it."))
    return found
