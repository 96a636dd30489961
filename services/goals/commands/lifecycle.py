"""From draft over active to closed with a grade, and back; what nobody has checked in on may also be thrown away.

Closing freezes: progress, status and their explanation stay as they are, whatever is heard later. Late check-ins
are kept, and count if the objective is reopened.
"""

from decimal import Decimal

from sqlalchemy import select

from chassis.http import Expected
from chassis.problems import Conflict
from chassis.unit import Unit
from contracts.goals import ObjectiveChanged, ObjectiveClosed, ObjectiveState
from services.goals.commands.alignment import refuse_aligned
from services.goals.commands.finding import objective_to_change
from services.goals.commands.permission import check_objective
from services.goals.commands.telling import of_rules, refuse, tell_key_result, tell_objective
from services.goals.models import ACTIVE, CLOSED, DELETED, DRAFT, KEY_RESULT, OBJECTIVE, Objective, Reading
from services.goals.rollup.explaining import parts_of
from services.goals.rollup.settling import settle
from services.goals.rules import grading


def publish_objective(unit: Unit, objective_id: str, expected: Expected) -> Objective:
    """Put a draft in force: it takes check-ins and counts upward. Raises Denied, NotFound, Stale, Conflict."""
    objective = _in_state(unit, objective_id, expected, DRAFT)
    _enter(unit, objective, ACTIVE)
    return objective


def unpublish_objective(unit: Unit, objective_id: str, expected: Expected) -> Objective:
    """Make a draft of it again. Raises Denied, NotFound, Stale, Conflict unless it is active and without check-ins."""
    objective = _in_state(unit, objective_id, expected, ACTIVE)
    _refuse_checked_in(unit, objective)
    _enter(unit, objective, DRAFT)
    return objective


def close_objective(
    unit: Unit,
    objective_id: str,
    expected: Expected,
    *,
    grade: Decimal | None = None,
    grade_note: str | None = None,
) -> Objective:
    """Close with a grade from 0 to 1; without one, with what the progress suggests.

    Raises Denied, NotFound, Stale, Conflict unless it is active, Invalid where the grade needs a note.
    """
    objective = _in_state(unit, objective_id, expected, ACTIVE)
    settle(unit)
    refuse(of_rules(grading.grade_faults(objective.progress, grade, grade_note)))
    graded = grading.grade_objective(objective.progress, objective.kind, grade, grade_note)
    objective.suggested_grade, objective.grade, objective.grade_note = graded.suggested, graded.grade, graded.note
    objective.explained = parts_of(unit.session, objective)
    objective.closed_at = unit.now()
    _enter(unit, objective, CLOSED, ObjectiveClosed)
    return objective


def reopen_objective(unit: Unit, objective_id: str, expected: Expected) -> Objective:
    """Take a closing back: the grade is gone and what was heard since counts.

    Raises Denied, NotFound, Stale, Conflict unless it is closed.
    """
    objective = _in_state(unit, objective_id, expected, CLOSED)
    objective.suggested_grade = objective.grade = objective.grade_note = None
    objective.explained = objective.closed_at = None
    _enter(unit, objective, ACTIVE)
    return objective


def delete_objective(unit: Unit, objective_id: str, expected: Expected) -> None:
    """Throw an objective away with its key results; their external ids may be used again.

    Raises Denied, NotFound, Stale, Conflict where it is closed, or has check-ins, or something is aligned to it.
    """
    objective = _in_state(unit, objective_id, expected, DRAFT, ACTIVE)
    _refuse_checked_in(unit, objective)
    key_results = list(objective.key_results)
    refuse_aligned(unit.session, [objective.id, *(each.id for each in key_results)], "this objective")
    marked = [(link.parent_kind, link.parent_id) for link in objective.parents]
    for key_result in key_results:
        key_result.removed, key_result.external_id = True, None
    objective.external_id = None
    objective.parents.clear()
    _enter(unit, objective, DELETED)
    for kind, parent_id in marked:
        unit.mark(kind, parent_id)


def _refuse_checked_in(unit: Unit, objective: Objective) -> None:
    key_results = [each.id for each in objective.key_results]
    standing = select(Reading.id).where(Reading.key_result_id.in_(key_results), ~Reading.withdrawn).limit(1)
    if key_results and unit.session.scalar(standing) is not None:
        raise Conflict("Somebody has checked in on this objective; close it instead.", kind="checked_in")


def _in_state(unit: Unit, objective_id: str, expected: Expected, *states: str) -> Objective:
    objective = objective_to_change(unit, objective_id)
    check_objective(unit, objective)
    expected.require(objective)
    if objective.state not in states:
        detail = f"This objective is {objective.state}; only one that is {' or '.join(states)} can take this step."
        raise Conflict(detail, kind="state")
    return objective


def _enter(unit: Unit, objective: Objective, state: str, kind: type[ObjectiveState] = ObjectiveChanged) -> None:
    """Change state; the key results say whether they take check-ins now, and what lies above is computed anew."""
    key_results = list(objective.key_results)
    objective.state = state
    tell_objective(unit, objective, kind)
    for key_result in key_results:
        key_result.open_first(unit.now())
        tell_key_result(unit, key_result, edited=False)
        unit.mark(KEY_RESULT, key_result.id)
    unit.mark(OBJECTIVE, objective.id)
    for link in objective.parents:
        unit.mark(link.parent_kind, link.parent_id)
