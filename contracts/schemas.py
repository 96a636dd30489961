"""JSON Schema 2020-12 for every event, made from its class and the notes under its fields.

The schemas are as tolerant as our readers: unknown fields are allowed at every level, so a consumer that
validates does not break when an optional field is added.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, get_args, get_type_hints

import msgspec

from contracts.event import Event
from contracts.registry import BY_TYPE
from contracts.wording import field_notes

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def schemas() -> dict[str, Schema]:
    """One self-contained schema document for every event there is, by wire type."""
    return {type_: schema(kind) for type_, kind in BY_TYPE.items()}


def schema(kind: type[Event]) -> Schema:
    """The schema document of one event; records inside it stand under `$defs`."""
    parts = components([kind], "#/$defs/{name}")
    root = parts.pop(kind.__name__)
    document = {"$schema": DIALECT, "$id": f"urn:cairn:event:{kind.TYPE}", **root}
    return document | {"$defs": parts} if parts else document


def components(kinds: Iterable[type[msgspec.Struct]], ref_template: str) -> dict[str, Schema]:
    """Schemas of these classes and of all records inside them, by class name, with references of the given form."""
    kinds = list(kinds)
    _, parts = msgspec.json.schema_components(kinds, ref_template=ref_template)
    for struct in records_in(kinds):
        _annotate(parts[struct.__name__], struct)
    return dict(parts)


def records_in(hints: Iterable[Any]) -> list[type[msgspec.Struct]]:
    """The struct classes these type hints lead to, themselves included, each once, outermost first."""
    found: dict[type[msgspec.Struct], None] = {}
    waiting = list(hints)
    while waiting:
        hint = waiting.pop(0)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in found:
            found[hint] = None
            waiting += get_type_hints(hint).values()
        waiting += get_args(hint)
    return list(found)


def _annotate(part: Schema, struct: type[msgspec.Struct]) -> None:
    notes, hints = field_notes(struct), get_type_hints(struct)
    for name, field in part["properties"].items():
        for node in _moments(field, hints[name]):
            node["format"] = "date-time"
        if name in notes:
            part["properties"][name] = {"description": notes[name], **field}


def _moments(field: Schema, hint: Any) -> Iterator[Schema]:
    """The nodes that hold a moment: msgspec leaves their format out because it would read one without a zone."""
    if hint is datetime:
        yield field
    elif datetime in get_args(hint):
        yield from (choice for choice in field["anyOf"] if choice == {"type": "string"})
