"""The CloudEvents 1.0 envelope around every event, in Kafka's binary mode: attributes are `ce_*` headers.

`id` is what consumers deduplicate by. `actor` is a pseudonymous person or service id, absent where authorship is
private. `correlation` names the request that started it all, `causation` the event that led to this one.
"""

from datetime import datetime

import msgspec

CONTENT_TYPE = "application/json"
SPEC_VERSION = "1.0"

_HEADERS = {
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


class MalformedEnvelope(ValueError):
    """The headers of a message do not make a CloudEvent; says which attribute is missing or wrong."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    type: str
    source: str
    subject: str
    time: datetime
    aggregate_version: int
    traceparent: str | None = None
    correlation: str | None = None
    causation: str | None = None
    actor: str | None = None

    def headers(self) -> dict[str, str]:
        """The message headers; attributes without a value are left out."""
        said = {name: getattr(self, attribute) for attribute, name in _HEADERS.items()}
        said["ce_time"] = self.time.isoformat()
        fixed = {"ce_specversion": SPEC_VERSION, "content-type": CONTENT_TYPE}
        return fixed | {name: str(value) for name, value in said.items() if value is not None}


def from_headers(headers: dict[str, str]) -> Envelope:
    """Read the envelope; raises MalformedEnvelope naming the attribute that is missing or wrong."""
    said = {attribute: headers[name] for attribute, name in _HEADERS.items() if name in headers}
    try:
        return msgspec.convert(said, Envelope, strict=False)
    except msgspec.ValidationError as fault:
        raise MalformedEnvelope(f"not a CloudEvent of ours: {fault}") from fault
