"""What all clients of Kafka have in common: how their failures are told, and how long they may take to go."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import KafkaError

from chassis.bus import BusError

CLOSE_SECONDS = 3.0


@contextmanager
def translated(trouble: str) -> Iterator[None]:
    """Whatever fails inside is a BusError that begins with what was not done."""
    try:
        yield
    except KafkaError as error:
        raise BusError(f"{trouble}: {error}") from error
