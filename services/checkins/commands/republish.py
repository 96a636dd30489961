"""Saying everything again for those who rebuild a copy."""

from collections.abc import Iterator
from typing import TypeVar

from sqlalchemy import select

from chassis.unit import Unit
from contracts.checkins import CheckInCorrected, CheckInState, CheckInSubmitted, CheckInWithdrawn
from services.checkins.commands.remind import LOOK_BACK
from services.checkins.models import CheckIn, DueNotice

CHUNK = 500
Row = TypeVar("Row", CheckIn, DueNotice)


def republish(unit: Unit) -> None:
    """Publish the present state of every check-in and the due dates that may still be current."""
    for check_in in _stream(unit, CheckIn):
        unit.publish(_event(check_in))
    oldest = unit.now().date() - LOOK_BACK
    for notice in _stream(unit, DueNotice):
        if notice.due_on >= oldest:
            unit.publish(notice.event())


def _event(check_in: CheckIn) -> CheckInState:
    if check_in.withdrawn:
        return CheckInWithdrawn(**check_in.state())
    return CheckInSubmitted(**check_in.state()) if check_in.version == 1 else CheckInCorrected(**check_in.state())


def _stream(unit: Unit, model: type[Row]) -> Iterator[Row]:
    """All rows by id, a chunk at a time, so that memory does not grow with the table."""
    last = ""
    while True:
        rows = unit.session.scalars(select(model).where(model.id > last).order_by(model.id).limit(CHUNK)).all()
        yield from rows
        if len(rows) < CHUNK:
            return
        last = rows[-1].id
        unit.write_outbox()
        unit.session.expunge_all()
