"""The message bus of one machine: a single SQLite file that any number of threads and processes share.

A topic is a row, a message is a row, a consumer's position is a row; publishing a batch is one transaction that is
on disk when it returns. Partitions exist here too, so that what works on this bus works on Kafka.
"""

import sqlite3
import threading
import time
import weakref
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from chassis.bus import BusClosed, BusError, Message, Received
from chassis.bus.sqlite_file import NOW, BusFile
from chassis.bus.sqlite_group import Membership, Place

# Another process cannot wake us, so we look: soon after the last message, ever more seldom on a quiet bus.
SHORTEST_PAUSE = 0.02
LONGEST_PAUSE = 0.2
PAUSE_PER_IDLE_SECOND = 0.05


class SqliteBus:
    """The bus in the file `path`, which is created when missing; its folder must exist.

    `lease` is how many seconds a member that went silent keeps its partitions from the others of its group.
    """

    def __init__(self, path: str | Path, lease: float = 5.0) -> None:
        self._path = Path(path).resolve()
        self._lease = lease
        self._file = BusFile(self._path)
        self._file.create_tables()
        self._subscriptions: weakref.WeakSet[SqliteSubscription] = weakref.WeakSet()
        self._closing = threading.Lock()
        self._closed = False

    def ensure_topics(self, topics: Sequence[str], partitions: int) -> None:
        """Create the topics that are missing. Existing ones stay as they are."""
        self._require_open()
        with self._file.writing() as connection:
            made = [topic for topic in topics if self._create(connection, topic, partitions)]
            if made:
                connection.execute("UPDATE consumer_group SET generation = generation + 1")
        self._file.turnstile.wake()

    def publish(self, messages: Sequence[Message]) -> list[BusError | None]:
        """All of them in one transaction, so only a message to an unknown topic fails alone."""
        self._require_open()
        try:
            with self._file.writing() as connection:
                results = _Append(connection).all(messages)
        except BusError as error:
            self._require_open()
            return [error] * len(messages)
        self._file.turnstile.wake()
        return results

    def subscribe(self, group: str, topics: Sequence[str]) -> "SqliteSubscription":
        """Join a group at the first poll; a group without history starts at the first message there is."""
        self._require_open()
        subscription = SqliteSubscription(BusFile(self._path), group, topics, self._lease)
        self._subscriptions.add(subscription)
        return subscription

    def prune(self, keep_seconds: float) -> int:
        """Delete what is older and committed by every group that ever read it; returns how many messages."""
        self._require_open()
        with self._file.writing() as connection:
            deleted = connection.execute(
                f"DELETE FROM message WHERE at < {NOW} - ? AND offset < (SELECT min(next) FROM position "  # noqa: S608
                "WHERE position.topic = message.topic AND position.partition = message.partition)",
                (keep_seconds,),
            )
            return deleted.rowcount

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
        for subscription in list(self._subscriptions):
            subscription.close()
        self._file.close()

    def _require_open(self) -> None:
        if self._closed:
            raise BusClosed("the bus was closed")

    @staticmethod
    def _create(connection: sqlite3.Connection, topic: str, partitions: int) -> bool:
        made = connection.execute("INSERT OR IGNORE INTO topic (name, partitions) VALUES (?, ?)", (topic, partitions))
        if not made.rowcount:
            return False
        heads = [(made.lastrowid, partition) for partition in range(partitions)]
        connection.executemany("INSERT INTO head VALUES (?, ?, 0)", heads)
        return True


class _Append:
    """Adds messages to the ends of their partitions within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._topics = {
            name: (topic, partitions)
            for topic, name, partitions in connection.execute("SELECT id, name, partitions FROM topic")
        }
        self._heads: dict[Place, int] = {}

    def all(self, messages: Sequence[Message]) -> list[BusError | None]:
        self._connection.executemany(
            f"INSERT INTO message VALUES (?, ?, ?, {NOW}, ?, ?, ?)",  # noqa: S608 - NOW is a constant
            [self._row(message) for message in messages if message.topic in self._topics],
        )
        self._connection.executemany(
            "UPDATE head SET next = ? WHERE topic = ? AND partition = ?",
            [(upto, *place) for place, upto in self._heads.items()],
        )
        return [
            None if message.topic in self._topics else BusError(f"there is no topic {message.topic}")
            for message in messages
        ]

    def _row(self, message: Message) -> tuple[int, int, int, str, bytes | None, str]:
        topic, partitions = self._topics[message.topic]
        partition = zlib.crc32(message.key.encode()) % partitions
        offset = self._head((topic, partition))
        self._heads[topic, partition] = offset + 1
        return topic, partition, offset, message.key, message.value, msgspec.json.encode(dict(message.headers)).decode()

    def _head(self, place: Place) -> int:
        if place not in self._heads:
            row = self._connection.execute("SELECT next FROM head WHERE topic = ? AND partition = ?", place).fetchone()
            self._heads[place] = row[0]
        return self._heads[place]


class SqliteSubscription:
    """A member of a group; see `Subscription` for the promises. Use it from one thread; close it from any."""

    def __init__(self, file: BusFile, group: str, topics: Sequence[str], lease: float) -> None:
        self._file = file
        self._member = Membership(file, group, topics, lease)
        self._lock = threading.RLock()
        self._closed = False
        self._busy_at = time.monotonic()
        self._turn = 0

    def poll(self, limit: int, timeout: float) -> list[Received]:
        deadline = time.monotonic() + timeout
        while True:
            seen = self._file.turnstile.changes()
            with self._lock:
                self._require_open()
                received = self._take(limit)
            if received:
                self._busy_at = time.monotonic()
                return received
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            self._file.turnstile.wait(seen, min(left, self._pause()))

    def commit(self, upto: Sequence[Received]) -> None:
        with self._lock:
            self._require_open()
            positions: dict[tuple[str, int], int] = {}
            for received in upto:
                place = (received.message.topic, received.partition)
                positions[place] = max(positions.get(place, 0), received.offset + 1)
            if positions:
                self._member.commit(positions)

    def rewind(self) -> None:
        with self._lock:
            self._require_open()
            self._member.positions.update(self._member.committed())

    def lag(self) -> dict[tuple[str, int], int]:
        with self._lock:
            self._require_open()
            committed, heads = self._member.committed(), self._heads()
            names = self._member.names
            return {(names[place[0]], place[1]): heads[place] - upto for place, upto in committed.items()}

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            # A file that cannot be written now is no reason to fail: the lease ends by itself.
            with suppress(BusError):
                self._member.leave()
            self._file.close()

    def _take(self, limit: int) -> list[Received]:
        self._member.tend()
        heads = self._heads()
        waiting = [place for place, upto in self._member.positions.items() if upto < heads.get(place, 0)]
        received: list[Received] = []
        for place in self._in_turn(waiting):
            if len(received) >= limit:
                break
            received += self._read(place, limit - len(received))
        return received

    def _in_turn(self, places: list[Place]) -> list[Place]:
        """Start with another partition each time, so that a long one does not hide the rest."""
        self._turn += 1
        start = self._turn % len(places) if places else 0
        return places[start:] + places[:start]

    def _read(self, place: Place, limit: int) -> list[Received]:
        topic, partition = place
        name = self._member.names[topic]
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT offset, key, value, headers FROM message "
                "WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?",
                (topic, partition, self._member.positions[place], limit),
            ).fetchall()
        if rows:
            self._member.positions[place] = rows[-1][0] + 1
        return [
            Received(Message(name, key, value, msgspec.json.decode(headers)), partition, offset)
            for offset, key, value, headers in rows
        ]

    def _heads(self) -> dict[Place, int]:
        with self._file.reading() as connection:
            rows = connection.execute("SELECT topic, partition, next FROM head").fetchall()
        return {(topic, partition): upto for topic, partition, upto in rows}

    def _pause(self) -> float:
        idle = time.monotonic() - self._busy_at
        return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, idle * PAUSE_PER_IDLE_SECOND))

    def _require_open(self) -> None:
        if self._closed:
            raise BusClosed("the subscription was closed")
