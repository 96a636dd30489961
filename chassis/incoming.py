"""A message as a consumer takes it: read as far as it goes. What cannot be read is poison with its reason."""

from dataclasses import dataclass

import msgspec

from chassis.bus import Received
from chassis.parking import Letter
from chassis.service import Service
from contracts.envelope import Envelope, MalformedEnvelope, from_headers
from contracts.event import Event, decode
from contracts.registry import BY_TYPE


class Poison(Exception):
    """An event that no retry can mend; `reason` is a short word for it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """One message, read as far as it could be. `event` is None where this service has no handler for its type."""

    received: Received
    id: str
    envelope: Envelope | None
    event: Event | None
    poison: Poison | None = None

    @property
    def aggregate(self) -> tuple[str, str]:
        """What is parked together: topic and key."""
        return self.received.message.topic, storable(self.received.message.key)

    def letter(self, poison: Poison) -> Letter:
        """The dead letter for it: everything that is needed to try it again."""
        message = self.received.message
        return Letter(
            topic=message.topic,
            partition=self.received.partition,
            offset=self.received.offset,
            key=storable(message.key),
            type=storable(self.envelope.type) if self.envelope else "",
            headers={storable(name): storable(value) for name, value in message.headers.items()},
            payload=message.value,
            reason=poison.reason,
            detail=storable(str(poison))[:2000],
        )


def storable(text: str) -> str:
    """The text as PostgreSQL takes it: NUL and lone surrogates become replacement characters."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def read(received: Received, service: Service) -> Item:
    """Read a message as far as it goes; what cannot be read becomes poison with its reason, never an exception."""
    message = received.message
    fallback = f"{message.topic}/{received.partition}/{received.offset}"[-36:]
    try:
        envelope = from_headers(dict(message.headers))
    except MalformedEnvelope as fault:
        return Item(received, fallback, None, None, Poison("malformed_envelope", str(fault)))
    if len(envelope.id) > 36 or not envelope.id.isprintable() or not envelope.id.isascii():
        return Item(received, fallback, None, None, Poison("malformed_envelope", "ce_id is not an id of ours"))
    kind = BY_TYPE.get(envelope.type)
    if kind is None and _known_noun(envelope.type):
        return Item(received, envelope.id, envelope, None, Poison("unknown_version", f"no reader for {envelope.type}"))
    if kind is None or kind not in service.handlers:
        return Item(received, envelope.id, envelope, None)
    try:
        return Item(received, envelope.id, envelope, decode(kind, message.value or b""))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return Item(received, envelope.id, envelope, None, Poison("unreadable", f"{envelope.type}: {fault}"))


def _known_noun(type_: str) -> bool:
    """Whether we read other versions of this type: then an unknown one is a breaking change, not a stranger."""
    stem = type_.rpartition(".v")[0]
    return any(known.rpartition(".v")[0] == stem for known in BY_TYPE)
