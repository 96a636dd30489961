"""Tell everything again, for those who rebuild a copy: teams first, then people, each with its present version."""

from typing import Any

from sqlalchemy import select

from chassis.unit import Unit
from contracts.people import PersonChanged, TeamChanged
from services.people.models import Person, Team

CHUNK = 500


def republish(unit: Unit) -> None:
    """Publish the present state of every team and person; a copy that has this version already ignores it."""
    _tell_all(unit, Team, TeamChanged)
    _tell_all(unit, Person, PersonChanged)


def _tell_all(unit: Unit, kind: Any, event: Any) -> None:
    last = ""
    while True:
        rows = unit.session.execute(select(kind).where(kind.id > last).order_by(kind.id).limit(CHUNK)).scalars().all()
        for row in rows:
            unit.publish(row.told(event))
        if len(rows) < CHUNK:
            return
        last = rows[-1].id
        # The last, smaller chunk is left to the unit, which wakes the relay when it finds something to write.
        unit.write_outbox()
        unit.session.expunge_all()
