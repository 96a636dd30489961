"""The file behind the SQLite bus: its tables, its connections, and who may write when.

SQLite lets one writer in at a time and is unfair about who is next, so the threads of a process queue for a lock of
their own before they ask the file; other processes are waited for with the busy timeout. The same place wakes the
readers of this process when something was written; readers of other processes look for themselves.
"""

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from chassis.bus import BusError

BUSY_SECONDS = 20.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS topic (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS head (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    at REAL NOT NULL, key TEXT NOT NULL, value BLOB, headers TEXT NOT NULL,
    PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consumer_group (
    name TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member (
    "group" TEXT NOT NULL, id TEXT NOT NULL, topics TEXT NOT NULL, expires REAL NOT NULL,
    PRIMARY KEY ("group", id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease (
    "group" TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, member TEXT NOT NULL,
    PRIMARY KEY ("group", topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS position (
    "group" TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY ("group", topic, partition)) WITHOUT ROWID;
"""

# The file's own clock, so that every process of the machine reads the same one. Seconds since 1970.
NOW = "((julianday('now') - 2440587.5) * 86400.0)"


class Turnstile:
    """One for each bus file in a process: writers pass one by one, and every pass wakes the waiting readers."""

    _all: ClassVar["weakref.WeakValueDictionary[Path, Turnstile]"] = weakref.WeakValueDictionary()
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self.writing = threading.Lock()
        self._changed = threading.Condition()
        self._changes = 0

    @classmethod
    def of(cls, path: Path) -> "Turnstile":
        """The turnstile all buses of this process share for `path`."""
        with cls._guard:
            return cls._all.setdefault(path.resolve(), cls())

    def changes(self) -> int:
        """How often readers were woken so far."""
        return self._changes

    def wake(self) -> None:
        """Let waiting readers look again."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        """Until something changed after `seen`, or `timeout` seconds passed."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != seen, timeout)


class BusFile:
    """One connection to the file. Thread-safe: each block has the connection to itself."""

    def __init__(self, path: Path) -> None:
        self.turnstile = Turnstile.of(path)
        self._own = threading.RLock()
        with _translated():
            self._connection = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA synchronous = FULL")

    def create_tables(self) -> None:
        """Make what is missing; does nothing to a file that has it all."""
        with self.reading() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with self.writing() as connection:
            for statement in filter(str.strip, SCHEMA.split(";")):
                connection.execute(statement)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that commits at the end of the block, durable then. Raises BusError."""
        with self.turnstile.writing, self._own, _translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Single statements, each with its own view of the file. Raises BusError."""
        with self._own, _translated():
            yield self._connection

    def close(self) -> None:
        with self._own:
            self._connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BusError(f"the bus file: {error}") from error
