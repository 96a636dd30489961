"""The base of every request and response schema, and how marshmallow's complaints become faults with JSON pointers."""

from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow as ma

from chassis.problems import Fault


class Schema(ma.Schema):
    """Refuses unknown fields and names those it knows."""

    class Meta:
        unknown = ma.RAISE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        names = sorted(field.data_key or name for name, field in self.load_fields.items())
        allowed = f"allowed are {', '.join(names)}" if names else "there are none here"
        self.error_messages["unknown"] = f"There is no such field; {allowed}."
        self.error_messages["type"] = "Send a JSON object here."


def faults_of(messages: Any, pointer: str = "") -> list[Fault]:
    """Every complaint with the place it is about, in the order of the places."""
    return list(_walk(messages, pointer))


def _walk(messages: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            here = pointer if name == ma.exceptions.SCHEMA else f"{pointer}/{_escaped(str(name))}"
            yield from _walk(inner, here)
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _walk(message, pointer)
    else:
        yield Fault(pointer, str(messages))


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
