"""Goals events become local copies: the highest version wins, in whatever order they come."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, or_, update

from chassis.guarded import keep
from chassis.service import Handler
from chassis.unit import Unit
from contracts import goals
from contracts.envelope import Envelope
from contracts.event import Event
from services.checkins.models import CycleCopy, KeyResultCopy, ObjectiveCopy

KEY_RESULTS = cast(Table, KeyResultCopy.__table__)
OBJECTIVES = cast(Table, ObjectiveCopy.__table__)
CYCLES = cast(Table, CycleCopy.__table__)
COMPUTED = frozenset({"milestones", "opened_at"})


def keep_cycle(unit: Unit, event: goals.CycleState, _envelope: Envelope) -> None:
    """Fold a cycle's state into the copy."""
    keep(unit.session, CYCLES, _fields(event, CYCLES))


def keep_objective(unit: Unit, event: goals.ObjectiveState, _envelope: Envelope) -> None:
    """Fold an objective's state into the copy."""
    keep(unit.session, OBJECTIVES, _fields(event, OBJECTIVES))


def keep_key_result(unit: Unit, event: goals.KeyResultState, envelope: Envelope) -> None:
    """Fold a key result's state into the copy. An event that does not say since when it is open counts by its time."""
    stages = [{"id": stage.id, "title": stage.title} for stage in event.milestones]
    opened = event.opened_at or (envelope.time if event.open else None)
    row = _fields(event, KEY_RESULTS) | {"milestones": stages, "opened_at": opened}
    if not keep(unit.session, KEY_RESULTS, row, earliest="opened_at") and opened is not None:
        _note_opening(unit, event.id, opened)


def _note_opening(unit: Unit, key_result_id: str, opened: datetime) -> None:
    """Keep the earliest opening: even a straggler may know of it."""
    unit.session.connection().execute(_OPENED, {"key_result": key_result_id, "opened": opened})


# Made once: building a statement costs more than carrying it out.
_OPENED = (
    update(KEY_RESULTS)
    .where(
        KEY_RESULTS.c.id == bindparam("key_result"),
        or_(KEY_RESULTS.c.opened_at.is_(None), KEY_RESULTS.c.opened_at > bindparam("opened")),
    )
    .values(opened_at=bindparam("opened"))
)


def _fields(event: Event, table: Table) -> dict[str, object]:
    return {column.name: getattr(event, column.name) for column in table.columns if column.name not in COMPUTED}


HANDLERS: dict[type[Event], Handler] = {
    goals.CycleCreated: keep_cycle,
    goals.CycleChanged: keep_cycle,
    goals.ObjectiveCreated: keep_objective,
    goals.ObjectiveChanged: keep_objective,
    goals.ObjectiveProgressed: keep_objective,
    goals.ObjectiveClosed: keep_objective,
    goals.ObjectiveAssigned: keep_objective,
    goals.KeyResultCreated: keep_key_result,
    goals.KeyResultChanged: keep_key_result,
    goals.KeyResultProgressed: keep_key_result,
    goals.KeyResultFellAtRisk: keep_key_result,
}
