"""Cycles: periods of any length, which may overlap. HR and administrators keep them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from chassis import access
from chassis.http import Expected
from chassis.problems import Conflict
from chassis.unit import Unit
from contracts.goals import CycleChanged, CycleCreated
from services.goals import graph
from services.goals.commands.finding import cycle_to_change, refuse_taken
from services.goals.commands.telling import of_rules, refuse
from services.goals.models import ACTIVE, DELETED, KEY_RESULT, Cycle, KeyResult, Objective, cycle_state
from services.goals.rules.pace import period_faults


def create_cycle(
    unit: Unit, *, name: str, starts_on: date, ends_on: date, state: str = ACTIVE, external_id: str | None = None
) -> Cycle:
    """Set up a cycle; `state` is planned, active or closed. Raises Denied, Invalid, Conflict."""
    access.check(unit.actor, "cycle.write")
    refuse(of_rules(period_faults(starts_on, ends_on)))
    graph.hold(unit.session)
    refuse_taken(unit, Cycle, external_id)
    cycle = Cycle(name=name, starts_on=starts_on, ends_on=ends_on, state=state, external_id=external_id)
    unit.session.add(cycle)
    unit.session.flush()
    unit.publish(CycleCreated(**cycle_state(cycle)))
    return cycle


def change_cycle(unit: Unit, cycle_id: str, expected: Expected, changes: Mapping[str, Any]) -> Cycle:
    """Rename, move, open or close a cycle. Other days mean another pace, so statuses are computed anew.

    Closing one takes no new objectives; those in it stay open until each is closed with its grade.
    Raises Denied, NotFound, Stale, Invalid, Conflict.
    """
    access.check(unit.actor, "cycle.write")
    cycle = cycle_to_change(unit, cycle_id)
    expected.require(cycle)
    new = {name: value for name, value in changes.items() if getattr(cycle, name) != value}
    if not new:
        return cycle
    refuse(of_rules(period_faults(new.get("starts_on", cycle.starts_on), new.get("ends_on", cycle.ends_on))))
    refuse_taken(unit, Cycle, new.get("external_id"))
    for name, value in new.items():
        setattr(cycle, name, value)
    cycle.version += 1
    unit.publish(CycleChanged(**cycle_state(cycle)))
    if new.keys() & {"starts_on", "ends_on"}:
        _mark_key_results(unit, cycle_id)
    return cycle


def delete_cycle(unit: Unit, cycle_id: str, expected: Expected) -> None:
    """Throw an empty cycle away; its external id may be used again. Raises Denied, NotFound, Stale, Conflict."""
    access.check(unit.actor, "cycle.write")
    cycle = cycle_to_change(unit, cycle_id)
    expected.require(cycle)
    inside = select(Objective.title).where(Objective.cycle_id == cycle_id, Objective.state != DELETED).limit(1)
    if (title := unit.session.scalar(inside)) is not None:
        raise Conflict(f"There are objectives in this cycle, such as “{title}”; move them first.", kind="not_empty")
    cycle.state, cycle.external_id = DELETED, None
    cycle.version += 1
    unit.publish(CycleChanged(**cycle_state(cycle)))


def _mark_key_results(unit: Unit, cycle_id: str) -> None:
    paced = select(KeyResult.id).join(Objective).where(Objective.cycle_id == cycle_id, ~KeyResult.removed)
    for key_result_id in unit.session.execute(paced).scalars():
        unit.mark(KEY_RESULT, key_result_id)
