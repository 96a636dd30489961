"""Kafka hangs for five minutes under a steady load of writes; then everything that waited has to go out and arrive.

The broker is frozen, not ended: connections stay open and nothing answers, the worst way to be away. Writes go through
the gateway all the time. The rest of the waiting events is put straight into the outbox of people, as an import would.
"""

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx

from benchmarks.relay import registered
from benchmarks.servers import real
from cairn import topology
from cairn.settling import settled
from chassis.relay import waiting_since
from chassis.service import Runtime
from chassis.unit import unit_of_work
from deploy.kafka.broker import Broker
from tests.support.kafka import fresh_prefix
from tests.support.stack import Stack, distributed

SECONDS = float(os.environ.get("CAIRN_BENCH_AWAY_SECONDS", "300"))
WAITING = 10_000
PACE = 10
"""Writes a second."""
PATIENCE = 300.0


def main() -> None:
    with real(with_kafka=False) as (server, _), tempfile.TemporaryDirectory() as folder, ExitStack() as made:
        databases = {name: made.enter_context(server.database()) for name in topology.PARTS}
        broker = made.enter_context(Broker(Path(folder) / "kafka"))
        with distributed(Path(folder), databases, broker.bootstrap, fresh_prefix()) as stack, stack.parts() as parts:
            _measure(stack, parts, broker)


def _measure(stack: Stack, parts: dict[str, Runtime], broker: Broker) -> None:
    answers: Counter[str] = Counter()
    over = threading.Event()
    with stack.client(stack.admin()) as client:
        writer = threading.Thread(target=_write, args=(client, answers, over))
        writer.start()
        broker.freeze()
        try:
            over.wait(SECONDS)
            _fill(parts["people"], WAITING - _waiting(parts))
            waited = _waiting(parts)
        finally:
            broker.thaw()
        back = time.monotonic()
        # Writing goes on, so that some newly written always wait.
        drained = _until(lambda: _waiting(parts) <= PACE, back)
        over.set()
        writer.join()
    applied = _until(lambda: settled(parts), back)
    failed = sum(count for answer, count in answers.items() if answer != "201")
    print(f"away: Kafka hung for {SECONDS:.0f} s; writes: {answers['201']}, failed: {failed} {dict(answers)}")
    print(f"away: {waited} waited; out {drained:.1f} s after its return, applied everywhere {applied:.1f} s after it")


def _write(client: httpx.Client, answers: Counter[str], over: threading.Event) -> None:
    number = 0
    while not over.wait(1 / PACE):
        number += 1
        body = {"email": f"away{number}@example.com", "display_name": f"Away {number}"}
        try:
            answers[str(client.post("/api/v1/persons", json=body).status_code)] += 1
        except httpx.HTTPError as fault:
            answers[type(fault).__name__] += 1


def _fill(people: Runtime, wanted: int) -> None:
    with unit_of_work(people.db) as unit:
        for number in range(max(0, wanted)):
            unit.publish(registered(number))


def _waiting(parts: dict[str, Runtime]) -> int:
    return sum(waiting_since(part.db)[0] for part in parts.values())


def _until(done: Callable[[], bool], began: float) -> float:
    """Seconds since `began` when it was done."""
    while not done():
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"not done {PATIENCE:.0f} s after Kafka came back")
        time.sleep(0.2)
    return time.monotonic() - began
