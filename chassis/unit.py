"""The unit of work: one transaction in which a command changes models and says what happened.

`publish` and `add` only remember; nothing is flushed, committed or sent by them. When the block ends well, the
service's `settle` runs over everything that was marked (so that effects of a batch are computed once), what was
remembered becomes rows, and all of it commits together. Any exception leaves nothing behind.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Result, Table
from sqlalchemy.orm import Session

from chassis import outgoing
from chassis.access import SYSTEM, Actor
from chassis.clock import Clock, system_clock
from chassis.db import Database
from chassis.failpoints import failpoint
from chassis.ids import new_id
from chassis.rows import Row
from chassis.trace import Trace, new_trace
from chassis.transaction import Transaction
from contracts.envelope import Envelope
from contracts.event import Event

Settle = Callable[["Unit"], None]


class Unit:
    """What a command gets to work with. `session`, `look_up` and `add` are the only ways to the database."""

    def __init__(self, transaction: Transaction, actor: Actor, clock: Clock, trace: Trace) -> None:
        self.actor = actor
        self.trace = trace
        self._transaction = transaction
        self._clock = clock
        self._marks: dict[str, dict[str, Trace]] = {}
        self._added: dict[Table, list[Row]] = {}
        self._pending: list[tuple[Event, Envelope]] = []
        self.published: list[str] = []
        """Ids of the events published so far, in order."""

    def now(self) -> datetime:
        return self._clock()

    @property
    def session(self) -> Session:
        """For whatever reads or writes within the transaction; it finds what was added."""
        if self._added:
            self.write_outbox()
        return self._transaction.begin()

    def look_up(self, statement: Executable, values: Mapping[str, Any]) -> Result[Any]:
        """Carry out a query that locks nothing and need not see what this unit changes.

        A unit that only looks up, adds and publishes gets by without a transaction around its statements.
        """
        return self._transaction.execute(statement, values)

    def add(self, table: Table, row: Row) -> None:
        """Remember a new row, with the same columns as all others of its table."""
        self._added.setdefault(table, []).append(row)

    def publish(self, event: Event, *, because: Trace | None = None, anonymous: bool = False) -> str:
        """Remember an event for the outbox and return its event id.

        `because` is the trace of the work that led to it, where that is not the current one; `anonymous` keeps the
        actor out of the envelope.
        """
        trace = because or self.trace
        envelope = Envelope(
            id=new_id(),
            type=event.TYPE,
            source=f"/{event.topic().replace('.', '/')}",
            subject=event.id,
            time=self.now(),
            aggregate_version=event.version,
            traceparent=trace.traceparent,
            correlation=trace.correlation,
            causation=trace.causation,
            actor=None if anonymous else self.actor.id,
        )
        self._pending.append((event, envelope))
        self.published.append(envelope.id)
        return envelope.id

    def follow(self, envelope: Envelope) -> None:
        """Take this event for the cause of whatever is published or marked from here on."""
        self.trace = new_trace(envelope.traceparent, envelope.correlation, envelope.id)

    def mark(self, kind: str, key: str) -> None:
        """Note that something depends on this and must be computed anew before the commit."""
        self._marks.setdefault(kind, {}).setdefault(key, self.trace)

    def take_marks(self, kind: str) -> Mapping[str, Trace]:
        """Everything marked so far under a kind, with the trace that marked it; they are unmarked by this."""
        return self._marks.pop(kind, {})

    def flush(self) -> None:
        """Write what the session holds back."""
        self._transaction.flush()

    def write_outbox(self, *, last: bool = False) -> None:
        """Turn the remembered events into outbox rows, and write what was added.

        As the `last` thing of a unit it needs no transaction where it is the only one that writes.
        """
        if not last:
            self._transaction.begin()
        self.flush()
        added, events = self._added, self._pending
        self._added, self._pending = {}, []
        if added or events:
            outgoing.write(self._transaction, added, events)


@contextmanager
def unit_of_work(
    db: Database,
    *,
    actor: Actor = SYSTEM,
    clock: Clock = system_clock,
    trace: Trace | None = None,
    settle: Settle | None = None,
) -> Iterator[Unit]:
    """Open a unit; commit at the end of the block and wake the relay, or roll everything back."""
    with db.transaction() as transaction:
        unit = Unit(transaction, actor, clock, trace or new_trace())
        yield unit
        finish(unit, settle)
        failpoint("unit.before_commit")
        unit.write_outbox(last=True)
    failpoint("unit.after_commit")
    if unit.published:
        db.wakeup.set()


def finish(unit: Unit, settle: Settle | None) -> None:
    """Settle what was marked, inside the transaction."""
    unit.flush()
    if settle is not None:
        settle(unit)
    unit.flush()
