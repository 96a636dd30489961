"""One AsyncAPI 3.0 document for all of Cairn: a channel for each service's topic, a message for each event.

Every channel has two operations: its owner sends, anyone may receive. The document needs no other file; its schemas
keep to what AsyncAPI's own schema dialect knows.
"""

from typing import Any

import msgspec

from contracts.envelope import CONTENT_TYPE, HEADERS, SPEC_VERSION, Envelope
from contracts.event import Event
from contracts.examples import example
from contracts.registry import BY_TYPE, OWNERS
from contracts.schemas import components
from contracts.wording import field_notes, meaning, spoken

Json = dict[str, Any]

_BINDING = "0.5.0"


def asyncapi() -> Json:
    """The whole document, ready for JSON."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": CONTENT_TYPE,
        "channels": {owner: _channel(owner, kinds) for owner, kinds in OWNERS.items()},
        "operations": {
            name: operation for owner in OWNERS for name, operation in _operations(owner, OWNERS[owner]).items()
        },
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in BY_TYPE.values()},
            "schemas": components(BY_TYPE.values(), "#/components/schemas/{name}") | {"Headers": headers_schema()},
        },
    }


def headers_schema() -> Json:
    """The headers every message has, as a schema; header values are text."""
    notes = field_notes(Envelope)
    fields = msgspec.structs.fields(Envelope)
    properties = {HEADERS[field.name]: {"type": "string", "description": notes[field.name]} for field in fields}
    properties["ce_time"]["format"] = "date-time"
    properties["ce_aggregateversion"]["pattern"] = "^[1-9][0-9]*$"
    fixed = {
        "ce_specversion": {"type": "string", "const": SPEC_VERSION, "description": f"Always `{SPEC_VERSION}`."},
        "content-type": {"type": "string", "const": CONTENT_TYPE, "description": f"Always `{CONTENT_TYPE}`."},
    }
    return {
        "type": "object",
        "description": "CloudEvents 1.0 attributes in Kafka's binary content mode.",
        "properties": fixed | properties,
        "required": [*fixed, *(HEADERS[field.name] for field in fields if field.required)],
    }


def _info() -> Json:
    return {
        "title": "Cairn events",
        "version": "1.0.0",
        "description": (
            "What Cairn's services tell each other. An event carries the full public state of its aggregate and the "
            "aggregate's version. Order holds per aggregate, delivery is at least once: deduplicate by `ce_id`, keep "
            "the highest version. Fields and types are only ever added. Topic names may have a prefix in front."
        ),
        "license": {"name": "Apache-2.0"},
    }


def _channel(owner: str, kinds: tuple[type[Event], ...]) -> Json:
    return {
        "address": kinds[0].topic(),
        "title": spoken(owner),
        "description": f"Everything the {owner} service publishes, in order for each aggregate.",
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds},
    }


def _operations(owner: str, kinds: tuple[type[Event], ...]) -> dict[str, Json]:
    shared = {
        "channel": {"$ref": f"#/channels/{owner}"},
        "messages": [{"$ref": f"#/channels/{owner}/messages/{kind.__name__}"} for kind in kinds],
    }
    return {
        f"{owner}.publish": {"action": "send", "summary": f"The {owner} service says what happened.", **shared},
        f"{owner}.follow": {"action": "receive", "summary": f"Any service listens to {owner}.", **shared},
    }


def _message(kind: type[Event]) -> Json:
    said = example(kind.TYPE)
    return {
        "name": kind.TYPE,
        "title": spoken(kind.__name__),
        "summary": meaning(kind),
        "contentType": CONTENT_TYPE,
        "headers": _headers(kind),
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "correlationId": {"location": f"$message.header#/{HEADERS['correlation']}"},
        "bindings": {"kafka": {"key": _key(), "bindingVersion": _BINDING}},
        "examples": [{"name": "example", "headers": said.headers, "payload": said.data}],
    }


def _headers(kind: type[Event]) -> Json:
    own = {"properties": {"ce_type": {"const": kind.TYPE}}}
    return {"type": "object", "allOf": [{"$ref": "#/components/schemas/Headers"}, own]}


def _key() -> Json:
    return {"type": "string", "description": "The aggregate's id: `id` in the data, `ce_subject` in the headers."}
