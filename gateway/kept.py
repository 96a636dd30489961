"""Answers this process has worked out before, for as long as nothing they were made of has changed.

Every request looks at the edition of the read model, the one number it asks the database for. Where it has moved on,
what has changed since is read, and whatever was made of that is forgotten; so nothing is answered from here that the
database would not answer just now. In bounded space, safe between threads.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, event, select

from chassis.db import Database
from gateway.projection.changes import EVERYTHING, KEPT
from gateway.projection.models import CHANGES, EDITION

EXTENSION = "cairn-kept"
"""Where an application has its own."""
MOST_BYTES = 24 << 20
ID_BYTES = 150
"""About what it takes to remember that an answer was made of one thing."""


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

    def look(self) -> int:
        """The edition of the read model by now; what no longer holds at it is forgotten. Wants the database."""
        edition = self._reader.edition()
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
            edition, known = self._reader.edition(), self._edition
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


class _EditionReader:
    """Reads the edition over a connection of its own, for it is read for every request: nothing is set up or undone."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._turn = threading.Lock()
        self._connection: Any = None
        self._cursor: Any = None
        event.listen(db.engine, "engine_disposed", lambda _engine: self._close())

    def edition(self) -> int:
        """0 before the first change. Raises what any statement raises while the database is away."""
        with self._turn:
            try:
                return self._asked()
            except self._db.engine.dialect.loaded_dbapi.Error:
                self._close()
        return self._slowly()

    def _asked(self) -> int:
        if self._connection is None:
            self._open()
        self._cursor.execute("SELECT edition FROM edition")
        rows = self._cursor.fetchall()
        return int(rows[0][0]) if rows else 0

    def _open(self) -> None:
        taken = self._db.engine.raw_connection()
        self._connection = taken.driver_connection
        taken.detach()
        self._cursor = self._connection.cursor()

    def _slowly(self) -> int:
        with self._db.reading() as session:
            return session.execute(select(EDITION.c.edition)).scalar_one_or_none() or 0

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
