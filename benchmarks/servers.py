"""A PostgreSQL and a Kafka for one benchmark; both are gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import kafka, postgres, servers


@contextmanager
def led() -> Iterator[None]:
    """Whatever server is asked for inside is started once and ended with the block."""
    servers.lead(os.environ)  # type: ignore[arg-type]
    try:
        yield
    finally:
        servers.end_all(os.environ)  # type: ignore[arg-type]


@contextmanager
def real(with_kafka: bool = True) -> Iterator[tuple[postgres.Postgres, str]]:
    """The database server and the broker's host:port, or "". Raises pytest's Skipped where there can be none."""
    with led():
        yield postgres.server(), kafka.bootstrap() if with_kafka else ""
