"""The CloudEvents 1.0 envelope around every event, in Kafka's binary mode: attributes are `ce_*` headers.

Names with more than one word lose their underscores on the wire, as CloudEvents asks: `aggregate_version` is
`ce_aggregateversion`.
"""

from datetime import datetime
from typing import Annotated

import msgspec

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"

HEADERS = {
    "id": "ce_id",
    "type": "ce_type",
    "source": "ce_source",
    "subject": "ce_subject",
    "time": "ce_time",
    "aggregate_version": "ce_aggregateversion",
    "traceparent": "ce_traceparent",
    "correlation": "ce_correlationid",
    "causation": "ce_causationid",
    "actor": "ce_actorid",
}
"""Header names by attribute of the envelope."""

_Named = Annotated[str, msgspec.Meta(min_length=1)]


class MalformedEnvelope(ValueError):
    """The headers of a message do not make a CloudEvent; says which attribute is missing or wrong."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who says what about which aggregate, when, and why."""

    id: _Named
    """Unique per event; what consumers deduplicate by."""
    type: _Named
    """The event's wire type; decides how the data is read."""
    source: _Named
    """The service that speaks: `/cairn/goals`."""
    subject: _Named
    """The aggregate's id, the same as the message key."""
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    """The moment it happened, with its zone."""
    aggregate_version: Annotated[int, msgspec.Meta(ge=1)]
    """The aggregate's version after this event, the same as in the data."""
    traceparent: str | None = None
    """The W3C trace this belongs to."""
    correlation: str | None = None
    """The request or task that started it all; equal for everything it led to."""
    causation: str | None = None
    """The id of the event this one answers to; absent where a person or the clock began it."""
    actor: str | None = None
    """Pseudonymous person or service id; absent where authorship is private."""

    def headers(self) -> dict[str, str]:
        """The message headers; attributes without a value are left out."""
        said = {"ce_specversion": SPEC_VERSION, "content-type": CONTENT_TYPE}
        for attribute, name in HEADERS.items():
            if (value := getattr(self, attribute)) is not None:
                said[name] = value.isoformat() if attribute == "time" else str(value)
        return said


def from_headers(headers: dict[str, str]) -> Envelope:
    """Read the envelope; raises MalformedEnvelope naming the attribute that is missing or wrong."""
    if headers.get("ce_specversion") != SPEC_VERSION:
        raise MalformedEnvelope(f"not a CloudEvent of ours: `specversion` is not {SPEC_VERSION}")
    said = {attribute: headers[name] for attribute, name in HEADERS.items() if name in headers}
    try:
        return msgspec.convert(said, Envelope, strict=False)
    except msgspec.ValidationError as fault:
        raise MalformedEnvelope(f"not a CloudEvent of ours: {fault}") from fault
