"""A bus by its address, so that a test can open it again, also in another process."""

from pathlib import Path

from chassis.bus import Bus
from tests.support.kafka import QUICK

# A member that was killed gives way to the others after this many seconds.
LEASE_SECONDS = 2.0


def open_bus(address: str) -> Bus:
    """`sqlite:PATH` or `kafka:HOST:PORT:PREFIX`."""
    kind, _, rest = address.partition(":")
    if kind == "sqlite":
        from chassis.bus.sqlite import SqliteBus

        return SqliteBus(Path(rest), lease=LEASE_SECONDS)
    from chassis.bus.kafka import KafkaBus

    bootstrap, _, prefix = rest.rpartition(":")
    return KafkaBus(bootstrap, prefix, **QUICK)
