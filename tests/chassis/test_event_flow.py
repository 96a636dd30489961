"""One event from the source's transaction to the sink's, with repeats, failures and two relays."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from chassis import parking
from chassis.bus import Bus, BusError, Message, Received
from chassis.bus.sqlite import SqliteBus
from chassis.consumer import Consumer, TooMuchParked, retry_parked
from chassis.relay import Relay, in_order, waiting_since
from chassis.service import Runtime, Together, Told
from chassis.tables import INBOX, OUTBOX
from chassis.unit import Unit, unit_of_work
from contracts.envelope import from_headers
from contracts.people import TeamChanged
from tests.support import ledger
from tests.support.ledger import Opened


@pytest.fixture
def idle_bus(tmp_path: Path) -> Iterator[Bus]:
    """For tests that hand messages to the consumer themselves."""
    bus = SqliteBus(tmp_path / "idle.db")
    yield bus
    bus.close()


@pytest.fixture
def flow(pair: tuple[Runtime, Runtime], bus: Bus) -> tuple[Runtime, Runtime, Bus]:
    bus.ensure_topics(["cairn.people"], 3)
    return *pair, bus


def drain(relay: Relay) -> int:
    total = 0
    while sent := relay.drain():
        total += sent
    return total


def consume(consumer: Consumer, sink: Runtime, wanted: int, rounds: int = 100) -> None:
    """Take batches until the sink shows so many effects, in at most so many rounds of half a second."""
    for _ in range(rounds):
        if ledger.waiting(sink) >= wanted:
            break
        consumer.step(timeout=0.5)
    consumer.step(timeout=0.1)


def test_every_change_reaches_the_sink_once_and_in_order(flow: tuple[Runtime, Runtime, Bus]) -> None:
    source, sink, bus = flow
    for turn in range(40):
        ledger.bump_in(source, f"counter-{turn % 3}")
    assert drain(Relay(source, bus)) == 40
    consumer = Consumer(sink, bus)
    consume(consumer, sink, 40)
    consumer.close()
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []


def test_an_event_published_twice_has_one_effect(flow: tuple[Runtime, Runtime, Bus]) -> None:
    source, sink, bus = flow
    for _ in range(10):
        ledger.bump_in(source, "counter")
    relay, consumer = Relay(source, bus), Consumer(sink, bus)
    drain(relay)
    with source.db.writing() as session:
        session.execute(update(OUTBOX).values(published_at=None))
    assert drain(relay) == 10
    consume(consumer, sink, 10)
    for _ in range(3):
        consumer.step(timeout=0.2)
    consumer.close()
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []


@pytest.mark.parametrize("pauses", [False, True])
def test_what_a_crash_lets_come_again_has_one_effect(
    pair: tuple[Runtime, Runtime], tmp_path: Path, pauses: bool
) -> None:
    source, sink = pair
    for _ in range(10):
        ledger.bump_in(source, "counter")
    bus = SqliteBus(tmp_path / "bus.db")
    bus.ensure_topics(["cairn.people"], 3)
    drain(Relay(source, bus))
    consumer = Consumer(sink, bus)
    assert consumer.step(timeout=5) == 10
    if pauses:  # in which positions are committed
        assert consumer.step(timeout=0.1) == 0
    bus.close()  # nobody leaves the group
    bus = SqliteBus(tmp_path / "bus.db")
    assert Consumer(sink, bus).step(timeout=1) == (0 if pauses else 10)
    bus.close()
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []


def test_who_leaves_says_where_it_was(pair: tuple[Runtime, Runtime], bus: Bus) -> None:
    source, sink = pair
    bus.ensure_topics(["cairn.people"], 1)
    ledger.bump_in(source, "counter")
    drain(Relay(source, bus))
    first, second = Consumer(sink, bus), Consumer(sink, bus)
    while not first.step(timeout=0.5):
        pass
    first.close()
    assert [second.step(timeout=0.5) for _ in range(4)] == [0] * 4
    second.close()


def test_a_unit_that_fails_leaves_neither_change_nor_event(database_url: str, opened: Opened) -> None:
    source = opened(ledger.source(), database_url)

    def fail_after_bumping() -> None:
        with unit_of_work(source.db) as unit:
            ledger.bump(unit, "counter")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_bumping()
    assert ledger.counted(source) == {}
    assert waiting_since(source.db) == (0, None)


def test_the_envelope_says_where_an_event_comes_from(database_url: str, opened: Opened) -> None:
    source = opened(ledger.source(), database_url)
    with unit_of_work(source.db) as unit:
        ledger.bump(unit, "counter")
        trace = unit.trace
    with source.db.reading() as session:
        envelope = from_headers(session.execute(select(OUTBOX.c.headers)).scalar_one())
    assert (envelope.subject, envelope.aggregate_version, envelope.actor) == ("counter", 1, "cairn")
    assert (envelope.traceparent, envelope.correlation) == (trace.traceparent, trace.correlation)


def test_only_one_of_two_relays_works_until_its_lease_runs_out(flow: tuple[Runtime, Runtime, Bus]) -> None:
    source, _sink, bus = flow
    ledger.bump_in(source, "counter")
    first, second = Relay(source, bus, lease_seconds=0.3), Relay(source, bus, lease_seconds=0.3)
    assert first.drain() == 1
    ledger.bump_in(source, "counter")
    assert second.drain() == 0
    deadline = threading.Event()
    for _ in range(50):
        if second.drain():
            break
        deadline.wait(0.05)
    assert waiting_since(source.db)[0] == 0
    assert first.drain() == 0


class Deaf:
    """A bus that acknowledges nothing of one key; everything else is forwarded."""

    def __init__(self, bus: Bus, key: str) -> None:
        self._bus, self.key = bus, key

    def publish(self, messages: Sequence[Message]) -> list[BusError | None]:
        results = iter(self._bus.publish([message for message in messages if message.key != self.key]))
        return [BusError("lost") if message.key == self.key else next(results) for message in messages]


def test_what_was_not_acknowledged_stays_and_goes_out_later_in_order(flow: tuple[Runtime, Runtime, Bus]) -> None:
    source, sink, bus = flow
    for turn in range(12):
        ledger.bump_in(source, f"counter-{turn % 2}")
    with pytest.raises(BusError, match="6 of 12"):
        Relay(source, Deaf(bus, "counter-0"), owner="one").drain()  # type: ignore[arg-type]
    assert waiting_since(source.db)[0] == 6
    assert drain(Relay(source, bus, owner="one")) == 6
    consumer = Consumer(sink, bus)
    consume(consumer, sink, 12)
    consumer.close()
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []


def test_nothing_after_a_failure_of_the_same_key_is_marked() -> None:
    rows = [OutboxRow(1, "t", "a"), OutboxRow(2, "t", "b"), OutboxRow(3, "t", "a"), OutboxRow(4, "t", "b")]
    assert in_order(rows, [BusError("x"), None, None, None]) == [2, 4]  # type: ignore[arg-type]


class OutboxRow(tuple[int, str, str]):
    def __new__(cls, id_: int, topic: str, key: str) -> "OutboxRow":
        made = super().__new__(cls, (id_, topic, key))
        made.id, made.topic, made.key = id_, topic, key
        return made

    id: int
    topic: str
    key: str


def received(source: Runtime) -> list[Received]:
    """The source's outbox as a consumer would receive it."""
    with source.db.reading() as session:
        rows = session.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all()
    return [Received(Message(r.topic, r.key, r.payload, r.headers), 0, r.id) for r in rows]


@pytest.fixture
def pair(database_url: str, new_database: Callable[[], str], opened: Opened) -> tuple[Runtime, Runtime]:
    return opened(ledger.source(), database_url), opened(ledger.sink(), new_database())


def break_one(source: Runtime, counter: str, version: int) -> None:
    """Publish an event that the sink's handler refuses."""
    with unit_of_work(source.db) as unit:
        unit.publish(TeamChanged(id=counter, version=version, name="x", description="break"))


def test_a_failing_aggregate_parks_with_its_successors_while_others_go_on(
    pair: tuple[Runtime, Runtime], idle_bus: Bus
) -> None:
    source, sink = pair
    break_one(source, "bad", 1)
    for _ in range(3):
        ledger.bump_in(source, "good")
        ledger.bump_in(source, "bad")
    Consumer(sink, idle_bus).apply(received(source))
    assert ledger.effects(sink) == [("good", 1), ("good", 2), ("good", 3)]
    with sink.db.reading() as session:
        letters = parking.parked(session)
    assert [(row.key, row.reason) for row in letters] == [("bad", "handler_failed")] + [("bad", "behind")] * 3


def test_a_handler_of_many_gets_them_at_once_and_alone_when_one_of_them_fails(
    database_url: str, new_database: Callable[[], str], opened: Opened, idle_bus: Bus
) -> None:
    sizes: list[int] = []

    def fold(unit: Unit, told: Sequence[Told]) -> None:
        sizes.append(len(told))
        for event, envelope in told:
            ledger.write_down(unit, event, envelope)

    source = opened(ledger.source(), database_url)
    sink = opened(replace(ledger.sink(), handlers={TeamChanged: Together(fold)}), new_database())
    consumer = Consumer(sink, idle_bus)
    for turn in range(6):
        ledger.bump_in(source, f"counter-{turn % 2}")
    consumer.apply(received(source) + received(source)[:2])
    assert sizes == [6]
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []
    break_one(source, "bad", 1)
    ledger.bump_in(source, "counter-0")
    consumer.apply(received(source)[6:])
    assert sizes[1:] == [2, 1, 1, 1, 1], "together, three times the bad one alone, and the good one"
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []
    assert retry_parked(sink, "cairn.people", "bad") == (0, 1)


def test_parked_events_are_handled_in_order_after_mending(pair: tuple[Runtime, Runtime], idle_bus: Bus) -> None:
    source, sink = pair
    break_one(source, "bad", 1)
    for _ in range(3):
        ledger.bump_in(source, "bad")
    Consumer(sink, idle_bus).apply(received(source))
    assert retry_parked(sink, "cairn.people", "bad") == (0, 4)
    with sink.db.writing() as session:
        assert parking.drop(session, parking.parked(session)[0].id)
    assert retry_parked(sink, "cairn.people", "bad") == (3, 0)
    assert ledger.effects(sink) == [("bad", 1), ("bad", 2), ("bad", 3)]


def test_ten_parked_in_a_row_stop_the_consumer(pair: tuple[Runtime, Runtime], idle_bus: Bus) -> None:
    source, sink = pair
    for number in range(12):
        break_one(source, f"bad-{number}", 1)
    with pytest.raises(TooMuchParked, match="cairn parked list"):
        Consumer(sink, idle_bus).apply(received(source))
    with sink.db.reading() as session:
        assert len(parking.parked(session)) == 10


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda m: replace(m, value=b"not json"), "unreadable"),
        (lambda m: replace(m, value=b'{"id": 7}'), "unreadable"),
        (lambda m: replace(m, value=b"\x00" * 40), "unreadable"),
        (lambda m: replace(m, value=None), "unreadable"),
        (lambda m: replace(m, value=b"[" * 100_000), "unreadable"),
        (lambda m: replace(m, headers={}), "malformed_envelope"),
        (lambda m: replace(m, key="a\x00b", headers={"\x00": "\x00"}), "malformed_envelope"),
        (lambda m: replace(m, headers={**m.headers, "ce_id": "\x00"}), "malformed_envelope"),
        (lambda m: replace(m, value=b'{"name": ' + b"9" * 10_000_000), "unreadable"),
        (lambda m: replace(m, headers={**m.headers, "ce_aggregateversion": "many"}), "malformed_envelope"),
        (lambda m: replace(m, headers={**m.headers, "ce_type": "cairn.people.team.changed.v99"}), "unknown_version"),
    ],
)
def test_poison_is_parked_with_its_reason_and_the_rest_goes_on(
    pair: tuple[Runtime, Runtime], idle_bus: Bus, spoil: Callable[[Message], Message], reason: str
) -> None:
    source, sink = pair
    ledger.bump_in(source, "bad")
    ledger.bump_in(source, "good")
    first, second = received(source)
    Consumer(sink, idle_bus).apply([replace(first, message=spoil(first.message)), second])
    assert ledger.effects(sink) == [("good", 1)]
    with sink.db.reading() as session:
        assert [row.reason for row in parking.parked(session)] == [reason]


def test_events_of_other_types_pass_by(pair: tuple[Runtime, Runtime], idle_bus: Bus) -> None:
    source, sink = pair
    ledger.bump_in(source, "counter")
    (only,) = received(source)
    strange = replace(only.message, headers={**only.message.headers, "ce_type": "elsewhere.thing.happened.v1"})
    for _ in range(2):
        Consumer(sink, idle_bus).apply([replace(only, message=strange)])
    assert ledger.effects(sink) == []
    with sink.db.reading() as session:
        assert parking.parked(session) == []
        noted = session.execute(select(INBOX.c.event_id)).scalars().all()
    assert noted == [from_headers(dict(only.message.headers)).id], "whoever waits for it sees that it has arrived"
