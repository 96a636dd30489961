"""Answers this process has worked out before, for as long as nothing they were made of has changed.

Every request looks at the edition of the read model, one number. Where it has moved on, what has changed since is
read, and whatever was made of that is forgotten. PostgreSQL tells each process when the number moves, so that a look
costs no statement while it stands; what is answered from here was right some milliseconds ago at most. In bounded
space, safe between threads.
"""

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from sqlalchemy import Row, event, select

from chassis.connections import stands
from chassis.db import Database
from gateway.projection.changes import EVERYTHING, KEPT, MOVED
from gateway.projection.models import CHANGES, EDITION

EXTENSION = "cairn-kept"
"""Where an application has its own."""
MOST_BYTES = 24 << 20
ID_BYTES = 150
"""About what it takes to remember that an answer was made of one thing."""
UNHEARD_SECONDS = 1.0
"""So long a silent database is believed to have nothing to tell; then it is asked."""


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    about: frozenset[str]
    weight: int


def ids_in(card: Any) -> set[str]:
    """Every id that stands in an answer."""
    found, waiting = set(), [card]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(id_ := one.get("id"), str):
                found.add(id_)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


class Kept:
    """Call `look` first, once a request; then `find` what is wanted, or work it out and `keep` it."""

    def __init__(self, db: Database, most: int = MOST_BYTES) -> None:
        self._reader = _EditionReader(db)
        self._db = db
        self._most = most
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._made_of: defaultdict[str, set[Hashable]] = defaultdict(set)
        self._weight = 0
        self._edition = -1
        self._newest: datetime | None = None

    def look(self, *, sure: bool = False) -> int:
        """The edition of the read model; what no longer holds at it is forgotten. Wants the database.

        It is the one heard of last; with `sure`, and after any commit through our own `Database`, it is asked for.
        """
        edition = self._reader.edition(sure=sure)
        return edition if edition == self._edition else self._catch_up()

    def find(self, key: Hashable) -> tuple[Any, datetime | None] | None:
        """What was kept and still holds, with the time of the newest event that is known; None where there is none."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry.value, self._newest

    def keep(self, key: Hashable, value: Any, about: Collection[str], weight: int, edition: int) -> None:
        """Keep what was worked out after `look` had said `edition`; `about` are all ids that were asked with or found.

        With EVERYTHING among them it holds until the next change, whatever that is about. `weight` is in bytes.
        """
        entry = _Entry(value, frozenset(about), weight + ID_BYTES * len(about))
        with self._lock:
            # What has changed meanwhile may have come too late for it.
            if edition != self._edition or entry.weight > self._most // 4:
                return
            self._forget(key)
            self._entries[key] = entry
            self._weight += entry.weight
            for one in entry.about:
                self._made_of[one].add(key)
            while self._weight > self._most:
                self._forget(next(iter(self._entries)))

    def _catch_up(self) -> int:
        """One thread at a time, so that nobody who read an older edition takes us back to it."""
        with self._turn:
            edition, known = self._reader.edition(sure=True), self._edition
            changes = self._changes(known if known <= edition <= known + KEPT else edition - 1)
            reached = changes[-1].edition if changes else edition
            with self._lock:
                if reached - known != len(changes):
                    self._forget_all()
                for change in changes:
                    self._forget_about(change.about)
                self._edition = reached
                self._newest = changes[-1].newest if changes else None
            return reached

    def _changes(self, since: int) -> Sequence[Row[Any]]:
        later = select(CHANGES).where(CHANGES.c.edition > since).order_by(CHANGES.c.edition)
        with self._db.reading() as session:
            return session.execute(later).all()

    def _forget_about(self, ids: Collection[str]) -> None:
        if EVERYTHING in ids:
            self._forget_all()
        for one in (EVERYTHING, *ids):
            for key in list(self._made_of.get(one, ())):
                self._forget(key)

    def _forget_all(self) -> None:
        self._entries.clear()
        self._made_of.clear()
        self._weight = 0

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._weight -= entry.weight
        for one in entry.about:
            keys = self._made_of[one]
            keys.discard(key)
            if not keys:
                del self._made_of[one]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was asked last, with all that tells whether it still holds."""

    edition: int
    asked_at: float
    written: object
    heard: object
    descriptor: int
    """Of the connection it was asked over."""


class _EditionReader:
    """Knows the edition over a connection of its own, on which PostgreSQL tells when it has moved."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = threading.Lock()
        self._connection: Any = None
        self._cursor: Any = None
        self._heard = object()
        """Another object whenever PostgreSQL has told of a change."""
        self._known: _Known | None = None
        event.listen(db.engine, "engine_disposed", lambda _engine: self._close())

    def edition(self, *, sure: bool) -> int:
        """0 before the first change. Raises what any statement raises while the database is away."""
        if not sure and self._holds(known := self._known):
            return known.edition  # without a turn: nearly every request comes by here
        with self._turn:
            try:
                return self._asked()
            except self._db.engine.dialect.loaded_dbapi.Error:
                self._close()
        return self._slowly()

    def _holds(self, known: _Known | None) -> TypeGuard[_Known]:
        """Whether nothing has been heard since it was asked, neither from here nor from the database."""
        return (
            known is not None
            and self._heard is known.heard
            and self._db.written is known.written
            and time.monotonic() < known.asked_at + UNHEARD_SECONDS
            and stands(known.descriptor)
        )

    def _asked(self) -> int:
        if self._connection is None:
            self._open()
        # As it was before: whatever happens while the answer is on its way may be newer than what that says.
        asked_at, written, heard = time.monotonic(), self._db.written, self._heard
        self._cursor.execute("SELECT edition FROM edition")
        rows = self._cursor.fetchall()
        edition = int(rows[0][0]) if rows else 0
        if not self._db.sqlite:  # which tells nobody
            self._known = _Known(edition, asked_at, written, heard, self._connection.fileno())
        return edition

    def _open(self) -> None:
        taken = self._db.engine.raw_connection()
        self._connection = taken.driver_connection
        taken.detach()
        self._cursor = self._connection.cursor()
        if not self._db.sqlite:
            self._connection.add_notify_handler(self._hear)
            self._cursor.execute(f"LISTEN {MOVED}")

    def _hear(self, _told: object) -> None:
        self._heard = object()

    def _slowly(self) -> int:
        with self._db.reading() as session:
            return session.execute(select(EDITION.c.edition)).scalar_one_or_none() or 0

    def _close(self) -> None:
        connection, self._connection, self._known = self._connection, None, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
