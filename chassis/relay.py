"""The relay: outbox rows become messages, in order, at least once.

It selects what is unpublished by flag, never by "id greater than the last one": ids commit out of order. One relay
per service works at a time, by lease. It waits for every acknowledgement before it marks, and marks only where the
lease is still its own, so a relay that was frozen cannot mark what another has taken over.
"""

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Row, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis import lease, metrics
from chassis.bus import Bus, BusError, Message
from chassis.db import Database, Moment
from chassis.failpoints import failpoint
from chassis.service import Runtime
from chassis.tables import OUTBOX

LEASE_SECONDS = 5.0
BATCH = 1000
IDLE_SECONDS = 0.2
"""How long a commit of another process on SQLite may stay unnoticed; others wake the relay."""
FAILURE_PAUSE = 0.5

log = logging.getLogger(__name__)


class Relay:
    """Publishes one service's outbox. Several may run; one of them works."""

    def __init__(
        self, runtime: Runtime, bus: Bus, *, owner: str | None = None, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._db = runtime.db
        self._clock = runtime.clock
        self._service = runtime.service.name
        self._bus = bus
        self._owner = owner or str(uuid.uuid4())
        self._lease_seconds = lease_seconds
        self._held = False
        self._asked = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; a database or broker that is away only makes it wait."""
        with commit_signal(self._db) as wait:
            while not stop.is_set():
                metrics.TURNED.labels(self._service, "relay").set_to_current_time()
                failpoint("relay.turn")
                wait(self._turn())
        with contextlib.suppress(DBAPIError, PoolTimeout), self._db.writing() as session:
            lease.release(session, "relay", self._owner)

    def _turn(self) -> float:
        """One round; answers how long to wait for the next commit before the next one."""
        try:
            # Of a commit after the look we are told: it need not be looked for again.
            return 0.0 if self.drain() >= BATCH else IDLE_SECONDS
        except (DBAPIError, PoolTimeout, BusError) as fault:
            log.warning("relay waits: %s", fault, extra={"service": self._service})
            return FAILURE_PAUSE

    def drain(self) -> int:
        """Publish and mark one batch; the number of rows marked, 0 when idle or when the lease is another's."""
        if not self._hold_lease():
            return 0
        rows = self._unpublished()
        if not rows:
            return 0
        with metrics.PUBLISH_SECONDS.labels(self._service).time():
            done = in_order(rows, self._bus.publish([_message(row) for row in rows]))
        metrics.BUS_REACHABLE.labels(self._service).set(bool(done))
        failpoint("relay.after_ack_before_mark")
        marked = self._mark(done)
        metrics.RELAYED.labels(self._service).inc(marked)
        metrics.RELAY_FAILURES.labels(self._service).inc(len(rows) - len(done))
        if len(done) < len(rows):
            raise BusError(f"{len(rows) - len(done)} of {len(rows)} messages were not acknowledged")
        return marked

    def _hold_lease(self) -> bool:
        """Whether the lease is ours; asked three times in its length, so that an idle relay hardly writes."""
        now = time.monotonic()
        if now >= self._asked + self._lease_seconds / 3:
            self._asked = now
            with self._db.writing() as session:
                self._held = lease.acquire(session, "relay", self._owner, self._lease_seconds)
            metrics.LEASE_HELD.labels(self._service).set(self._held)
        return self._held

    def _unpublished(self) -> Sequence[Row[Any]]:
        with self._db.reading() as session:
            return session.execute(_WAITING).all()

    def _mark(self, ids: Sequence[int]) -> int:
        with self._db.transaction() as transaction:
            statement = _MARK_ON_SQLITE if self._db.sqlite else _MARK
            values = {"ids": ids, "now": self._clock(), "owner": self._owner}
            marked: int = transaction.execute(statement, values).rowcount  # type: ignore[attr-defined]
        self._held = self._held and marked == len(ids)
        return marked


# Made once: these are carried out for every commit, and putting them together costs more than carrying them out.
_WAITING = (
    select(OUTBOX.c.id, OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.payload, OUTBOX.c.headers)
    .where(OUTBOX.c.published_at.is_(None))
    .order_by(OUTBOX.c.id)
    .limit(BATCH)
)
_MARK, _MARK_ON_SQLITE = (
    text(
        f"UPDATE outbox SET published_at = :now WHERE id {these} AND {lease.held('relay', sqlite)}"  # noqa: S608
    ).bindparams(bindparam("ids", type_=kind), bindparam("now", type_=Moment))
    for sqlite, these, kind in (
        (False, "= ANY(:ids)", ARRAY(BigInteger)), (True, "IN (SELECT value FROM json_each(:ids))", JSON())
    )
)  # fmt: skip


def in_order(rows: Sequence[Row[Any]], results: Sequence[BusError | None]) -> list[int]:
    """The ids that may be marked: acknowledged, and nothing of the same key failed before them."""
    broken: set[tuple[str, str]] = set()
    done = []
    for row, fault in zip(rows, results, strict=True):
        if fault is not None:
            broken.add((row.topic, row.key))
        elif (row.topic, row.key) not in broken:
            done.append(row.id)
    return done


def _message(row: Row[Any]) -> Message:
    return Message(row.topic, row.key, row.payload, row.headers)


def waiting_since(db: Database) -> tuple[int, datetime | None]:
    """How many outbox rows wait, and since when the oldest does."""
    waiting = OUTBOX.c.published_at.is_(None)
    with db.reading() as session:
        count = session.execute(select(func.count(OUTBOX.c.id)).where(waiting)).scalar_one()
        first = select(OUTBOX.c.created_at).where(waiting).order_by(OUTBOX.c.id).limit(1)
        return count, session.execute(first).scalar_one_or_none() if count else None


@contextlib.contextmanager
def commit_signal(db: Database) -> Iterator[Callable[[float], None]]:
    """A function that waits up to so many seconds for the next commit with events, wherever it is made."""
    if db.sqlite:
        yield lambda seconds: _wait_here(db.wakeup, seconds)
        return
    listener = _Listener(db)
    try:
        yield listener.wait
    finally:
        listener.close()


def _wait_here(wakeup: threading.Event, seconds: float) -> None:
    if seconds and wakeup.wait(seconds):
        wakeup.clear()


class _Listener:
    """PostgreSQL's LISTEN on a connection of its own, reopened when it breaks."""

    def __init__(self, db: Database) -> None:
        self._url = db.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: Any = None
        self._pause = threading.Event()

    def wait(self, seconds: float) -> None:
        if not seconds:
            return
        import psycopg

        try:
            connection = self._connected()
            for _ in connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self.close()
            self._pause.wait(seconds)

    def _connected(self) -> Any:
        import psycopg

        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=3)
            self._connection.execute("LISTEN cairn_outbox")
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
