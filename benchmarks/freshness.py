"""How long after a check-in was accepted the dashboard and the tree at the gateway show it, at 50 check-ins a second
through every process of the distributed topology; beside it, how long a message of the same broker takes from a
kafka-python producer to a kafka-python consumer at the same pace, in the same minute.

The time runs from the answer to the check-in until the answer that shows its value, so a look takes part in it.
"""

import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx
from kafka import KafkaConsumer, KafkaProducer

from benchmarks.reading import Caller, get, post
from benchmarks.servers import real
from cairn import topology
from chassis.bus.kafka import KafkaBus
from tests.support.kafka import fresh_prefix
from tests.support.stack import Stack, distributed

PACE = 50
SECONDS = float(os.environ.get("CAIRN_BENCH_SECONDS", "60"))
WARM = 100
"""Check-ins that do not count."""
LOOKED_FOR = 50
"""Every so many check-ins one is looked for. Each look finds the page changed and has it worked out anew: more looks
would measure themselves."""
LOOK_EVERY = 0.01
PATIENCE = 30.0
PEOPLE, OBJECTIVES, MEASURED = 5, 25, 4
SENDERS = 8


def main() -> None:
    with real() as (server, broker), tempfile.TemporaryDirectory() as folder, ExitStack() as made:
        databases = {name: made.enter_context(server.database()) for name in topology.PARTS}
        with distributed(Path(folder), databases, broker, fresh_prefix()) as stack:
            site = Site(stack)
            _run(site)
        _say("kafka-python, from send to poll", _messages(broker))


class Site:
    """People with objectives, and the two pages that show them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        admin = stack.admin()
        with stack.client(admin) as client:
            people = [
                _post(client, "persons", email=f"p{n}@example.com", display_name=f"Person {n}")["id"]
                for n in range(PEOPLE)
            ]
            cycle = _post(client, "cycles", name="Year", starts_on="2026-01-01", ends_on="2026-12-31")["id"]
            stack.settle()
            counted = [
                {"title": f"Counted {n}", "metric": "increase", "start": "0", "target": "1000000"}
                for n in range(MEASURED)
            ]
            self.key_results = [
                one["id"]
                for number in range(OBJECTIVES)
                for one in _post(
                    client,
                    "objectives",
                    title=f"O {number}",
                    cycle_id=cycle,
                    owner_id=people[number % PEOPLE],
                    key_results=counted,
                )["key_results"]
            ]
        stack.settle()
        self.tokens = [stack.cairn("token", f"p{n}@example.com").stdout.strip() for n in range(PEOPLE)]
        self.pages = {"dashboard": "/api/v1/dashboard", "tree": f"/api/v1/cycles/{cycle}/alignment"}

    def caller(self) -> Caller:
        return Caller(urlsplit(self._stack.url).port or 0)

    def check_in(self, caller: Caller, number: int) -> float:
        """Send the value `number` for one key result after the other; the moment of the answer."""
        path = f"/api/v1/key-results/{self.key_results[number % len(self.key_results)]}/check-ins"
        answer = caller.exchange(post(path, self._owner(number), f'{{"value": "{number}"}}'))
        if not answer.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"unexpected answer: {answer[:400]!r}")
        return time.monotonic()

    def seen(self, caller: Caller, page: str, number: int) -> float:
        """The moment of the first answer that shows the value."""
        deadline, look = time.monotonic() + PATIENCE, get(self.pages[page], self._owner(number))
        while b'"%d"' % number not in caller.exchange(look):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the {page} never showed {number}")
            time.sleep(LOOK_EVERY)
        return time.monotonic()

    def _owner(self, number: int) -> str:
        """The token of the owner of the key result that check-in is about."""
        objective = number % len(self.key_results) // MEASURED
        return self.tokens[objective % PEOPLE]


def _run(site: Site) -> None:
    took: dict[str, list[float]] = {page: [] for page in site.pages}
    callers = threading.local()

    def mine() -> Caller:
        if not hasattr(callers, "one"):
            callers.one = site.caller()
        found: Caller = callers.one
        return found

    with ThreadPoolExecutor(SENDERS) as senders, ThreadPoolExecutor(2 * len(took)) as lookers:
        looks: list[tuple[str, float, Future[float]]] = []

        def look(page: str, number: int) -> float:
            return site.seen(mine(), page, number)

        def send(number: int) -> None:
            accepted = site.check_in(mine(), number)
            if number >= WARM and number % LOOKED_FOR == 0:
                looks.extend((page, accepted, lookers.submit(look, page, number)) for page in took)

        late = _paced(lambda number: senders.submit(send, number))
    for page, accepted, shown in looks:
        took[page].append(shown.result() - accepted)
    for page, times in took.items():
        _say(f"accepted, until the {page} shows it", times)
    print(f"freshness: check-ins a second: {PACE}, for {SECONDS:.0f} s; the last was sent {late:.2f} s late")


def _paced(send: Callable[[int], Any]) -> float:
    """Send at the pace; how late the last one was."""
    began = time.monotonic()
    sent: list[Any] = []
    for number in range(WARM + 1, WARM + int(PACE * SECONDS) + 1):
        time.sleep(max(0.0, began + (number - WARM) / PACE - time.monotonic()))
        sent.append(send(number))
    last = max(0.0, time.monotonic() - began - SECONDS)
    for one in sent:
        if isinstance(one, Future):
            one.result()
    return last


def _messages(broker: str) -> list[float]:
    """Seconds each message takes through the broker."""
    prefix, took = fresh_prefix(), list[float]()
    topic, bus = f"{prefix}yardstick", KafkaBus(broker, prefix)
    bus.ensure_topics(["yardstick"], 1)
    bus.close()
    producer = KafkaProducer(bootstrap_servers=broker, acks="all")
    producer.send(topic, b"0").get(10)
    consumer = KafkaConsumer(topic, bootstrap_servers=broker, auto_offset_reset="earliest")
    wanted = int(PACE * SECONDS)
    sent: dict[int, float] = {}

    def send(number: int) -> None:
        sent[number] = time.monotonic()
        producer.send(topic, str(number).encode())

    sender = threading.Thread(target=_paced, args=(send,))
    sender.start()
    while len(took) < wanted:
        for batch in consumer.poll(timeout_ms=1000).values():
            now = time.monotonic()
            took += [now - sent[int(record.value)] for record in batch if int(record.value) in sent]
    sender.join()
    producer.close()
    consumer.close(autocommit=False)
    return took


def _post(client: httpx.Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", json=body).raise_for_status().json()


def _say(what: str, seconds: list[float]) -> None:
    ordered = sorted(one * 1000 for one in seconds)
    p99 = ordered[int(len(ordered) * 0.99)]
    print(f"freshness: {what}: p50 {median(ordered):.1f} ms, p99 {p99:.0f} ms, {len(ordered)} looked at", flush=True)
