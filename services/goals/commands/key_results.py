"""Key results: added, changed, re-based with a reason once somebody has checked in, and removed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, select

from chassis.http import Expected
from chassis.ids import new_id
from chassis.problems import Fault, Invalid
from chassis.unit import Unit
from contracts.goals import KeyResultCreated
from services.goals.commands.alignment import refuse_aligned
from services.goals.commands.finding import key_result_to_change, objective_to_change, refuse_closed, refuse_taken
from services.goals.commands.permission import check_key_result, check_objective, person_faults
from services.goals.commands.telling import of_rules, refuse, tell_key_result
from services.goals.models import (
    KEY_RESULT,
    OBJECTIVE,
    KeyResult,
    Objective,
    Reading,
    Rebaseline,
    key_result_state,
    metric_of,
)
from services.goals.rules import metrics

DEFINITION = ("metric", "unit", "currency", "start", "target", "lower", "upper", "milestones")
"""What a key result measures; a change of it is a re-baseline."""
QUANTITIES = ("start", "target", "lower", "upper")
FIELDS = ("external_id", "title", "owner_id", "weight", "attributes", *DEFINITION)


def add_key_result(unit: Unit, objective_id: str, fields: Mapping[str, Any]) -> KeyResult:
    """Add a key result to an objective that is not closed.

    `fields` are `title`, `metric` and what that takes, and optionally unit, currency, weight, owner_id, external_id.
    Raises Denied, NotFound, Conflict, Invalid.
    """
    objective = objective_to_change(unit, objective_id)
    check_objective(unit, objective)
    refuse_closed(objective)
    refuse(key_result_faults(unit, [fields]))
    return build(unit, objective, fields)


def change_key_result(unit: Unit, key_result_id: str, expected: Expected, changes: Mapping[str, Any]) -> KeyResult:
    """Change the fields named. After the first check-in another definition needs a `reason` and is recorded.

    With another metric, fields it does not take are dropped. Raises Denied, NotFound, Stale, Conflict, Invalid.
    """
    key_result = key_result_to_change(unit, key_result_id)
    check_key_result(unit, key_result)
    expected.require(key_result)
    refuse_closed(key_result.objective)
    new = _differences(key_result, changes)
    refuse(_change_faults(unit, key_result, new))
    refuse_taken(unit, KeyResult, new.get("external_id"))
    if new.keys() & set(DEFINITION):
        _note_rebaseline(unit, key_result, new, changes.get("reason"))
    for name, value in new.items():
        setattr(key_result, name, value)
    if new:
        tell_key_result(unit, key_result)
        unit.mark(KEY_RESULT, key_result.id)
        unit.mark(OBJECTIVE, key_result.objective_id)
    return key_result


def remove_key_result(unit: Unit, key_result_id: str, expected: Expected) -> None:
    """Take a key result out; its check-ins are kept. Raises Denied, NotFound, Stale, Conflict."""
    key_result = key_result_to_change(unit, key_result_id)
    check_key_result(unit, key_result)
    expected.require(key_result)
    refuse_closed(key_result.objective)
    refuse_aligned(unit.session, [key_result.id], "this key result")
    key_result.removed, key_result.external_id = True, None
    tell_key_result(unit, key_result)
    unit.mark(OBJECTIVE, key_result.objective_id)


def build(unit: Unit, objective: Objective, fields: Mapping[str, Any]) -> KeyResult:
    """Make a key result of an objective from fields without fault. Raises Conflict where its external id is taken."""
    refuse_taken(unit, KeyResult, fields.get("external_id"))
    stages = _stored_stages(fields.get("milestones") or ())
    key_result = KeyResult(**{name: fields[name] for name in FIELDS if name in fields} | {"milestones": stages})
    key_result.objective = objective
    key_result.open_first(unit.now())
    unit.session.add(key_result)
    unit.session.flush()
    unit.publish(KeyResultCreated(**key_result_state(key_result)))
    unit.mark(KEY_RESULT, key_result.id)
    return key_result


def key_result_faults(unit: Unit, given: Sequence[Mapping[str, Any]], place: str | None = None) -> list[Fault]:
    """What is wrong with new key results; `place` is the list's in the body, None for one that is the body."""
    faults: list[Fault] = []
    people: dict[str, str] = {}
    for number, fields in enumerate(given):
        pointer = "" if place is None else f"{place}/{number}"
        faults += of_rules(_definition_faults(fields), pointer)
        if fields.get("owner_id"):
            people[f"{pointer}/owner_id"] = fields["owner_id"]
    return faults + _twice(given, place) + (person_faults(unit.session, people) if people else [])


def _twice(given: Sequence[Mapping[str, Any]], place: str | None) -> list[Fault]:
    seen: set[str] = set()
    faults = []
    for number, fields in enumerate(given):
        external_id = fields.get("external_id")
        if external_id in seen:
            sentence = "Another key result of this call has this external id; give it its own."
            faults.append(Fault(f"{place}/{number}/external_id", sentence))
        elif external_id is not None:
            seen.add(external_id)
    return faults


def _definition_faults(fields: Mapping[str, Any]) -> list[Any]:
    weight = metrics.weight_faults("/weight", fields.get("weight", Decimal(1)))
    return [*metrics.validate(_metric(fields)), *weight]


def _metric(fields: Mapping[str, Any]) -> metrics.Metric:
    stages = fields.get("milestones") or ()
    return metrics.Metric(
        kind=fields["metric"],
        unit=fields.get("unit", "number"),
        currency=fields.get("currency"),
        milestones=tuple(
            metrics.Milestone(stage.get("id") or f"new {number}", Decimal(stage.get("weight", 1)))
            for number, stage in enumerate(stages)
        ),
        **{name: fields.get(name) for name in QUANTITIES},
    )


def _stored_stages(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Milestones as a row keeps them: each with an id, its weight as text."""
    return [
        {
            "id": stage.get("id") or new_id(),
            "title": stage["title"],
            "weight": format(Decimal(stage.get("weight", 1)), "f"),
        }
        for stage in stages
    ]


def _differences(key_result: KeyResult, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What the changes make another, with the fields that a new metric has no use for."""
    given = {name: value for name, value in changes.items() if name in FIELDS}
    if "milestones" in given:
        given["milestones"] = _stored_stages(given["milestones"])
    if given.get("metric", key_result.metric) != key_result.metric:
        takes = metrics.TAKES.get(given["metric"], ())
        foreign = [name for name in (*QUANTITIES, "milestones") if name not in takes]
        given = {**{name: [] if name == "milestones" else None for name in foreign}, **given}
    return {name: value for name, value in given.items() if getattr(key_result, name) != value}


def _change_faults(unit: Unit, key_result: KeyResult, new: Mapping[str, Any]) -> list[Fault]:
    merged = {name: new.get(name, getattr(key_result, name)) for name in FIELDS}
    people = {"/owner_id": new["owner_id"]} if new.get("owner_id") else {}
    return of_rules(_definition_faults(merged)) + (person_faults(unit.session, people) if people else [])


def _note_rebaseline(unit: Unit, key_result: KeyResult, new: Mapping[str, Any], reason: str | None) -> None:
    """Keep the definition that held until now. Rewording milestones measures nothing else and needs no reason."""
    after = _metric({name: new.get(name, getattr(key_result, name)) for name in DEFINITION})
    if after == metric_of(key_result) or not _checked_in(unit, key_result.id):
        return
    if not (reason or "").strip():
        detail = "There are check-ins by the old definition; say in `reason` why it changes."
        raise Invalid.at("/reason", detail)
    before = {name: getattr(key_result, name) for name in DEFINITION}
    before |= {name: format(before[name], "f") for name in QUANTITIES if before[name] is not None}
    unit.session.add(
        Rebaseline(key_result_id=key_result.id, made_at=unit.now(), made_by=unit.actor.id, reason=reason, before=before)
    )


def _checked_in(unit: Unit, key_result_id: str) -> bool:
    standing = exists().where(Reading.key_result_id == key_result_id, ~Reading.withdrawn)
    return bool(unit.session.execute(select(standing)).scalar())
