"""What every event has in common, and how it becomes bytes and back.

An event carries the full public state of its aggregate and the aggregate's version, so a consumer never calls
back: it keeps the state with the highest version and ignores the rest. Reading is tolerant: unknown fields are
ignored at every nesting level (msgspec's default), known ones are checked.
"""

from datetime import datetime
from functools import cache
from typing import Annotated, ClassVar, TypeVar

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its time zone; one without is refused on reading."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about one aggregate. Subclasses name it by a noun and a past verb."""

    TYPE: ClassVar[str] = ""

    id: str
    """The aggregate's id; also the partition key."""
    version: int
    """The aggregate's version after this change, from 1, strictly growing per aggregate."""

    @classmethod
    def topic(cls) -> str:
        """The owner's topic without the deployment's prefix: `cairn.goals` for `cairn.goals.objective.created.v1`."""
        return _topic(cls.TYPE)


@cache
def _topic(type_: str) -> str:
    return ".".join(type_.split(".", 2)[:2])


E = TypeVar("E", bound=Event)


def encode(event: Event) -> bytes:
    """JSON; decimals are strings so that no digit is lost, dates and times are ISO 8601."""
    return msgspec.json.encode(event)


def decode(kind: type[E], data: bytes) -> E:
    """Read an event of a known class; raises msgspec.ValidationError or DecodeError with the place of the fault."""
    return msgspec.json.decode(data, type=kind)
