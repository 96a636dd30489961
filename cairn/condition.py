"""The condition of a Cairn, part by part, read from each database and, where it is, from the bus."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from cairn import connect, topology
from chassis.migrate import pending
from chassis.relay import waiting_since
from chassis.settings import Settings
from chassis.tables import DEAD_LETTERS, INBOX

OLD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Condition:
    part: str
    answer: str
    """ok, or what is wrong with it."""
    outbox: int = 0
    outbox_age: float = 0.0
    """Seconds the oldest unpublished event has waited."""
    received: int = 0
    parked: int = 0

    @property
    def trouble(self) -> bool:
        return self.answer != "ok" or self.parked > 0 or self.outbox_age > OLD_SECONDS


def conditions(settings: Settings) -> list[Condition]:
    """Every part's condition. A part that cannot be asked is trouble, never an exception."""
    return [_condition(settings, name) for name in topology.PARTS]


def _condition(settings: Settings, name: str) -> Condition:
    part = connect.runtime(settings, name)
    try:
        if pending(part.db, part.service):
            return Condition(name, f"needs `cairn migrate {name}`")
        waiting, oldest = waiting_since(part.db)
        with part.db.reading() as session:
            parked = session.execute(select(func.count(DEAD_LETTERS.c.id))).scalar_one()
            received = session.execute(select(func.count(INBOX.c.event_id))).scalar_one()
    except SQLAlchemyError as fault:
        return Condition(name, f"database: {str(fault).splitlines()[0]}"[:60])
    finally:
        part.db.dispose()
    age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    return Condition(name, "ok", waiting, age, received, parked)


def table(found: list[Condition]) -> str:
    """A table a person can read; what needs attention is marked."""
    head = ("part", "condition", "outbox", "oldest", "received", "parked")
    rows = [(c.part, c.answer, str(c.outbox), f"{c.outbox_age:.0f} s", str(c.received), str(c.parked)) for c in found]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    marked = [line + ("  !" if condition.trouble else "") for line, condition in zip(lines[1:], found, strict=True)]
    return "\n".join([lines[0], *marked])
