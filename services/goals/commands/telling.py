"""How a command says what it did: every published event is a version of its aggregate, every edit an edition too."""

from collections.abc import Iterable
from typing import Any

from chassis.problems import Fault, Invalid
from chassis.unit import Unit
from contracts.goals import KeyResultChanged, KeyResultState, ObjectiveAssigned, ObjectiveChanged, ObjectiveState
from services.goals.models import KeyResult, Objective, key_result_state, objective_state
from services.goals.rules import faults


def tell_objective(
    unit: Unit, objective: Objective, kind: type[ObjectiveState] = ObjectiveChanged, *, edited: bool = True, **more: Any
) -> None:
    """Publish the next version of an objective."""
    objective.version += 1
    objective.edition += edited
    unit.publish(kind(**objective_state(objective, objective.parents), **more))


def tell_assigned(unit: Unit, objective: Objective, before: Iterable[str] = ()) -> None:
    """Tell those who have become owner or co-owner since `before`, if anybody has."""
    newcomers = [person for person in owners_of(objective) if person not in set(before)]
    if newcomers:
        tell_objective(unit, objective, ObjectiveAssigned, edited=False, assignee_ids=newcomers)


def owners_of(objective: Objective) -> list[str]:
    """The persons who answer for an objective: its owner, where that is a person, and its co-owners."""
    owner = [objective.owner_id] if objective.owner_kind == "person" else []
    return list(dict.fromkeys([*owner, *objective.co_owner_ids]))


def tell_key_result(
    unit: Unit, key_result: KeyResult, kind: type[KeyResultState] = KeyResultChanged, *, edited: bool = True
) -> None:
    """Publish the next version of a key result."""
    key_result.version += 1
    key_result.edition += edited
    unit.publish(kind(**key_result_state(key_result)))


def refuse(found: Iterable[Fault]) -> None:
    """Raise Invalid if there is any fault."""
    every = list(found)
    if every:
        raise Invalid.of(every)


def of_rules(found: Iterable[faults.Fault], pointer: str = "") -> list[Fault]:
    """The rules' faults as the chassis knows them, below a place in the body."""
    return [Fault(pointer + fault.pointer, fault.sentence) for fault in found]
