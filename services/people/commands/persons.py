"""What can be done with a person. Each command answers the person and publishes the whole state if it changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis import access
from chassis.access import Thing
from chassis.clock import today
from chassis.http import Expected
from chassis.problems import Denied, Fault
from chassis.unit import Unit
from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered, PersonState
from services.people.commands import structure
from services.people.models import Person
from services.people.rules import fields

OWN_FIELDS = frozenset({"time_zone", "locale"})
"""What people may change of themselves."""
SHARED_FIELDS = frozenset({"external_id", "email", "manager_id", "team_ids"})
"""Fields whose values depend on other rows, so that a change of them takes its turn."""

ANY_VERSION = Expected()


def register_person(unit: Unit, values: Mapping[str, Any]) -> Person:
    """Make a person known. `values` are Person's fields; email and display_name are needed.

    Roles beyond employee need `role.write`. Raises Denied, Invalid, and Conflict where a key is taken.
    """
    access.check(unit.actor, "person.write")
    if set(values.get("roles", [])) - {"employee"}:
        access.check(unit.actor, "role.write")
    structure.refuse(structure.faults(fields.wrongs(values, fields.PERSON_CHECKS)))
    structure.take_turn(unit)
    structure.refuse(_reference_faults(unit, None, values) + _date_faults(values))
    structure.refuse_taken(unit.session, Person, None, values)
    person = Person.register(_normal(values))
    unit.session.add(person)
    return announce(unit, person, PersonRegistered)


def change_person(unit: Unit, person_id: str, expected: Expected, changes: Mapping[str, Any]) -> Person:
    """Change the fields named, without touching others; people may change their own time zone and locale.

    Raises Denied, NotFound, Stale, Invalid, and Conflict where a key is taken.
    """
    _check_change(unit, person_id, changes)
    structure.refuse(structure.faults(fields.wrongs(changes, fields.PERSON_CHECKS)))
    if SHARED_FIELDS & set(changes):
        structure.take_turn(unit)
    person = structure.person(unit, person_id)
    expected.require(person)
    changed = person.differences(_normal(changes))
    check_sign_in(unit, person, changed)
    merged = {"start_date": person.start_date, "end_date": person.end_date, **changed}
    given = {name: changes[name] for name in changed}
    structure.refuse(_reference_faults(unit, person, given) + (_date_faults(merged) if changed else []))
    structure.refuse_taken(unit.session, Person, person.id, changed)
    return announce(unit, person, PersonChanged) if person.change(changed) else person


def change_self(unit: Unit, expected: Expected, *, time_zone: str | None = None, locale: str | None = None) -> Person:
    """Change the actor's own time zone or locale; None leaves it as it is."""
    given = {"time_zone": time_zone, "locale": locale}
    return change_person(unit, unit.actor.id, expected, {name: value for name, value in given.items() if value})


def deactivate_person(unit: Unit, person_id: str, expected: Expected = ANY_VERSION) -> Person:
    """The person has left. Those who report to them still do, until they get another manager. Twice is fine."""
    access.check(unit.actor, "person.write")
    person = structure.person(unit, person_id)
    expected.require(person)
    return announce(unit, person, PersonDeactivated) if person.change({"active": False}) else person


def reactivate_person(unit: Unit, person_id: str, expected: Expected = ANY_VERSION) -> Person:
    """The person is back, with id and history; an end date in the past is forgotten. Twice is fine."""
    access.check(unit.actor, "person.write")
    person = structure.person(unit, person_id)
    expected.require(person)
    if person.active:
        return person
    over = person.end_date is not None and person.end_date < today(unit.now)
    person.change({"active": True, **({"end_date": None} if over else {})})
    return announce(unit, person, PersonReactivated)


def set_roles(unit: Unit, person_id: str, expected: Expected, roles: Sequence[str]) -> Person:
    """Give the person exactly these roles; employee is always among them."""
    access.check(unit.actor, "role.write")
    if wrong := fields.roles_wrong(roles):
        structure.refuse([Fault("/roles", str(wrong))])
    person = structure.person(unit, person_id)
    expected.require(person)
    changed = person.change({"roles": fields.canonical_roles(roles)})
    return announce(unit, person, PersonChanged) if changed else person


def announce(unit: Unit, person: Person, kind: type[PersonState]) -> Person:
    """Publish the person's state and return the person."""
    unit.publish(person.told(kind))
    return person


def check_sign_in(unit: Unit, person: Person, changed: Mapping[str, Any]) -> None:
    """Raise Denied where someone who may not make admins would decide who signs in as one."""
    if "email" in changed and "admin" in person.roles and not access.allowed(unit.actor, "role.write"):
        raise Denied("This person is an admin and signs in by this e-mail address; only an admin may change it.")


def _check_change(unit: Unit, person_id: str, changes: Mapping[str, Any]) -> None:
    own = set(changes) <= OWN_FIELDS
    subject = Thing("person", subject=person_id)
    access.check(unit.actor, "person.change_self" if own else "person.write", subject)


def _normal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists in the order they are stored in."""
    normal = dict(values)
    if "team_ids" in normal:
        normal["team_ids"] = sorted(set(normal["team_ids"]))
    if "roles" in normal:
        normal["roles"] = fields.canonical_roles(normal["roles"])
    return normal


def _reference_faults(unit: Unit, person: Person | None, values: Mapping[str, Any]) -> list[Fault]:
    own_id, present = (person.id, person.team_ids) if person else (None, [])
    found = structure.manager_faults(unit.session, own_id, values.get("manager_id"))
    return found + structure.team_faults(unit.session, values.get("team_ids", []), present)


def _date_faults(values: Mapping[str, Any]) -> list[Fault]:
    wrong = fields.dates_wrong(values.get("start_date"), values.get("end_date"))
    return [Fault("/end_date", str(wrong))] if wrong else []
