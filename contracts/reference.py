"""The reference of all events for people: by service, what is carried and what each event means, with its example."""

import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from contracts.asyncapi import headers_schema
from contracts.event import Event
from contracts.examples import example
from contracts.registry import OWNERS
from contracts.schemas import components, records_in
from contracts.wording import meaning, spoken, type_in_words

_PREFACE = """\
# Events

<!-- Written by `cairn contracts write` from contracts/*.py; changes made here are lost. -->

What the services tell each other, and what anyone may listen to. The same, for machines:
[JSON Schemas](../contracts/generated/schemas) and [AsyncAPI](../contracts/generated/asyncapi.json).

How to read them:

- One topic per service. The message key is the aggregate's id: order holds for one aggregate, not across them.
- Delivery is at least once. Drop what you have seen, by `ce_id`.
- Events of one aggregate carry its whole public state and its version. Keep the highest version, ignore the rest:
  then repeats and stragglers do no harm, and nobody needs to call back.
- Ignore fields you do not know. Fields and event types are added over time; none is removed, renamed or retyped.
  A change that cannot wait for that is a new type, `…v2`, beside the old one.
- Values of a text field that names a kind or a state may grow too: treat one you do not know as "something else".
- Decimals are text, so that no digit is lost. Dates and moments are ISO 8601, moments with their zone.
- The examples tell one story and share their people, objective and key result."""


def reference() -> str:
    """The whole page, Markdown."""
    parts = [_PREFACE, _contents(), "## Headers of every message", _fields(headers_schema())]
    for owner in OWNERS:
        parts += _service(owner)
    return "\n\n".join(parts) + "\n"


def _contents() -> str:
    lines = ["| Event | Type | Meaning |", "|---|---|---|"]
    for kinds in OWNERS.values():
        lines += [f"| [{k.__name__}](#{k.__name__.lower()}) | `{k.TYPE}` | {meaning(k)} |" for k in kinds]
    return "\n".join(lines)


def _service(owner: str) -> Iterator[str]:
    kinds = OWNERS[owner]
    yield f"## {spoken(owner)}"
    yield f"Topic `{kinds[0].topic()}`. {inspect.getdoc(sys.modules[kinds[0].__module__])}"
    for carried in dict.fromkeys(_carried(kind) for kind in kinds):
        yield from _state(carried)
        for kind in kinds:
            if _carried(kind) is carried:
                yield from _event(kind, carried)


def _carried(kind: type[Event]) -> type[Event]:
    """The class whose fields the events of one aggregate share; the event itself where it stands alone."""
    bases = [base for base in kind.__mro__ if issubclass(base, Event) and base is not Event and not base.TYPE]
    return bases[-1] if bases else kind


def _state(carried: type[Event]) -> Iterator[str]:
    if carried.TYPE:
        return
    name = spoken(carried.__name__.removesuffix("State"))
    yield f"### {name}: what its events carry"
    yield meaning(carried)
    yield from _tables(carried)


def _event(kind: type[Event], carried: type[Event]) -> Iterator[str]:
    yield f"### {kind.__name__}"
    yield f"`{kind.TYPE}`: {meaning(kind)}"
    if kind is carried:
        yield from _tables(kind)
    elif own := kind.__struct_fields__[len(carried.__struct_fields__) :]:
        yield "Carries in addition:"
        yield _fields(_schema(kind), own)
    yield _example(kind)


def _tables(kind: type[msgspec.Struct]) -> Iterator[str]:
    yield _fields(_schema(kind))
    for record in records_in([kind])[1:]:
        yield f"**{record.__name__}**: {meaning(record)}"
        yield _fields(_schema(record))


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    part: dict[str, Any] = components([kind], "{name}")[kind.__name__]
    return part


def _fields(schema: dict[str, Any], only: tuple[str, ...] = ()) -> str:
    lines = ["| Field | Type | If absent | Meaning |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        if not only or name in only:
            absent = "never" if name in schema["required"] else _absent(field)
            lines.append(f"| `{name}` | {type_in_words(field)} | {absent} | {field.get('description', '')} |")
    return "\n".join(lines)


def _absent(field: dict[str, Any]) -> str:
    return f"`{json.dumps(field['default'])}`" if "default" in field else "left open"


def _example(kind: type[Event]) -> str:
    said = json.dumps(example(kind.TYPE).data, indent=2, ensure_ascii=False)
    return f"<details><summary>Example</summary>\n\n```json\n{said}\n```\n\n</details>"
