"""A ledger reader in a process of its own, to be frozen and killed: `python -m tests.support.reader_process DATABASE
BUS [SECONDS]`. SECONDS is how long each event takes it."""

import sys
import threading
from dataclasses import replace

from chassis.consumer import Consumer
from chassis.unit import Unit
from contracts.envelope import Envelope
from contracts.people import TeamChanged
from tests.support import ledger
from tests.support.buses import open_bus


def main(database: str, bus: str, seconds: str = "0") -> None:
    def slowly(unit: Unit, event: TeamChanged, envelope: Envelope) -> None:
        threading.Event().wait(float(seconds))
        ledger.write_down(unit, event, envelope)

    sink = replace(ledger.sink(), handlers={TeamChanged: slowly})
    Consumer(ledger.runtime(sink, database), open_bus(bus), batch=50).run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
