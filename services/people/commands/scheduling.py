"""Changes that a file makes for a day ahead: what is kept of them, and what a later file does to what is kept.

A row that holds from a day ahead is kept as it is, once for each person and day; managers, teams and addresses are
looked up when the day comes. Whoever is registered before the first working day waits for it with an entry too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from chassis import access
from chassis.problems import NotFound
from chassis.unit import Unit
from services.people.models import ScheduledChange

ROW, START = "row", "start"
CHUNK = 1000
ENTRIES: Table = ScheduledChange.__table__  # type: ignore[assignment]

Key = tuple[str, date, str]
"""Person, day, kind."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A change that waits, or that could not be applied when its day came."""

    id: str
    person_id: str
    day: date
    kind: str
    cells: Mapping[str, str]
    may_give_roles: bool
    problem: str | None

    @property
    def key(self) -> Key:
        return self.person_id, self.day, self.kind


_COLUMNS = ("id", "person_id", "day", "kind", "cells", "may_give_roles", "problem")


def entries(session: Session) -> list[Entry]:
    """All there are, in the order in which they come due; of one day, rows before starts."""
    statement = select(*(ENTRIES.c[name] for name in _COLUMNS)).order_by(ENTRIES.c.day, ENTRIES.c.kind, ENTRIES.c.id)
    return [Entry(*row) for row in session.execute(statement.with_for_update())]


@dataclass(slots=True)
class Plan:
    """What becomes of the entries."""

    new: list[dict[str, Any]] = field(default_factory=list)
    replaced: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    """The lines of rows that are kept now and were not, or not so."""

    def apply(self, session: Session) -> None:
        for start in range(0, len(self.dropped), CHUNK):
            session.execute(delete(ENTRIES).where(ENTRIES.c.id.in_(self.dropped[start : start + CHUNK])))
        if self.replaced:
            session.execute(_REPLACE, self.replaced)
        if self.new:
            session.execute(insert(ENTRIES), self.new)


_REPLACED = ("cells", "may_give_roles", "source", "kept_at")
_REPLACE = (
    update(ENTRIES)
    .where(ENTRIES.c.id == bindparam("known_id"))
    .values({name: bindparam(name) for name in _REPLACED} | {"problem": None})
)


def cancel_scheduled_change(unit: Unit, person_id: str, change_id: str) -> None:
    """Forget a change that waits or got stuck. Raises Denied, NotFound."""
    access.check(unit.actor, "import.run")
    change = unit.session.get(ScheduledChange, change_id)
    if change is None or change.person_id != person_id:
        raise NotFound("No change with this id waits for this person.")
    unit.session.delete(change)
