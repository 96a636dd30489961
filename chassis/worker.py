"""A service's worker: relay, consumer and recurring tasks, each in a thread of its own.

They share nothing but the database, so one that waits does not hold up the others, nor what the metrics show. `stop`
lets each finish its unit of work. A consumer that stopped itself leaves the worker unready, not dead: the relay goes
on.
"""

import contextlib
import logging
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis import VERSION, lease, metrics
from chassis.bus import Bus
from chassis.consumer import Consumer, TooMuchParked
from chassis.keeping import housekeeping
from chassis.relay import Relay, waiting_since
from chassis.service import Runtime, Task
from chassis.tables import DEAD_LETTERS, TASK_RUNS
from chassis.unit import unit_of_work

SAMPLE_SECONDS = 2.0
TASK_LEASE_SECONDS = 60.0
RESTART_SECONDS = 1.0

log = logging.getLogger(__name__)


class Worker:
    """Runs a service in the background until stopped."""

    def __init__(self, runtime: Runtime, bus: Bus, *, outbox_kept: timedelta = timedelta(days=7)) -> None:
        self.runtime = runtime
        metrics.BUILD.labels(runtime.service.name, VERSION).set(1)
        self._tasks = (*runtime.service.tasks, housekeeping(outbox_kept))
        for task in self._tasks:
            metrics.TASK_FAILURES.labels(runtime.service.name, task.name)
        self.consumer = Consumer(runtime, bus) if runtime.service.handlers else None
        self._relay = Relay(runtime, bus)
        self._owner = str(uuid.uuid4())
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.faults: dict[str, str] = {}
        """What stopped by itself, by its name: the reason."""

    def start(self) -> None:
        name = self.runtime.service.name
        loops: dict[str, Callable[[threading.Event], None]] = {
            "relay": self._relay.run,
            "tasks": self._tick,
            "gauges": self._watch,
        }
        if self.consumer is not None:
            loops["consumer"] = self.consumer.run
        for what, loop in loops.items():
            thread = threading.Thread(target=self._guard, args=(what, loop), name=f"{name} {what}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout: float = 20.0) -> None:
        """Ask every loop to end after its present unit of work and wait for them, `timeout` seconds in all."""
        self._stop.set()
        self.runtime.db.wakeup.set()
        for thread in self._threads:
            thread.join(timeout)

    def _guard(self, what: str, loop: Callable[[threading.Event], None]) -> None:
        """Run a loop until it ends; one that fails unforeseen is started again, one that stopped itself is not."""
        while not self._stop.is_set():
            try:
                loop(self._stop)
            except TooMuchParked as reason:
                self.faults[what] = str(reason)
                metrics.CONSUMER_STOPPED.labels(self.runtime.service.name).set(1)
                log.error("consumer stopped: %s", reason, extra={"service": self.runtime.service.name})
                return
            except Exception:
                log.exception("%s failed and starts again", what, extra={"service": self.runtime.service.name})
                self._stop.wait(RESTART_SECONDS)

    def _tick(self, stop: threading.Event) -> None:
        while not stop.wait(SAMPLE_SECONDS):
            metrics.TURNED.labels(self.runtime.service.name, "tasks").set_to_current_time()
            try:
                for task in self._tasks:
                    self.run_if_due(task)
            except (DBAPIError, PoolTimeout) as fault:
                log.warning("tasks wait: %s", fault, extra={"service": self.runtime.service.name})

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(SAMPLE_SECONDS):
            with contextlib.suppress(DBAPIError, PoolTimeout):
                self.sample()

    def run_if_due(self, task: Task) -> bool:
        """Run a task if its time has come and no other worker is at it; True if it ran.

        A task that fails is logged, counted and tried again at the next tick.
        """
        if not self._due(task):
            return False
        runtime = self.runtime
        try:
            with unit_of_work(runtime.db, clock=runtime.clock, settle=runtime.service.settle) as unit:
                if not lease.acquire(unit.session, f"task:{task.name}", self._owner, TASK_LEASE_SECONDS):
                    return False
                if not unit.session.execute(
                    update(TASK_RUNS).where(TASK_RUNS.c.name == task.name).values(ran_at=unit.now())
                ).rowcount:  # type: ignore[attr-defined]
                    unit.session.execute(insert(TASK_RUNS).values(name=task.name, ran_at=unit.now()))
                if not task.own_transactions:
                    task.run(unit)
            if task.own_transactions:
                task.run(runtime)
        except DBAPIError:
            raise
        except Exception:
            metrics.TASK_FAILURES.labels(runtime.service.name, task.name).inc()
            log.exception("task %s failed", task.name, extra={"service": runtime.service.name})
            return False
        return True

    def _due(self, task: Task) -> bool:
        with self.runtime.db.reading() as session:
            last = session.execute(select(TASK_RUNS.c.ran_at).where(TASK_RUNS.c.name == task.name)).scalar()
        return last is None or self.runtime.clock() - last >= timedelta(seconds=task.every)

    def sample(self) -> None:
        """Look up what the gauges show."""
        name, db = self.runtime.service.name, self.runtime.db
        if self.consumer is not None:
            self.consumer.show_age()
        waiting, oldest = waiting_since(db)
        metrics.OUTBOX_UNPUBLISHED.labels(name).set(waiting)
        age = (self.runtime.clock() - oldest).total_seconds() if oldest else 0.0
        metrics.OUTBOX_AGE.labels(name).set(max(0.0, age))
        aggregate = func.count(func.distinct(DEAD_LETTERS.c.topic + "/" + DEAD_LETTERS.c.key))
        with db.reading() as session:
            letters, aggregates = session.execute(select(func.count(DEAD_LETTERS.c.id), aggregate)).one()
        metrics.DEAD_LETTERS.labels(name).set(letters)
        metrics.PARKED_AGGREGATES.labels(name).set(aggregates)
        metrics.DATABASE_ANSWERED.labels(name).set_to_current_time()
