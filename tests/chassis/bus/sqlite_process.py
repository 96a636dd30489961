"""A process on the SQLite bus, to be killed: `sqlite_process.py PATH publish KEY COUNT` or `PATH hold GROUP`.

`hold` polls without committing until killed; both say "ready" on standard output when they have begun.
"""

import sys

from chassis.bus import Message
from chassis.bus.sqlite import SqliteBus
from tests.support.buses import LEASE_SECONDS

TOPIC = "cairn.people"


def ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main(path: str, role: str, name: str, count: str = "0") -> None:
    bus = SqliteBus(path, lease=LEASE_SECONDS)
    bus.ensure_topics([TOPIC], 4)
    if role == "publish":
        ready()
        for number in range(int(count)):
            bus.publish([Message(TOPIC, name, str(number).encode())])
    else:
        subscription = bus.subscribe(name, [TOPIC])
        while not subscription.poll(1, 1.0):
            pass
        ready()
        while True:
            subscription.poll(1, 1.0)


if __name__ == "__main__":
    main(*sys.argv[1:])
