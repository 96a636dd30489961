"""What a worker and its database connections show, on both databases and both buses."""

import uuid
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis import VERSION
from chassis.bus import Bus, BusError, Message
from chassis.db import Database
from chassis.pool import MeasuredPool
from chassis.relay import Relay
from chassis.unit import unit_of_work
from chassis.worker import Worker
from contracts.checkins import CheckInSubmitted
from contracts.people import TeamChanged
from tests.support import ledger
from tests.support.ledger import Opened
from tests.support.stack import until


def shown(name: str, **labels: str) -> float:
    """A series of this process; -1 where there is none."""
    value = REGISTRY.get_sample_value(name, labels)
    return -1 if value is None else value


def test_a_running_worker_shows_that_everything_answers(database_url: str, opened: Opened, bus: Bus) -> None:
    runtime = opened(ledger.sink(), database_url)
    bus.ensure_topics(runtime.service.topics(), 1)
    name = runtime.service.name
    worker = Worker(runtime, bus)
    worker.start()
    try:
        until(lambda: shown("cairn_bus_reachable", service=name) == 1, 30, "the bus has answered")
        for loop in ("relay", "consumer"):
            first = shown("cairn_worker_turn_timestamp_seconds", service=name, loop=loop)
            turned = lambda loop=loop, first=first: (  # noqa: E731
                shown("cairn_worker_turn_timestamp_seconds", service=name, loop=loop) > first
            )
            until(turned, 30, f"the {loop} comes round")
        began = shown("cairn_database_answer_timestamp_seconds", service=name)
        until(lambda: shown("cairn_database_answer_timestamp_seconds", service=name) > began, 30, "it is asked again")
        until(lambda: 0 <= shown("cairn_projection_age_seconds", service=name) < 10, 30, "the copy is fresh")
        assert shown("cairn_consumer_lag_seconds", service=name) == 0
        (topic,) = runtime.service.topics()
        assert shown("cairn_consumer_partitions", service=name, topic=topic) == 1
        assert shown("cairn_build_info", service=name, version=VERSION) == 1
    finally:
        worker.stop()


def test_a_worker_shows_which_of_its_topics_nobody_reads(database_url: str, opened: Opened, bus: Bus) -> None:
    counts, misses = TeamChanged.topic(), CheckInSubmitted.topic()
    sink = replace(ledger.sink(), handlers={TeamChanged: ledger.write_down, CheckInSubmitted: ledger.write_down})
    runtime = opened(sink, database_url)
    bus.ensure_topics([counts], 3)
    worker = Worker(runtime, bus)

    def read(topic: str) -> float:
        return shown("cairn_consumer_partitions", service=runtime.service.name, topic=topic)

    worker.start()
    try:
        until(lambda: read(counts) == 3, 30, "all partitions are read")
        assert read(misses) == 0
    finally:
        worker.stop()


class Deaf:
    """A bus that acknowledges nothing."""

    def publish(self, messages: list[Message]) -> list[BusError | None]:
        return [BusError("away")] * len(messages)


def test_a_relay_tells_whether_the_bus_answers(database_url: str, opened: Opened, bus: Bus) -> None:
    runtime = opened(ledger.source(), database_url)
    name = runtime.service.name
    with unit_of_work(runtime.db) as unit:
        ledger.bump(unit, str(uuid.uuid4()))
    (topic,) = ledger.sink().topics()
    bus.ensure_topics([topic], 1)
    counted = shown("cairn_relay_publish_duration_seconds_count", service=name)
    deaf = Relay(runtime, Deaf(), owner="one")  # type: ignore[arg-type]
    with pytest.raises(BusError):
        deaf.drain()
    assert shown("cairn_bus_reachable", service=name) == 0
    assert Relay(runtime, bus, owner="one").drain() == 1
    assert shown("cairn_bus_reachable", service=name) == 1
    assert shown("cairn_relay_publish_duration_seconds_count", service=name) >= max(counted, 0) + 2


def test_connections_are_counted_while_they_are_in_use(database_url: str) -> None:
    name = uuid.uuid4().hex
    db = Database(database_url, name=name, pool_size=2)
    try:
        with db.reading() as one, db.reading() as two:
            for session in (one, two):
                session.execute(text("SELECT 1"))
            assert shown("cairn_database_connections_in_use", service=name) == 2
        assert shown("cairn_database_connections_in_use", service=name) == 0
        assert shown("cairn_database_connections_limit", service=name) >= 2
        assert shown("cairn_database_connection_wait_seconds_count", service=name) == 2
    finally:
        db.dispose()
    assert shown("cairn_database_connections_limit", service=name) == 0


def test_a_connection_that_did_not_become_free_is_counted() -> None:
    engine = create_engine(
        "sqlite:///file::memory:?uri=true",
        poolclass=MeasuredPool, pool_logging_name="narrow", pool_size=1, max_overflow=0, pool_timeout=0.01,
    )  # fmt: skip
    before = shown("cairn_database_connection_timeouts_total", service="narrow")
    assert before >= 0, "it is there before it counts"
    with engine.connect(), pytest.raises(PoolTimeout):
        engine.connect()
    assert shown("cairn_database_connection_timeouts_total", service="narrow") == before + 1
    assert shown("cairn_database_connections_in_use", service="narrow") == 0
    engine.dispose()
