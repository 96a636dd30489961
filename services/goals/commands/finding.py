"""Finding what a command is about: nobody else writes to the graph from here on, and the row is locked."""

from chassis.problems import Conflict, NotFound
from chassis.unit import Unit
from services.goals import graph
from services.goals.models import CLOSED, DELETED, Cycle, KeyResult, Objective


def objective_to_change(unit: Unit, objective_id: str) -> Objective:
    """The objective, locked. Raises NotFound."""
    graph.hold(unit.session)
    found = unit.session.get(Objective, objective_id, with_for_update=True, populate_existing=True)
    if found is None or found.state == DELETED:
        raise NotFound("There is no such objective.")
    return found


def key_result_to_change(unit: Unit, key_result_id: str) -> KeyResult:
    """The key result, locked. Raises NotFound."""
    graph.hold(unit.session)
    found = unit.session.get(KeyResult, key_result_id, with_for_update=True, populate_existing=True)
    if found is None or found.removed:
        raise NotFound("There is no such key result.")
    return found


def cycle_to_change(unit: Unit, cycle_id: str) -> Cycle:
    """The cycle, locked. Raises NotFound."""
    graph.hold(unit.session)
    found = unit.session.get(Cycle, cycle_id, with_for_update=True, populate_existing=True)
    if found is None or found.state == DELETED:
        raise NotFound("There is no such cycle.")
    return found


def refuse_closed(objective: Objective) -> None:
    """Raise Conflict where an objective has been closed: what it says then stands."""
    if objective.state == CLOSED:
        raise Conflict("This objective is closed and stays as it is; reopen it first.", kind="closed")


def refuse_taken(unit: Unit, kind: type[Cycle] | type[Objective] | type[KeyResult], external_id: str | None) -> None:
    """Raise Conflict where something else has this external id already; the answer names it."""
    if external_id is None:
        return
    taken = unit.session.query(kind.id).filter(kind.external_id == external_id).scalar()
    if taken is not None:
        raise Conflict(f"The external id {external_id!r} belongs to {taken}; change that one instead.", kind="taken")
