"""What Kafka's failures are to those who use the bus, and how long a client may take to go."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import KafkaError

from chassis.bus import BusError

CLOSE_SECONDS = 3.0


@contextmanager
def translated(trouble: str) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise BusError(f"{trouble}: {error}") from error
