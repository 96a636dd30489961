"""How fast the relay empties an outbox to Kafka, beside kafka-python alone: the same messages to the same broker.

The client alone is told the same about acknowledgements, repeats and batches, and need not wait before the end. The
relay reads and marks its rows on a real PostgreSQL besides, and waits for each batch. They take turns.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from kafka import KafkaProducer
from sqlalchemy import select

from benchmarks.servers import real
from chassis.bus.kafka import KafkaBus
from chassis.bus.wire import Wire
from chassis.db import Database
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.relay import Relay, waiting_since
from chassis.service import Runtime
from chassis.tables import OUTBOX
from chassis.unit import unit_of_work
from contracts.people import PersonRegistered
from services.people.app import service
from tests.support.kafka import fresh_prefix

EVENTS = 20_000
ROUNDS = 5
COMMIT = 1000
TOPIC = PersonRegistered.topic()
SETTINGS = ("acks", "enable_idempotence", "linger_ms", "batch_size", "delivery_timeout_ms", "request_timeout_ms")


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second, and the microseconds of processor time each of them cost this process."""

    rate: float
    busy: float


def main() -> None:
    with real() as (server, bootstrap), server.database() as url:
        prefix = fresh_prefix()
        people = Runtime(service(), Database(url))
        migrate(people.db, people.service)
        bus = KafkaBus(bootstrap, prefix)
        bus.ensure_topics([TOPIC], 3)
        settings = {name: KafkaBus.DEFAULTS[name] for name in SETTINGS}
        alone = KafkaProducer(bootstrap_servers=bootstrap, **settings)
        relay = Relay(people, bus)
        rounds = [_round(people, relay, alone, prefix) for _ in range(ROUNDS + 1)][1:]
        alone.close()
        bus.close()
        people.db.dispose()
    yardstick, ours = ([turn[which] for turn in rounds] for which in (0, 1))
    _say("kafka-python alone", yardstick)
    _say("the relay", ours)
    print(f"relay: ratio: {median(mine.rate / other.rate for other, mine in rounds):.2f}")


def _round(people: Runtime, relay: Relay, alone: KafkaProducer, prefix: str) -> tuple[Pace, Pace]:
    """The client alone, then the relay, with the same messages."""
    messages = _commit_events(people, prefix)
    began = time.monotonic(), time.process_time()
    for topic, key, value, headers in messages:
        alone.send(topic, value, key, headers)
    alone.flush()
    first = _pace(began)
    began = time.monotonic(), time.process_time()
    while relay.drain():
        pass
    second = _pace(began)
    if waiting_since(people.db)[0]:
        raise AssertionError("the relay left something behind")
    return first, second


def _pace(began: tuple[float, float]) -> Pace:
    wall, busy = time.monotonic() - began[0], time.process_time() - began[1]
    return Pace(EVENTS / wall, busy / EVENTS * 1e6)


def _commit_events(people: Runtime, prefix: str) -> Sequence[Wire]:
    """Put the events into the outbox and answer them as the client is to send them."""
    for _ in range(EVENTS // COMMIT):
        with unit_of_work(people.db) as unit:
            for number in range(COMMIT):
                unit.publish(registered(number))
    columns = select(OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.payload, OUTBOX.c.headers)
    with people.db.reading() as session:
        rows = session.execute(columns.where(OUTBOX.c.published_at.is_(None)).order_by(OUTBOX.c.id)).all()
    return [
        (
            prefix + row.topic,
            row.key.encode(),
            row.payload,
            [(name, said.encode()) for name, said in row.headers.items()],
        )
        for row in rows
    ]


def registered(number: int) -> PersonRegistered:
    """Somebody as large as the largest of a real organisation: some 600 bytes."""
    return PersonRegistered(
        id=new_id(),
        version=1,
        external_id=f"P{number}",
        email=f"person.{number}@example.com",
        display_name=f"Person {number}",
        title="Senior Executive Officer, Operational Delivery and Case Management",
        manager_id=new_id(),
        team_ids=[new_id(), new_id()],
        roles=["employee"],
    )


def _say(what: str, paces: Sequence[Pace]) -> None:
    rate, busy = (median(getattr(pace, field) for pace in paces) for field in ("rate", "busy"))
    print(f"relay: {what}: {rate:,.0f} messages/s, {busy:.0f} µs of processor time each")
