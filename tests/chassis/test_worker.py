"""Leases, recurring tasks, guarded copies and what is cleared away, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select, update

from chassis import lease, replica
from chassis.bus import Bus
from chassis.keeping import INBOX_KEPT, housekeeping
from chassis.service import Runtime, Task
from chassis.tables import INBOX, LEASES, OUTBOX, PEOPLE
from chassis.unit import Unit, unit_of_work
from chassis.worker import Worker
from contracts.people import PersonRegistered
from tests.support import ledger
from tests.support.ledger import Opened
from tests.support.stack import until


def acquire(runtime: Runtime, owner: str, seconds: float = 60) -> bool:
    with runtime.db.writing() as session:
        return lease.acquire(session, "relay", owner, seconds)


def test_a_lease_has_one_holder_who_may_renew_it(database_url: str, opened: Opened) -> None:
    runtime = opened(ledger.source(), database_url)
    assert acquire(runtime, "one")
    assert not acquire(runtime, "two")
    assert acquire(runtime, "one")


def test_a_lease_that_ran_out_or_was_given_back_goes_to_the_next(database_url: str, opened: Opened) -> None:
    runtime = opened(ledger.source(), database_url)
    assert acquire(runtime, "one")
    with runtime.db.writing() as session:
        session.execute(update(LEASES).values(expires=0))
    assert acquire(runtime, "two")
    with runtime.db.writing() as session:
        lease.release(session, "relay", "one")
        lease.release(session, "relay", "two")
    assert acquire(runtime, "three")


def test_an_older_state_never_replaces_a_newer_one(database_url: str, opened: Opened) -> None:
    runtime = opened(ledger.sink(), database_url)
    states = {
        version: PersonRegistered(id="p", version=version, email=f"v{version}@x.example", display_name="P")
        for version in (1, 2, 3)
    }
    for version in (2, 1, 3, 2, 3):
        with unit_of_work(runtime.db) as unit:
            replica.keep_people(unit, [(states[version], None)])  # type: ignore[list-item]
    with runtime.db.reading() as session:
        assert session.execute(select(PEOPLE.c.version, PEOPLE.c.email)).all() == [(3, "v3@x.example")]


def test_a_task_runs_when_it_is_due_and_with_one_worker_at_a_time(database_url: str, opened: Opened, bus: Bus) -> None:
    runs: list[datetime] = []
    task = Task("count", every=60.0, run=lambda unit: runs.append(unit.now()))
    now = datetime(2026, 3, 2, tzinfo=UTC)
    runtime = opened(ledger.source(), database_url)
    early, late = (replace(runtime, clock=lambda at=at: at) for at in (now, now + timedelta(seconds=61)))
    one, two = Worker(early, bus), Worker(late, bus)
    assert one.run_if_due(task)
    assert not one.run_if_due(task)
    assert not two.run_if_due(task), "the first worker still holds the task's lease"
    with runtime.db.writing() as session:
        session.execute(update(LEASES).values(expires=0))
    assert two.run_if_due(task)
    assert runs == [now, now + timedelta(seconds=61)]


def test_a_task_that_fails_leaves_nothing_behind_and_comes_round_again(
    database_url: str, opened: Opened, bus: Bus
) -> None:
    runtime = opened(ledger.source(), database_url)

    def fail(unit: Unit) -> None:
        ledger.bump(unit, "counter")
        raise RuntimeError("not today")

    worker = Worker(runtime, bus)
    assert not worker.run_if_due(Task("fails", every=60.0, run=fail))
    assert ledger.counted(runtime) == {}
    assert worker.run_if_due(Task("fails", every=60.0, run=lambda _unit: None))


def test_housekeeping_clears_what_is_old_and_published_only(database_url: str, opened: Opened) -> None:
    runtime = opened(ledger.source(), database_url)
    for _ in range(3):
        ledger.bump_in(runtime, "counter")
    now = datetime.now(UTC)
    with runtime.db.writing() as session:
        ids = session.execute(select(OUTBOX.c.id).order_by(OUTBOX.c.id)).scalars().all()
        session.execute(update(OUTBOX).where(OUTBOX.c.id == ids[0]).values(published_at=now - timedelta(days=8)))
        session.execute(update(OUTBOX).where(OUTBOX.c.id == ids[1]).values(published_at=now))
        session.execute(insert(INBOX).values(event_id="old", received_at=now - INBOX_KEPT - timedelta(days=1)))
        session.execute(insert(INBOX).values(event_id="new", received_at=now))
    with unit_of_work(runtime.db) as unit:
        housekeeping(timedelta(days=7)).run(unit)
    with runtime.db.reading() as session:
        assert session.execute(select(OUTBOX.c.id).order_by(OUTBOX.c.id)).scalars().all() == ids[1:]
        assert session.execute(select(INBOX.c.event_id)).scalars().all() == ["new"]


def test_workers_carry_events_by_themselves_and_stop_when_asked(
    database_url: str, new_database: Callable[[], str], opened: Opened, bus: Bus
) -> None:
    source, sink = opened(ledger.source(), database_url), opened(ledger.sink(), new_database())
    bus.ensure_topics(["cairn.people"], 3)
    workers = [Worker(source, bus), Worker(sink, bus)]
    for worker in workers:
        worker.start()
    for turn in range(20):
        ledger.bump_in(source, f"counter-{turn % 2}")
    until(lambda: ledger.waiting(sink) >= 20, 30, "all effects")
    for worker in workers:
        worker.stop()
    assert ledger.faults(ledger.effects(sink), ledger.counted(source)) == []
    with source.db.reading() as session:
        held = session.execute(select(func.count()).select_from(LEASES).where(LEASES.c.name == "relay")).scalar_one()
    assert held == 0, "the relay gave its lease back"


def test_a_loop_that_fails_unforeseen_starts_again(database_url: str, opened: Opened, bus: Bus) -> None:
    source = opened(ledger.source(), database_url)
    bus.ensure_topics(["cairn.people"], 1)
    flaky = Flaky(bus)
    worker = Worker(source, flaky)
    worker.start()
    ledger.bump_in(source, "counter")
    until(lambda: flaky.failed and flaky.sent > 0, 30, "the relay works again")
    worker.stop()
    assert worker.faults == {}


class Flaky:
    """A bus whose first publish fails with an error nobody expects; then it forwards."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.failed = False
        self.sent = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._bus, name)

    def publish(self, messages: list[object]) -> list[object]:
        if not self.failed:
            self.failed = True
            raise ArithmeticError("unforeseen")
        self.sent += len(messages)
        return self._bus.publish(messages)  # type: ignore[arg-type, return-value]
