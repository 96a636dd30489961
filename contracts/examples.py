"""One written example for every event type, the start of every consumer's tests.

Read in order of `ce_time` they tell one story: Amara joins, her team sets up a quarter with one objective and one key
result, she checks in, corrects herself, is praised, and the objective is closed.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from contracts.envelope import Envelope, from_headers
from contracts.event import E, decode

FOLDER = Path(__file__).with_name("examples")


class Example(msgspec.Struct, frozen=True):
    """A message as it travels: `headers` and `key` are text, `data` is the JSON value."""

    headers: dict[str, str]
    key: str
    data: dict[str, Any]


def example(type_: str) -> Example:
    """The message written down for a wire type; raises FileNotFoundError where there is none."""
    return msgspec.json.decode((FOLDER / f"{type_}.json").read_bytes(), type=Example)


def load(kind: type[E]) -> tuple[Envelope, E]:
    """The example of an event class as a consumer would read it."""
    said = example(kind.TYPE)
    return from_headers(said.headers), decode(kind, json.dumps(said.data).encode())
