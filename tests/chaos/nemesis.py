"""The faults, and who brings them about: two lanes, each doing one fault after the other in a seeded order.

One lane breaks processes of Cairn, the other what they stand on; so at most two faults overlap, and never on one
thing. Every fault undoes itself, also when the run is told to stop in the middle of it.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from kafka import KafkaProducer
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from cairn import topology
from chassis.tables import OUTBOX
from deploy.kafka.broker import Broker
from tests.chaos.site import PREFIX, Site
from tests.support.own_postgres import OwnPostgres
from tests.support.stack import START_SECONDS, answers, until

ZOMBIE_SECONDS = 18.0
"""Longer than a relay's lease (5 s) and a consumer's session (15 s)."""
POISON = (b"not JSON at all", b"\x00\xff\x00", b"[" * 500)
REACHED_SECONDS = 15.0
BETWEEN = (1.0, 4.0)
"""Seconds from the end of a fault to the next one in its lane."""
MOST_POISON = 6
"""A consumer that parks ten in a row stops itself, as it should."""
CRASH_POINTS = {
    "worker": ("relay.after_ack_before_mark", "consumer.after_commit_before_offset", "consumer.in_transaction"),
    "web": ("unit.before_commit", "unit.after_commit"),
}


@dataclass
class Nemesis:
    """What was done, and what of it the checker must know."""

    site: Site
    stop: threading.Event
    say: Callable[[str], None]
    done: list[str] = field(default_factory=list)
    poisoned: set[str] = field(default_factory=set)
    """Keys of what was put on a topic and is no event of ours."""
    began: float = field(default_factory=time.monotonic)

    def run(self, lane: "Sequence[str]", chance: random.Random) -> None:
        """The faults of a lane in a seeded order, over and over, until told to stop."""
        while lane and not self.stop.is_set():
            for name in chance.sample(lane, len(lane)):
                if self.stop.wait(chance.uniform(*BETWEEN)):
                    return
                start = time.monotonic() - self.began
                what = FAULTS[name](self, chance)
                self.done.append(f"{start:5.1f}-{time.monotonic() - self.began:5.1f} s {name}: {what}")
                self.say(f"  {self.done[-1]}")


def kill_worker(nemesis: Nemesis, chance: random.Random) -> str:
    return _kill(nemesis, f"{chance.choice(topology.PARTS)}-worker", chance)


def kill_web(nemesis: Nemesis, chance: random.Random) -> str:
    return _kill(nemesis, f"{chance.choice(topology.PARTS)}-web", chance)


def _kill(nemesis: Nemesis, name: str, chance: random.Random) -> str:
    nemesis.site.stack.crash(name)
    nemesis.stop.wait(chance.uniform(0.0, 2.0))
    nemesis.site.stack.restart(name)
    return name


def zombie(nemesis: Nemesis, chance: random.Random) -> str:
    """A worker stands still for longer than its lease and session, beside one that takes over, and comes back."""
    part = chance.choice(("goals", "gateway", "notifications", "checkins"))
    stack, other = nemesis.site.stack, f"{part}-worker-heir"
    frozen = stack.processes[f"{part}-worker"].pid
    stack.start(other, *stack.started[f"{part}-worker"][0], CAIRN_OPS_PORT="0")
    os.kill(frozen, signal.SIGSTOP)
    try:
        nemesis.stop.wait(ZOMBIE_SECONDS)
    finally:
        os.kill(frozen, signal.SIGCONT)
    nemesis.stop.wait(2.0)
    stack.crash(other)
    return part


def storm(nemesis: Nemesis, chance: random.Random) -> str:
    """A second worker joins and leaves, again and again."""
    part, stack = chance.choice(("goals", "gateway", "checkins")), nemesis.site.stack
    for turn in range(3):
        stack.start(f"{part}-worker-guest", *stack.started[f"{part}-worker"][0], CAIRN_OPS_PORT="0")
        stopped = nemesis.stop.wait(3.0)
        stack.crash(f"{part}-worker-guest")
        if stopped:
            return f"{part}, {turn + 1} times"
    return f"{part}, 3 times"


def crash_point(nemesis: Nemesis, chance: random.Random) -> str:
    """A process that dies at one of the points where it hurts most, then starts again without."""
    role = chance.choice(("worker", "web"))
    part = chance.choice(("people", "goals", "checkins", "feedback") if role == "web" else ("goals", "checkins"))
    point, stack = chance.choice(CRASH_POINTS[role]), nemesis.site.stack
    name = f"{part}-{role}"
    arguments, environment = stack.started[name]
    stack.crash(name)
    stack.start(name, *arguments, **environment, CAIRN_FAILPOINT=f"{point}:kill@2")
    deadline = time.monotonic() + REACHED_SECONDS
    while stack.processes[name].poll() is None and time.monotonic() < deadline and not nemesis.stop.wait(0.1):
        pass
    died = stack.processes[name].poll() is not None
    stack.crash(name)
    stack.start(name, *arguments, **environment)
    return f"{name} at {point}" + ("" if died or role == "web" else ", not reached")


def kafka_frozen(nemesis: Nemesis, chance: random.Random) -> str:
    return _frozen(nemesis, nemesis.site.kafka, chance.uniform(3.0, 8.0))


def kafka_killed(nemesis: Nemesis, chance: random.Random) -> str:
    nemesis.site.kafka.kill()
    nemesis.stop.wait(chance.uniform(0.0, 2.0))
    nemesis.site.kafka.start()
    return "and started again"


def postgres_restarted(nemesis: Nemesis, chance: random.Random) -> str:
    nemesis.site.postgres.stop_at_once()
    nemesis.stop.wait(chance.uniform(0.0, 1.0))
    nemesis.site.postgres.start()
    return "without warning"


def postgres_frozen(nemesis: Nemesis, chance: random.Random) -> str:
    return _frozen(nemesis, nemesis.site.postgres, chance.uniform(1.0, 4.0))


def _frozen(nemesis: Nemesis, server: Broker | OwnPostgres, seconds: float) -> str:
    server.freeze()
    try:
        nemesis.stop.wait(seconds)
    finally:
        server.thaw()
    return f"{seconds:.0f} s"


def twice(nemesis: Nemesis, chance: random.Random) -> str:
    """Everything that was published in the last ten seconds goes out once more."""
    since, again = datetime.now(UTC) - timedelta(seconds=10), 0
    with nemesis.site.stack.parts() as parts, suppress(DBAPIError):
        for part in parts.values():
            with part.db.writing() as session:
                repeat = update(OUTBOX).where(OUTBOX.c.published_at > since).values(published_at=None)
                again += session.execute(repeat).rowcount  # type: ignore[attr-defined]
    return f"{again} events"


def poison(nemesis: Nemesis, chance: random.Random) -> str:
    if len(nemesis.poisoned) >= MOST_POISON:
        nemesis.stop.wait(1.0)
        return "enough of it"
    topic, key = f"cairn.{chance.choice(topology.SERVICES)}", f"poison-{len(nemesis.poisoned)}"
    producer = KafkaProducer(bootstrap_servers=nemesis.site.kafka.bootstrap)
    try:
        producer.send(PREFIX + topic, chance.choice(POISON), key.encode()).get(timeout=20)
    finally:
        producer.close(timeout=5)
    nemesis.poisoned.add(key)
    return f"{key} on {topic}"


FAULTS: dict[str, Callable[[Nemesis, random.Random], str]] = {
    "kill-worker": kill_worker,
    "kill-web": kill_web,
    "zombie": zombie,
    "storm": storm,
    "crash-point": crash_point,
    "kafka-frozen": kafka_frozen,
    "kafka-killed": kafka_killed,
    "postgres-restarted": postgres_restarted,
    "postgres-frozen": postgres_frozen,
    "twice": twice,
    "poison": poison,
}
OF_PROCESSES = ("kill-worker", "kill-web", "zombie", "storm", "crash-point")


def lanes(faults: Sequence[str]) -> tuple[list[str], list[str]]:
    """These faults by what they break: processes of Cairn, and what those stand on."""
    ours = [name for name in faults if name in OF_PROCESSES]
    return ours, [name for name in faults if name not in OF_PROCESSES]


def all_up(site: Site) -> None:
    """Start again whatever ended, and wait until every web process is ready; AssertionError naming one that is not."""
    for name, process in list(site.stack.processes.items()):
        if process.poll() is not None:
            site.stack.crash(name)
            site.stack.restart(name)
    urls = {"gateway": site.stack.url} | {
        name: site.stack.environment[f"CAIRN_{name.upper()}_URL"] for name in topology.SERVICES
    }
    for name, url in urls.items():
        log = site.stack.logs(f"{name}-web")[-500:]
        until(lambda url=url: answers(f"{url}/readyz"), START_SECONDS, f"{name}-web is ready: {_said(url)}; {log}")  # type: ignore[misc]


def _said(url: str) -> str:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).text
    except httpx.HTTPError as fault:
        return repr(fault)
