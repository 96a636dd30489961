"""The consumer: one polled batch, one transaction, every effect once.

The inbox row comes first, in the transaction of its effect; a duplicate finds it there and does nothing. When a
batch fails it is rolled back and replayed event by event: the one that keeps failing is parked with its reason, and
later events of the same aggregate park behind it while all others go on. A database that is away parks nothing.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import TextClause, bindparam, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from chassis import metrics
from chassis.bus import Bus, BusError, Message, Received, Subscription
from chassis.db import on_sqlite
from chassis.failpoints import failpoint
from chassis.incoming import Item, Poison, read
from chassis.lateness import Lateness
from chassis.parking import drop, park, parked, parked_keys
from chassis.service import Runtime, Service, Together, Told
from chassis.statements import among, over_ids
from chassis.tables import INBOX
from chassis.unit import Unit, unit_of_work
from contracts.envelope import Envelope
from contracts.event import Event

BATCH = 1000
RETRY_PAUSES = (0.1, 0.5)
"""Seconds before each retry of an event that fails alone; then it is parked."""
STOP_AFTER_PARKED = 10
"""So many parked one after the other stop the consumer: a bad deploy must not pour a topic into the parking lot."""
AWAY_PAUSE = 1.0
LAG_SECONDS = 2.0
"""How often the lag is looked up: it may ask the broker."""
FEW = 50
"""Fewer events than this are a small batch."""
COMMIT_SECONDS = 1.0
"""How long a position may stay uncommitted while there is work. What a crash lets come again stands in the inbox."""

log = logging.getLogger(__name__)


class TooMuchParked(Exception):
    """The consumer stopped itself; mend the cause, `cairn parked retry`, and start the worker again."""


class Consumer:
    """Applies foreign events to one service. Use it from one thread."""

    def __init__(self, runtime: Runtime, bus: Bus, *, group: str | None = None, batch: int = BATCH) -> None:
        self.runtime = runtime
        self._service = runtime.service
        self._bus = bus
        self._group = group or runtime.service.name
        self._batch = batch
        self._parked_in_a_row = 0
        self._subscription: Subscription | None = None
        self._pause = threading.Event()
        self._lateness = Lateness(self._now())
        self._lag_shown = 0.0
        self._done: dict[tuple[str, int], Received] = {}
        """The last message taken from each partition since positions were committed."""
        self._committed_at = time.monotonic()
        self._next_at = 0.0
        """Before this nothing is polled for: what comes meanwhile is taken together."""

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop. Raises TooMuchParked; waits out a bus or database that is away."""
        while not stop.is_set():
            metrics.TURNED.labels(self._service.name, "consumer").set_to_current_time()
            try:
                self.step(timeout=0.5)
                self._show_lag()
            except (BusError, PoolTimeout, DBAPIError) as fault:
                log.warning("consumer waits: %s", str(fault).splitlines()[0], extra={"service": self._service.name})
                if isinstance(fault, BusError):
                    metrics.BUS_REACHABLE.labels(self._service.name).set(0)
                self._rewind()
                stop.wait(AWAY_PAUSE)
        self.close()

    def step(self, timeout: float) -> int:
        """Poll once, apply, commit the offsets if it is time to; the number of messages taken."""
        subscription = self._joined()
        self._pause.wait(max(0.0, self._next_at - time.monotonic()))
        received = subscription.poll(self._batch, timeout)
        if received:
            self._next_at = time.monotonic() + self._service.gather if len(received) < FEW else 0.0
            with metrics.BATCH_SECONDS.labels(self._service.name).time():
                self.apply(received)
            failpoint("consumer.after_commit_before_offset")
            self._done.update({(one.message.topic, one.partition): one for one in received})
        if not received or time.monotonic() >= self._committed_at + COMMIT_SECONDS:
            self._commit(subscription)
        return len(received)

    def _commit(self, subscription: Subscription) -> None:
        """Commit the offsets of all that was applied."""
        if self._done:
            subscription.commit(list(self._done.values()))
            self._done.clear()
        self._committed_at = time.monotonic()

    def _show_lag(self) -> None:
        now = time.monotonic()
        if self._subscription is None or now < self._lag_shown + LAG_SECONDS:
            return
        self._lag_shown, asked = now, self._now()
        self._commit(self._subscription)
        waiting = self._subscription.lag()
        held = Counter(topic for topic, _ in waiting)
        for topic in self._service.topics():
            metrics.PARTITIONS.labels(self._service.name, topic).set(held[topic])
        lag = sum(waiting.values())
        self._lateness.counted(lag, asked)
        metrics.BUS_REACHABLE.labels(self._service.name).set(1)
        metrics.LAG.labels(self._service.name).set(lag)

    def show_age(self) -> None:
        """Show how far it is behind by now; from any thread, for a batch may take long."""
        now = self._now()
        metrics.LAG_SECONDS.labels(self._service.name).set(self._lateness.lag(now))
        metrics.PROJECTION_AGE.labels(self._service.name).set(self._lateness.age(now))

    def _now(self) -> float:
        return self.runtime.clock().timestamp()

    def close(self) -> None:
        """Leave the group; what was applied is committed first, as far as the bus can be reached."""
        if self._subscription is not None:
            with suppress(BusError):
                self._commit(self._subscription)
            self._subscription.close()
            self._subscription = None

    def _joined(self) -> Subscription:
        if self._subscription is None:
            self._subscription = self._bus.subscribe(self._group, self._service.topics())
        return self._subscription

    def _rewind(self) -> None:
        if self._subscription is None:
            return
        try:
            self._subscription.rewind()
        except BusError:
            self.close()

    def apply(self, received: Sequence[Received]) -> None:
        """Apply a batch in one transaction; if that fails, each event in its own."""
        items = [read(message, self._service) for message in received]
        times = [item.envelope.time.timestamp() for item in items if item.envelope is not None]
        self._lateness.taken(times)
        try:
            counts = self._apply_together(items)
        except Exception as fault:
            if away(fault):
                raise
            log.warning("batch replayed one by one: %r", fault, extra={"service": self._service.name})
            for item in items:
                self._count(self._apply_alone(item))
        else:
            self._count(counts)
        self._lateness.applied(times)

    def _apply_together(self, items: Sequence[Item]) -> Counter[str]:
        counts: Counter[str] = Counter()
        if not any(item.event or item.poison for item in items):
            return self._pass_by([item.id for item in items])
        with self._unit() as unit:
            fresh = claim(unit.session, [item.id for item in items], unit)
            behind = parked_keys(unit.session, [item.aggregate for item in items])
            told: list[Told] = []
            for item in items:
                counts[self._take(unit, item, fresh, behind, told)] += 1
            handle_all(self._service, unit, told)
            failpoint("consumer.in_transaction")
        return counts

    def _pass_by(self, ids: Sequence[str]) -> Counter[str]:
        """Note in the inbox what is of no concern here: somebody may wait for it to arrive. It takes one statement."""
        with self.runtime.db.transaction() as transaction:
            fresh = len(transaction.execute(*_claiming(transaction.sqlite, ids, self.runtime.clock())).all())
        return Counter(ignored=fresh, duplicate=len(ids) - fresh)

    def _take(self, unit: Unit, item: Item, fresh: set[str], behind: set[tuple[str, str]], told: list[Told]) -> str:
        """What becomes of a message; what is to be handled is put to `told`."""
        if item.id not in fresh:
            return "duplicate"
        fresh.discard(item.id)
        if item.poison is not None:
            park(unit, item.letter(item.poison))
            behind.add(item.aggregate)
            return "parked"
        if item.event is None or item.envelope is None:
            return "ignored"
        if behind and item.aggregate in behind:
            park(unit, item.letter(Poison("behind", "an earlier event of this aggregate is parked")))
            return "behind"
        told.append((item.event, item.envelope))
        return "handled"

    def _apply_alone(self, item: Item) -> Counter[str]:
        for pause in (*RETRY_PAUSES, None):
            try:
                return self._apply_together([item])
            except Exception as fault:
                if away(fault):
                    raise
                if pause is None:
                    return self._park_failed(item, fault)
                self._pause.wait(pause)
        raise AssertionError("the last attempt either succeeds or parks")

    def _park_failed(self, item: Item, fault: Exception) -> Counter[str]:
        log.error("event parked: %r", fault, extra={"service": self._service.name, "event_id": item.id}, exc_info=fault)
        with self._unit() as unit:
            if claim(unit.session, [item.id], unit):
                park(unit, item.letter(Poison("handler_failed", f"{type(fault).__name__}: {fault}")))
        return Counter(parked=1)

    def _unit(self) -> AbstractContextManager[Unit]:
        return unit_of_work(self.runtime.db, clock=self.runtime.clock, settle=self._service.settle)

    def _count(self, counts: Counter[str]) -> None:
        for result, count in counts.items():
            metrics.PROCESSED.labels(self._service.name, result).inc(count)
        if counts["handled"]:
            self._parked_in_a_row = 0
        self._parked_in_a_row += counts["parked"]
        if self._parked_in_a_row >= STOP_AFTER_PARKED:
            raise TooMuchParked(f"{self._parked_in_a_row} events were parked in a row; see `cairn parked list`")


def retry_parked(runtime: Runtime, topic: str, key: str) -> tuple[int, int]:
    """Handle the parked events of one aggregate in order, each in its own transaction, until one fails again.

    Answers how many were handled and how many are still parked.
    """
    service = runtime.service
    with runtime.db.reading() as session:
        rows = [row for row in parked(session, limit=10_000) if (row.topic, row.key) == (topic, key)]
    for done, row in enumerate(rows):
        item = read(Received(Message(row.topic, row.key, row.payload, row.headers), row.partition, row.offset), service)
        if item.poison is not None:
            return done, len(rows) - done
        try:
            _take_from_parking(runtime, row.id, item)
        except Exception as fault:
            if away(fault):
                raise
            log.error("still fails: %r", fault, extra={"service": service.name, "event_id": item.id})
            return done, len(rows) - done
    return len(rows), 0


def _take_from_parking(runtime: Runtime, letter_id: int, item: Item) -> None:
    with unit_of_work(runtime.db, clock=runtime.clock, settle=runtime.service.settle) as unit:
        if drop(unit.session, letter_id) and item.event is not None and item.envelope is not None:
            handle(runtime.service, unit, item.event, item.envelope)


def handle(service: Service, unit: Unit, event: Event, envelope: Envelope) -> None:
    """Run the service's handler for an event, with the event as the cause of whatever it publishes."""
    unit.follow(envelope)
    service.handlers[type(event)](unit, event, envelope)


def handle_all(service: Service, unit: Unit, told: Sequence[Told]) -> None:
    """Run the service's handlers for these events, in their order, at once where a handler takes many."""
    for handler, run in groupby(told, lambda one: service.handlers[type(one[0])]):
        if isinstance(handler, Together):
            handler.fold(unit, list(run))
        else:
            for event, envelope in run:
                handle(service, unit, event, envelope)


def claim(session: Session, ids: Sequence[str], unit: Unit) -> set[str]:
    """Write the inbox rows; answers which of the ids were new. The first statement of every consumer transaction."""
    return set(session.execute(*_claiming(on_sqlite(session), ids, unit.now())).scalars())


def _claiming(sqlite: bool, ids: Sequence[str], now: datetime) -> tuple[TextClause, Mapping[str, Any]]:
    # In order of id, so that two who wait for each other's rows cannot wait in a ring.
    return _CLAIM_ON_SQLITE if sqlite else _CLAIM_ON_POSTGRES, {"now": now, "ids": sorted(set(ids))}


# Written out: SQLAlchemy compiles an `ON CONFLICT` anew every time.
_CLAIM = """
    INSERT INTO inbox (event_id, received_at) SELECT id, :now FROM ({ids}) AS arrived WHERE true
    ON CONFLICT DO NOTHING RETURNING event_id"""
_CLAIM_ON_SQLITE, _CLAIM_ON_POSTGRES = (
    over_ids(_CLAIM, sqlite=sqlite).bindparams(bindparam("now", type_=INBOX.c.received_at.type))
    for sqlite in (True, False)
)


def seen(session: Session, ids: Sequence[str]) -> set[str]:
    """Which of the ids have been taken already."""
    return set(session.execute(select(INBOX.c.event_id).where(among(session, INBOX.c.event_id, ids))).scalars().all())


def away(fault: BaseException) -> bool:
    """Whether a failure is the database's and not the event's: gone, locked, deadlocked or out of connections."""
    return isinstance(fault, OperationalError | PoolTimeout) or (
        isinstance(fault, DBAPIError) and fault.connection_invalidated
    )
