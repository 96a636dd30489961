"""The condition of a Cairn, part by part, from what the databases say: no process is asked, so it can be told with
everything stopped.

A worker shows by its relay's lease, which it renews several times a second. Waiting and lag are normal while work is
under way; they need attention once the oldest event concerned has waited for a minute.
"""

import fcntl
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from cairn import connect, topology
from cairn.readiness import reason_of, unready
from cairn.settling import Gap, lags
from chassis.lease import database_milliseconds
from chassis.relay import waiting_since
from chassis.service import Runtime
from chassis.settings import Settings
from chassis.tables import DEAD_LETTERS, LEASES

OLD_SECONDS = 60
OK = "ok"


@dataclass(frozen=True, slots=True)
class Condition:
    part: str
    answer: str
    """ok, or what is wrong with its database; then nothing else is known."""
    outbox: int = 0
    """Events committed and not published yet."""
    outbox_age: float = 0.0
    """Seconds the oldest of them has waited."""
    lag: int | None = None
    """Events published by the parts it reads that it has not received; None where one of those cannot be asked."""
    lag_age: float = 0.0
    """Seconds since the oldest of them was published."""
    relay: bool = False
    """Whether a worker holds the relay's lease."""
    parked: int = 0
    parked_aggregates: int = 0

    @property
    def known(self) -> bool:
        return self.answer == OK

    def troubles(self) -> Iterator[str]:
        """What needs attention in a part whose database answers, each with where to look or what to do."""
        if not self.relay:
            yield f"{self.part}: no worker runs; start `cairn worker {self.part}`"
        if self.outbox_age > OLD_SECONDS and self.relay:
            yield f"{self.part}: its outbox is not drained; is the bus up, and does `cairn topics apply` go well?"
        if self.lag_age > OLD_SECONDS and self.relay:
            yield f"{self.part}: it has not received events for {span(self.lag_age)}; the log of its worker says why"
        if self.parked:
            yield f"{self.part}: events are parked; `cairn parked list {self.part}` says why"


@dataclass(frozen=True, slots=True)
class Folder:
    """The data folder, and which process runs `cairn up` on it."""

    path: Path
    process: str | None


def conditions(settings: Settings) -> list[Condition]:
    """Every part's condition. A part that cannot be asked is trouble, never an exception."""
    parts = {name: connect.runtime(settings, name) for name in topology.PARTS}
    try:
        # At once, so that servers that are away cost one timeout and not six.
        with ThreadPoolExecutor(len(parts)) as pool:
            found = list(pool.map(_facts, parts.values()))
        return _with_lags(found, {name: part for name, part in parts.items() if _of(found, name).known})
    finally:
        for part in parts.values():
            part.db.dispose()


def troubles(found: Sequence[Condition]) -> list[str]:
    """Everything that needs attention, as sentences."""
    by_answer: dict[str, list[str]] = {}
    for one in found:
        by_answer.setdefault(one.answer, []).append(one.part)
    working = [one for one in found if one.known]
    sentences = [f"{', '.join(parts)}: {answer}" for answer, parts in by_answer.items() if answer != OK]
    if working and not any(one.relay for one in working):
        sentences.append("no worker runs: start `cairn up`, or `cairn worker PART` for each part")
        working = [replace(one, relay=True) for one in working]
    return sentences + [sentence for one in working for sentence in one.troubles()]


def data_folder(settings: Settings) -> Folder | None:
    """The folder of the embedded files; None where nothing is kept in files."""
    if settings.kafka and all(settings.database_url(name) for name in topology.PARTS):
        return None
    path = Path(settings.data).expanduser().resolve()
    return Folder(path, _holder(path / "lock"))


def _holder(lock: Path) -> str | None:
    """The process that holds a lock file; None where nobody does."""
    if not lock.exists():
        return None
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip() or "unknown"
    return None


def _facts(part: Runtime) -> Condition:
    name = part.service.name
    try:
        if reason := unready(part):
            return Condition(name, reason)
        return _counted(part)
    except SQLAlchemyError as fault:
        return Condition(name, f"the database does not answer: {reason_of(fault)}")


def _counted(part: Runtime) -> Condition:
    outbox, oldest = waiting_since(part.db)
    aggregate = func.count(func.distinct(DEAD_LETTERS.c.topic + "/" + DEAD_LETTERS.c.key))
    with part.db.reading() as session:
        alive = LEASES.c.expires > database_milliseconds(session)
        relay = session.execute(select(LEASES.c.owner).where(LEASES.c.name == "relay", alive)).first() is not None
        parked, aggregates = session.execute(select(func.count(DEAD_LETTERS.c.id), aggregate)).one()
    return Condition(
        part.service.name,
        OK,
        outbox,
        _age(part, oldest),
        relay=relay,
        parked=parked,
        parked_aggregates=aggregates,
    )


def _with_lags(found: list[Condition], parts: dict[str, Runtime]) -> list[Condition]:
    """Fill in the lag where every part that is read can be asked."""
    try:
        behind = {gap.reader: gap for gap in lags(parts)}
    except SQLAlchemyError:
        return found
    return [
        _lagging(condition, parts[condition.part], behind.get(condition.part))
        if condition.known and _sources(parts[condition.part]) <= parts.keys()
        else condition
        for condition in found
    ]


def _lagging(condition: Condition, part: Runtime, gap: Gap | None) -> Condition:
    if gap is None:
        return replace(condition, lag=0)
    return replace(condition, lag=gap.events, lag_age=_age(part, gap.since))


def _sources(part: Runtime) -> set[str]:
    """The parts whose topics it reads."""
    return {topic.rpartition(".")[2] for topic in part.service.topics()}


def _age(part: Runtime, since: datetime | None) -> float:
    return max(0.0, (part.clock() - since).total_seconds()) if since else 0.0


def _of(found: Sequence[Condition], name: str) -> Condition:
    return next(condition for condition in found if condition.part == name)


def span(seconds: float) -> str:
    """A length of time as people say it: 40 s, 12 min, 3 h, 2 d."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
