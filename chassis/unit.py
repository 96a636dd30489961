"""The unit of work: one transaction in which a command changes models and says what happened.

`publish` only remembers; nothing is flushed, committed or sent by it. When the block ends well, the service's
`settle` runs over everything that was marked (so that effects of a batch are computed once), the events become
outbox rows, and all of it commits together. Any exception leaves nothing behind.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from chassis.access import SYSTEM, Actor
from chassis.clock import Clock, system_clock
from chassis.db import Database, on_sqlite
from chassis.failpoints import failpoint
from chassis.ids import new_id
from chassis.rows import insert_all
from chassis.tables import OUTBOX
from chassis.trace import Trace, new_trace
from contracts.envelope import Envelope
from contracts.event import Event, encode

Settle = Callable[["Unit"], None]


class Unit:
    """What a command gets to work with. `session` is the only way to the database."""

    def __init__(self, session: Session, actor: Actor, clock: Clock, trace: Trace) -> None:
        self.session = session
        self.actor = actor
        self.trace = trace
        self._clock = clock
        self._marks: dict[str, dict[str, Trace]] = {}
        self._pending: list[tuple[Event, Envelope]] = []
        self.published: list[str] = []
        """Ids of the events published so far, in order."""

    def now(self) -> datetime:
        return self._clock()

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

    def write_outbox(self) -> bool:
        """Turn the remembered events into outbox rows; True if there were any."""
        self.session.flush()
        if not self._pending:
            return False
        if on_sqlite(self.session):
            insert_all(self.session, OUTBOX, [_row(event, envelope) for event, envelope in self._pending])
        else:
            _write_on_postgres(self.session, self._pending)
        self._pending = []
        return True


def _row(event: Event, envelope: Envelope) -> dict[str, Any]:
    return {
        "event_id": envelope.id,
        "topic": event.topic(),
        "key": event.id,
        "aggregate_version": event.version,
        "type": event.TYPE,
        "payload": encode(event),
        "headers": envelope.headers(),
        "created_at": envelope.time,
        "published_at": None,
    }


# A roll-up tells of hundreds of changes at once. As rows of parameters they would cost us several times as much; all
# but the payload stands in the headers, which are one document. The relay is woken by the commit.
_WRITE = """
    WITH written AS (
        INSERT INTO outbox (event_id, topic, key, aggregate_version, type, payload, headers, created_at)
        SELECT head->>'ce_id', split_part(head->>'ce_type', '.', 1) || '.' || split_part(head->>'ce_type', '.', 2),
            head->>'ce_subject', CAST(head->>'ce_aggregateversion' AS bigint), head->>'ce_type', payload, head,
            CAST(head->>'ce_time' AS timestamptz)
        FROM ROWS FROM (unnest(CAST(%b AS bytea[])), jsonb_array_elements(CAST(%b AS jsonb)))
            WITH ORDINALITY AS said(payload, head, place) ORDER BY place
        RETURNING 1
    )
    SELECT pg_notify('cairn_outbox', '') FROM (SELECT count(*) FROM written) AS all_of_them"""


def _write_on_postgres(session: Session, said: Sequence[tuple[Event, Envelope]]) -> None:
    heads = msgspec.json.encode([envelope.headers() for _, envelope in said]).decode()
    session.connection().exec_driver_sql(_WRITE, ([encode(event) for event, _ in said], heads)).close()


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
    with db.writing() as session:
        unit = Unit(session, actor, clock, trace or new_trace())
        yield unit
        finish(unit, settle)
        failpoint("unit.before_commit")
    failpoint("unit.after_commit")
    if unit.published:
        db.wakeup.set()


def finish(unit: Unit, settle: Settle | None) -> None:
    """Settle what was marked and write the outbox, inside the transaction."""
    unit.session.flush()
    if settle is not None:
        settle(unit)
    unit.write_outbox()
