"""Membership of a group on the SQLite bus: members with an expiry, partitions with a lease, positions with a fence.

Nobody leads. Each member, at its heartbeat and whenever the group's generation has changed, drops the members whose
time is over, computes everyone's share, gives back what is no longer its own and takes what is free. All of it is one
transaction, so a partition never has two readers; a commit counts only while the lease is still the member's.
"""

import json
import sqlite3
import time
import uuid
from collections.abc import Mapping, Sequence

from chassis.bus.sharing import Partition, share
from chassis.bus.sqlite_file import NOW, BusFile

Place = tuple[int, int]


class Membership:
    """One member of `group` that reads `topics`; its lease lasts `lease` seconds after each heartbeat."""

    def __init__(self, file: BusFile, group: str, topics: Sequence[str], lease: float) -> None:
        self.group = group
        self._file = file
        self._id = uuid.uuid4().hex
        self._topics = json.dumps(sorted(topics))
        self._lease = lease
        self._generation = -1
        self._beat_at = 0.0
        self.positions: dict[Place, int] = {}
        self.names: dict[int, str] = {}

    def tend(self) -> None:
        """Renew the lease and settle the shares, when it is time or the group has changed."""
        if time.monotonic() < self._beat_at and self._generation == self._current_generation():
            return
        with self._file.writing() as connection:
            changed = self._settle(connection)
        self._beat_at = time.monotonic() + self._lease / 3
        if changed:
            # Members of this process that wait for a partition given back here look again at once.
            self._file.turnstile.wake()

    def committed(self) -> dict[Place, int]:
        """The committed positions of the partitions held."""
        with self._file.reading() as connection:
            return self._committed(connection)

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Move positions forward where the lease is still this member's; anything else changes nothing."""
        ids = {name: topic for topic, name in self.names.items()}
        rows = [
            (upto, self.group, ids[name], partition, upto, self._id)
            for (name, partition), upto in positions.items()
            if name in ids
        ]
        with self._file.writing() as connection:
            connection.executemany(
                'UPDATE position SET next = ? WHERE "group" = ? AND topic = ? AND partition = ? AND next < ? '
                'AND EXISTS (SELECT 1 FROM lease WHERE lease."group" = position."group" '
                "AND lease.topic = position.topic AND lease.partition = position.partition AND lease.member = ?)",
                rows,
            )
            self._renew(connection)

    def leave(self) -> None:
        """Give everything back."""
        with self._file.writing() as connection:
            connection.execute('DELETE FROM lease WHERE "group" = ? AND member = ?', (self.group, self._id))
            gone = connection.execute('DELETE FROM member WHERE "group" = ? AND id = ?', (self.group, self._id))
            if gone.rowcount:
                self._announce(connection)
        self.positions.clear()
        self._file.turnstile.wake()

    def _settle(self, connection: sqlite3.Connection) -> bool:
        changed = self._drop_expired(connection) | self._enter(connection)
        topics = dict(connection.execute("SELECT name, id FROM topic").fetchall())
        self.names = {topic: name for name, topic in topics.items()}
        held = self._held(connection)
        mine = {partition for partition, member in held.items() if member == self._id}
        target = {
            partition
            for partition, member in share(self._partitions(connection), self._members(connection), held).items()
            if member == self._id
        }
        released, taken = mine - target, target - held.keys()
        self._release(connection, [(topics[name], partition) for name, partition in released])
        self._take(connection, [(topics[name], partition) for name, partition in taken])
        changed |= bool(released)
        if changed:
            self._announce(connection)
        self._generation = self._read_generation(connection)
        kept = {(topics[name], partition) for name, partition in mine - released}
        self._remember(connection, kept)
        return changed

    def _remember(self, connection: sqlite3.Connection, kept: set[Place]) -> None:
        # A partition lost and won again starts from what is committed: others may have moved it in between.
        self.positions = {
            place: self.positions[place] if place in kept and place in self.positions else committed
            for place, committed in self._committed(connection).items()
        }

    def _drop_expired(self, connection: sqlite3.Connection) -> bool:
        dropped = connection.execute(
            f'DELETE FROM member WHERE "group" = ? AND expires < {NOW} AND id <> ?',  # noqa: S608 - NOW is a constant
            (self.group, self._id),
        )
        if dropped.rowcount:
            connection.execute(
                'DELETE FROM lease WHERE "group" = ? AND member NOT IN (SELECT id FROM member WHERE "group" = ?)',
                (self.group, self.group),
            )
        return bool(dropped.rowcount)

    def _enter(self, connection: sqlite3.Connection) -> bool:
        connection.execute("INSERT OR IGNORE INTO consumer_group VALUES (?, 0)", (self.group,))
        if self._renew(connection):
            return False
        connection.execute(
            f"INSERT INTO member VALUES (?, ?, ?, {NOW} + ?)",  # noqa: S608 - NOW is a constant
            (self.group, self._id, self._topics, self._lease),
        )
        return True

    def _renew(self, connection: sqlite3.Connection) -> bool:
        renewed = connection.execute(
            f'UPDATE member SET expires = {NOW} + ? WHERE "group" = ? AND id = ?',  # noqa: S608 - NOW is a constant
            (self._lease, self.group, self._id),
        )
        return bool(renewed.rowcount)

    def _release(self, connection: sqlite3.Connection, places: Sequence[Place]) -> None:
        connection.executemany(
            'DELETE FROM lease WHERE "group" = ? AND topic = ? AND partition = ?',
            [(self.group, *place) for place in places],
        )

    def _take(self, connection: sqlite3.Connection, places: Sequence[Place]) -> None:
        connection.executemany(
            "INSERT INTO lease VALUES (?, ?, ?, ?)", [(self.group, *place, self._id) for place in places]
        )
        # A group without history starts at the first message there still is.
        connection.executemany(
            "INSERT OR IGNORE INTO position SELECT ?1, ?2, ?3, "
            "coalesce((SELECT min(offset) FROM message WHERE topic = ?2 AND partition = ?3), next) "
            "FROM head WHERE topic = ?2 AND partition = ?3",
            [(self.group, *place) for place in places],
        )

    def _announce(self, connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE consumer_group SET generation = generation + 1 WHERE name = ?", (self.group,))

    def _partitions(self, connection: sqlite3.Connection) -> list[Partition]:
        rows = connection.execute("SELECT name, partitions FROM topic").fetchall()
        return [(name, partition) for name, count in rows for partition in range(count)]

    def _members(self, connection: sqlite3.Connection) -> dict[str, set[str]]:
        rows = connection.execute('SELECT id, topics FROM member WHERE "group" = ?', (self.group,)).fetchall()
        return {member: set(json.loads(topics)) for member, topics in rows}

    def _held(self, connection: sqlite3.Connection) -> dict[Partition, str]:
        rows = connection.execute(
            'SELECT name, partition, member FROM lease JOIN topic ON topic.id = topic WHERE "group" = ?', (self.group,)
        ).fetchall()
        return {(name, partition): member for name, partition, member in rows}

    def _committed(self, connection: sqlite3.Connection) -> dict[Place, int]:
        rows = connection.execute(
            'SELECT topic, partition, next FROM lease JOIN position USING ("group", topic, partition) '
            'WHERE "group" = ? AND member = ?',
            (self.group, self._id),
        ).fetchall()
        return {(topic, partition): upto for topic, partition, upto in rows}

    def _current_generation(self) -> int:
        with self._file.reading() as connection:
            return self._read_generation(connection)

    def _read_generation(self, connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT generation FROM consumer_group WHERE name = ?", (self.group,)).fetchone()
        return int(row[0]) if row else -1
