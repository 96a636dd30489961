"""Where a piece of work comes from: the W3C trace it belongs to and the event or request that caused it."""

import os
import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class Trace:
    traceparent: str
    correlation: str
    """The request or task that started everything; equal for all events it led to."""
    causation: str | None = None
    """The event this work answers to, if any."""

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]


def new_trace(traceparent: str | None = None, correlation: str | None = None, causation: str | None = None) -> Trace:
    """Continue the given trace, or start one where it is missing or malformed."""
    parent = traceparent or ""
    found = _TRACEPARENT.fullmatch(parent)
    if found is None or found[1] == "0" * 32:
        parent = f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    return Trace(parent, correlation or parent.split("-")[1], causation)
