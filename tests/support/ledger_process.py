"""A process of the ledger services, to be killed: `python -m tests.support.ledger_process ROLE DATABASE BUS [N]`.

Roles: `write` bumps N times over five counters and exits; `relay` and `consume` work until killed.
"""

import sys
import threading

from chassis.consumer import Consumer
from chassis.relay import Relay
from tests.support import ledger
from tests.support.buses import open_bus


def main(role: str, database: str, bus: str, count: str = "0") -> None:
    if role == "write":
        runtime = ledger.runtime(ledger.source(), database)
        for turn in range(int(count)):
            ledger.bump_in(runtime, f"counter-{turn % 5}")
    elif role == "relay":
        Relay(ledger.runtime(ledger.source(), database), open_bus(bus), lease_seconds=1.0).run(threading.Event())
    else:
        Consumer(ledger.runtime(ledger.sink(), database), open_bus(bus), batch=7).run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
