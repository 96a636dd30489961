"""Saying again how everything is now, for those who rebuild a copy: present state, present version, nothing new."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from chassis.unit import Unit
from contracts.goals import CycleChanged, KeyResultChanged, ObjectiveChanged
from services.goals.models import Cycle, KeyResult, Objective, cycle_state, key_result_state, objective_state

CHUNK = 500


def republish(unit: Unit) -> None:
    """Publish every cycle, objective and key result, those thrown away and removed included."""
    for cycles in _chunks(unit, Cycle, select(Cycle)):
        for cycle in cycles:
            unit.publish(CycleChanged(**cycle_state(cycle)))
    for objectives in _chunks(unit, Objective, select(Objective).options(selectinload(Objective.parents))):
        for objective in objectives:
            unit.publish(ObjectiveChanged(**objective_state(objective, objective.parents)))
    for key_results in _chunks(unit, KeyResult, select(KeyResult).options(joinedload(KeyResult.objective))):
        for key_result in key_results:
            unit.publish(KeyResultChanged(**key_result_state(key_result)))


def _chunks(unit: Unit, kind: Any, every: Select[Any]) -> Iterator[list[Any]]:
    """All rows of a table in order of id; what was published of one chunk is written before the next is read."""
    last = ""
    while rows := list(unit.session.scalars(every.where(kind.id > last).order_by(kind.id).limit(CHUNK))):
        yield rows
        last = rows[-1].id
        unit.write_outbox()
        unit.session.expunge_all()
