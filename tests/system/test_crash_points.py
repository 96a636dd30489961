"""Every crash point of the event flow, on both buses and both databases: nothing lost, doubled or out of order."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from chassis.service import Runtime
from tests.support import ledger
from tests.support.buses import open_bus
from tests.support.stack import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BUMPS = 30
CRASHES = [
    ("write", "unit.before_commit:kill@7"),
    ("write", "unit.after_commit:kill@7"),
    ("relay", "relay.after_ack_before_mark:kill@1"),
    ("consume", "consumer.in_transaction:kill@2"),
    ("consume", "consumer.after_commit_before_offset:kill@1"),
]


def spawn(role: str, database: str, bus: str, *more: str, failpoint: str | None = None) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name != "CAIRN_FAILPOINT"}
    if failpoint:
        environment["CAIRN_FAILPOINT"] = failpoint
    command = [sys.executable, "-m", "tests.support.ledger_process", role, database, bus, *more]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(10)


@pytest.mark.parametrize(("role", "failpoint"), CRASHES, ids=[point for _, point in CRASHES])
def test_a_crash_loses_doubles_and_inverts_nothing(
    role: str,
    failpoint: str,
    database_url: str,
    new_database: Callable[[], str],
    bus_address: str,
    opened: ledger.Opened,
) -> None:
    sink_url = new_database()
    source, sink = opened(ledger.source(), database_url), opened(ledger.sink(), sink_url)
    bus = open_bus(bus_address)
    bus.ensure_topics(["cairn.people"], 3)
    bus.close()
    urls = {"write": database_url, "relay": database_url, "consume": sink_url}

    with ExitStack() as running:
        for other in ("relay", "consume"):
            if other != role:
                running.callback(end, spawn(other, urls[other], bus_address))
        victim = spawn(role, urls[role], bus_address, str(BUMPS), failpoint=failpoint)
        running.callback(end, victim)
        if role != "write":
            write(source, BUMPS)
        assert victim.wait(60) == -signal.SIGKILL
        survivor = spawn(role, urls[role], bus_address, str(BUMPS))
        running.callback(end, survivor)
        if role == "write":
            assert survivor.wait(60) == 0
        total = sum(ledger.counted(source).values())
        until(lambda: ledger.waiting(sink) >= total, 60, f"all {total} effects")
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []


def test_two_relays_started_at_once_keep_the_order(
    database_url: str, new_database: Callable[[], str], bus_address: str, opened: ledger.Opened
) -> None:
    sink_url = new_database()
    source, sink = opened(ledger.source(), database_url), opened(ledger.sink(), sink_url)
    bus = open_bus(bus_address)
    bus.ensure_topics(["cairn.people"], 3)
    bus.close()
    with ExitStack() as running:
        for role, url in (("relay", database_url), ("relay", database_url), ("consume", sink_url)):
            running.callback(end, spawn(role, url, bus_address))
        write(source, 150)
        until(lambda: ledger.waiting(sink) >= 150, 60, "all 150 effects")
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []


def write(source: Runtime, count: int) -> None:
    for turn in range(count):
        ledger.bump_in(source, f"counter-{turn % 5}")
