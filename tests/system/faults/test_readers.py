"""Readers that are slow, frozen, come and go, and messages nobody can read, on a real Kafka (F19 to F24)."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer

from chassis.bus import Bus
from chassis.bus.kafka import KafkaBus
from chassis.consumer import Consumer, retry_parked
from chassis.parking import parked
from chassis.relay import Relay
from chassis.service import Runtime
from contracts.people import TeamChanged
from tests.support import ledger
from tests.support.kafka import QUICK, fresh_prefix
from tests.support.postgres import Postgres
from tests.support.stack import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]

Figure = Callable[[str], None]
ROOT = Path(__file__).resolve().parents[3]
TOPIC = "cairn.people"
STORM_SECONDS = float(os.environ.get("CAIRN_FAULT_SECONDS", "9"))


class Scene:
    """A source whose relay works in a thread, a sink's database, and readers as processes."""

    def __init__(self, source: Runtime, sink: Runtime, sink_url: str, bootstrap: str, ending: ExitStack) -> None:
        self.source, self.sink = source, sink
        self.bootstrap, self.prefix = bootstrap, fresh_prefix()
        self._sink_url = sink_url
        self._ending = ending
        self._stop = threading.Event()
        self.bus: Bus = KafkaBus(bootstrap, self.prefix, **QUICK)
        self.bus.ensure_topics([TOPIC], 3)
        self._relay = threading.Thread(target=Relay(source, self.bus).run, args=(self._stop,))
        self._relay.start()
        ending.callback(self.end)

    def end(self) -> None:
        self._stop.set()
        self._relay.join(30)
        self.bus.close()

    def reader(self, seconds: float = 0) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.reader_process", self._sink_url]
        address = f"kafka:{self.bootstrap}:{self.prefix}"
        process = subprocess.Popen([*command, address, str(seconds)], cwd=ROOT)
        self._ending.callback(end, process)
        return process

    def bump(self, count: int) -> None:
        for turn in range(count):
            ledger.bump_in(self.source, f"counter-{turn % 7}")

    def write(self, stop: threading.Event) -> None:
        """Change something all the time."""
        while not stop.wait(0.02):
            self.bump(5)

    def done(self) -> int:
        return ledger.waiting(self.sink)

    def arrive(self, seconds: float) -> None:
        total = sum(ledger.counted(self.source).values())
        until(lambda: self.done() >= total, seconds, f"all {total} effects")

    def faults(self) -> list[str]:
        return ledger.faults(ledger.effects(self.sink), ledger.counted(self.source))

    def members(self) -> set[str]:
        """Who is in the readers' group now."""
        with KafkaAdminClient(bootstrap_servers=self.bootstrap) as admin:
            (group,) = admin.describe_groups([f"{self.prefix}sink"]).values()
        return {member["member_id"] for member in group["members"]}


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(10)


@pytest.fixture
def scene(kafka: str, postgres: Postgres) -> Iterator[Scene]:
    with ExitStack() as ending:
        urls = [ending.enter_context(postgres.database()) for _ in range(2)]
        source, sink = (
            ledger.runtime(service, url) for service, url in zip((ledger.source(), ledger.sink()), urls, strict=True)
        )
        for one in (source, sink):
            ending.callback(one.db.dispose)
        yield Scene(source, sink, urls[1], kafka, ending)


def test_a_slow_reader_is_late_and_stays_in_its_group(scene: Scene, figure: Figure) -> None:
    scene.reader(seconds=0.1)
    scene.bump(1)
    scene.arrive(30)
    before = scene.members()
    started = time.monotonic()
    scene.bump(100)
    published = time.monotonic() - started
    until(lambda: scene.done() >= 51, 60, "a batch that takes longer than the group waits for a sign of life")
    assert scene.members() == before
    scene.arrive(60)
    assert scene.members() == before, "nobody was thrown out, nobody joined anew"
    figure(f"100 events of 0.1 s each; written in {published:.1f} s meanwhile; no rebalance")
    assert scene.faults() == []


def test_a_reader_frozen_until_it_was_given_up_doubles_nothing_when_it_thaws(scene: Scene, figure: Figure) -> None:
    zombie = scene.reader(seconds=0.02)
    scene.bump(300)
    until(lambda: scene.done() > 60, 30, "it is in the middle of its work")
    zombie.send_signal(signal.SIGSTOP)
    (given_up,) = scene.members()
    heir = scene.reader()
    until(lambda: given_up not in scene.members(), 60, "the frozen one was given up")
    zombie.send_signal(signal.SIGCONT)
    scene.bump(100)
    scene.arrive(60)
    until(lambda: len(scene.members()) == 2, 60, "the thawed one is in the group again")
    scene.bump(50)
    scene.arrive(60)
    figure(f"{sum(ledger.counted(scene.source).values())} effects, each once")
    assert scene.faults() == []
    assert zombie.poll() is None
    assert heir.poll() is None


def test_progress_goes_on_while_readers_come_and_go(scene: Scene, figure: Figure) -> None:
    steady, chance = scene.reader(), random.Random(3)
    scene.bump(10)
    scene.arrive(30)
    stop = threading.Event()
    writer = threading.Thread(target=scene.write, args=(stop,))
    writer.start()
    visitor, seen, stalls, last = None, scene.done(), 0.0, time.monotonic()
    end_at, change_at = time.monotonic() + STORM_SECONDS, time.monotonic()
    while time.monotonic() < end_at:
        if time.monotonic() > change_at:
            change_at += 3
            if visitor is not None:
                visitor.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM]))
            visitor = scene.reader()
        stop.wait(0.1)
        if (now_done := scene.done()) > seen:
            seen, last = now_done, time.monotonic()
        stalls = max(stalls, time.monotonic() - last)
    stop.set()
    writer.join()
    total = sum(ledger.counted(scene.source).values())
    share = seen / total
    scene.arrive(60)
    figure(f"a reader came or went every 3 s for {STORM_SECONDS:.0f} s: {share:.0%} of {total} events were taken "
           f"in that time, longest pause {stalls:.1f} s")  # fmt: skip
    assert share >= 0.3
    assert scene.faults() == []
    assert steady.poll() is None


def test_what_cannot_be_read_is_put_aside_and_the_partition_goes_on(scene: Scene, figure: Figure) -> None:
    poison = [b"not json", b"\x00" * 40, b"[" * 100_000, b'{"id": 7}', None]
    with KafkaProducer(bootstrap_servers=scene.bootstrap) as stranger:
        for number, value in enumerate(poison):
            future = [("ce_type", TeamChanged.TYPE.replace(".v1", ".v99").encode())]
            headers = future if number % 2 else []
            stranger.send(scene.prefix + TOPIC, value, f"bad-{number}".encode(), headers).get(10)
    reader = scene.reader()
    started = time.monotonic()
    scene.bump(30)
    scene.arrive(30)
    figure(f"{len(poison)} poison messages among 30 events; all taken {time.monotonic() - started:.1f} s later")
    with scene.sink.db.reading() as session:
        letters = parked(session)
    assert sorted(row.key for row in letters) == [f"bad-{number}" for number in range(len(poison))]
    assert scene.faults() == []
    assert reader.poll() is None


def test_a_handler_that_fails_for_one_aggregate_holds_up_no_other(scene: Scene) -> None:
    broken = threading.Event()
    broken.set()

    def fragile(unit, event, envelope) -> None:  # type: ignore[no-untyped-def]
        if event.id == "counter-3" and broken.is_set():
            raise KeyError("a bug")
        ledger.write_down(unit, event, envelope)

    sink = replace(scene.sink, service=replace(ledger.sink(), handlers={TeamChanged: fragile}))
    consumer = Consumer(sink, scene.bus)
    scene.bump(35)
    deadline = time.monotonic() + 60
    while scene.done() < 30 and time.monotonic() < deadline:
        consumer.step(0.5)
    consumer.close()
    assert {name for name, _ in ledger.effects(scene.sink)} == {f"counter-{n}" for n in range(7) if n != 3}
    broken.clear()
    assert retry_parked(sink, TOPIC, "counter-3") == (5, 0)
    assert scene.faults() == [], "after the bug is mended they are taken in order"
