"""Writing objectives down and changing them."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.http import Expected
from chassis.problems import Fault
from chassis.unit import Unit
from contracts.goals import ObjectiveCreated
from services.goals import graph
from services.goals.commands.alignment import align
from services.goals.commands.finding import objective_to_change, refuse_closed, refuse_taken
from services.goals.commands.key_results import build, key_result_faults
from services.goals.commands.permission import check_objective, check_owner, owner_faults, person_faults
from services.goals.commands.telling import owners_of, refuse, tell_assigned, tell_key_result, tell_objective
from services.goals.models import ACTIVE, CLOSED, DELETED, KEY_RESULT, OBJECTIVE, Cycle, Objective, objective_state

PLAIN_FIELDS = frozenset(
    {"external_id", "title", "description", "cycle_id", "owner_kind", "owner_id", "co_owner_ids", "kind", "attributes"}
)


def create_objective(
    unit: Unit,
    *,
    title: str,
    cycle_id: str,
    owner_kind: str,
    owner_id: str,
    description: str | None = None,
    co_owner_ids: Sequence[str] = (),
    kind: str = "aspirational",
    state: str = ACTIVE,
    parents: Sequence[Mapping[str, Any]] = (),
    key_results: Sequence[Mapping[str, Any]] = (),
    external_id: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Objective:
    """Write an objective down, with its parents and key results; `state` is draft or active.

    A parent is `parent_kind`, `parent_id`, `kind`, `weight`; a key result as in `add_key_result`.
    Raises Denied, Invalid, Conflict where an external id is taken.
    """
    check_owner(unit, owner_kind, owner_id)
    graph.hold(unit.session)
    named = {"cycle_id": cycle_id, "owner_kind": owner_kind, "owner_id": owner_id, "co_owner_ids": co_owner_ids}
    refuse(_reference_faults(unit, named) + key_result_faults(unit, key_results, "/key_results"))
    refuse_taken(unit, Objective, external_id)
    objective = Objective(
        title=title,
        cycle_id=cycle_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        description=description,
        co_owner_ids=list(dict.fromkeys(co_owner_ids)),
        kind=kind,
        state=state,
        external_id=external_id,
        attributes=dict(attributes or {}),
    )
    unit.session.add(objective)
    unit.session.flush()
    align(unit, objective, parents)
    unit.publish(ObjectiveCreated(**objective_state(objective, objective.parents)))
    tell_assigned(unit, objective)
    for fields in key_results:
        build(unit, objective, fields)
    unit.mark(OBJECTIVE, objective.id)
    return objective


def change_objective(unit: Unit, objective_id: str, expected: Expected, changes: Mapping[str, Any]) -> Objective:
    """Change the fields named; `parents` replaces all of them.

    Raises Denied, NotFound, Stale, Conflict where it is closed, Invalid.
    """
    objective = objective_to_change(unit, objective_id)
    check_objective(unit, objective)
    expected.require(objective)
    refuse_closed(objective)
    new = {name: value for name, value in changes.items() if name in PLAIN_FIELDS and getattr(objective, name) != value}
    _check_changes(unit, objective, new)
    owners = owners_of(objective)
    for name, value in new.items():
        setattr(objective, name, value)
    realigned = "parents" in changes and align(unit, objective, changes["parents"])
    if new or realigned:
        tell_objective(unit, objective)
        tell_assigned(unit, objective, before=owners)
    if "cycle_id" in new:
        _move_key_results(unit, objective)
    return objective


def _check_changes(unit: Unit, objective: Objective, new: dict[str, Any]) -> None:
    if "co_owner_ids" in new:
        new["co_owner_ids"] = list(dict.fromkeys(new["co_owner_ids"]))
    if new.keys() & {"owner_kind", "owner_id"}:
        new |= {name: new.get(name, getattr(objective, name)) for name in ("owner_kind", "owner_id")}
        check_owner(unit, new["owner_kind"], new["owner_id"])
    refuse(_reference_faults(unit, new, known=objective.co_owner_ids))
    refuse_taken(unit, Objective, new.get("external_id"))


def _reference_faults(unit: Unit, fields: Mapping[str, Any], known: Sequence[str] = ()) -> list[Fault]:
    """What is wrong with the cycle and the people named; `known` co-owners are not asked about again."""
    faults: list[Fault] = []
    if "cycle_id" in fields:
        faults += _cycle_faults(unit, fields["cycle_id"])
    if "owner_id" in fields:
        faults += owner_faults(unit.session, fields["owner_kind"], fields["owner_id"])
    people = {f"/co_owner_ids/{place}": person for place, person in enumerate(fields.get("co_owner_ids", ()))}
    people = {pointer: person for pointer, person in people.items() if person not in known}
    return faults + (person_faults(unit.session, people) if people else [])


def _cycle_faults(unit: Unit, cycle_id: str) -> list[Fault]:
    cycle = unit.session.get(Cycle, cycle_id)
    if cycle is None or cycle.state == DELETED:
        return [Fault("/cycle_id", "There is no such cycle; check the id, or create it first.")]
    if cycle.state == CLOSED:
        return [Fault("/cycle_id", "This cycle is closed; choose another, or have it opened again.")]
    return []


def _move_key_results(unit: Unit, objective: Objective) -> None:
    """Another cycle is another pace, and every key result says which cycle it is in."""
    for key_result in objective.key_results:
        tell_key_result(unit, key_result, edited=False)
        unit.mark(KEY_RESULT, key_result.id)
