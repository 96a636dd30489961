"""Import of people: rows are matched by external id, then by e-mail, never by name; managers may come in any order."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from chassis import access
from chassis.unit import Unit
from contracts.people import PersonChanged, PersonDeactivated, PersonReactivated, PersonRegistered, PersonState
from services.people.commands import structure
from services.people.commands.filing import Change, Options, Outcome, Report, read_table, report_of, unreadable_report
from services.people.commands.people_judging import PeopleJudge, PersonStep
from services.people.models import Person
from services.people.rules.fields import folded
from services.people.rules.person_rows import LAYOUT
from services.people.rules.table import Unreadable

CHUNK = 1000
_KINDS: Mapping[str, type[PersonState]] = {
    "created": PersonRegistered,
    "changed": PersonChanged,
    "deactivated": PersonDeactivated,
    "reactivated": PersonReactivated,
}


def import_people(unit: Unit, data: bytes | list[Any], options: Options) -> Report:
    """Apply a people file: CSV as bytes, or parsed JSON. People it does not name stay as they are.

    With rejected rows nothing is applied, unless the options say partial. Raises Denied.
    """
    access.check(unit.actor, "import.run")
    try:
        table = read_table(data, LAYOUT, options)
    except Unreadable as fault:
        return unreadable_report(fault, options)
    structure.take_turn(unit)
    judge = PeopleJudge(unit, table)
    steps = judge.judge()
    report = report_of(table, judge.verdicts, options)
    outcomes = [_outcome(judge, step, report.applied) for step in steps]
    for outcome in outcomes:
        report.note(outcome)
    if report.applied:
        free_emails(unit.session, steps, judge.by_email)
        for step, outcome in zip(steps, outcomes, strict=True):
            if outcome:
                _apply(unit, step, _KINDS[outcome.what])
    return report


def _apply(unit: Unit, step: PersonStep, kind: type[PersonState]) -> None:
    person = step.present
    if person is None:
        person = Person.register(step.values, step.id)
        unit.session.add(person)
    else:
        person.change(step.differences())
    unit.publish(person.told(kind))


def free_emails(session: Session, steps: Iterable[PersonStep], by_email: Mapping[str, Person]) -> None:
    """Let go of the addresses that move from one person to another, so that no order of the updates collides."""
    moving = []
    for step in steps:
        email = step.differences().get("email")
        holder = by_email.get(folded(email)) if email else None
        if holder is not None and holder.id != step.id:
            moving.append(holder.id)
    for start in range(0, len(moving), CHUNK):
        here = Person.id.in_(moving[start : start + CHUNK])
        statement = update(Person).where(here).values(email_key=Person.id)
        session.execute(statement.execution_options(synchronize_session=False))


def _outcome(judge: PeopleJudge, step: PersonStep, applied: bool) -> Outcome | None:
    person, changed = step.present, step.differences()
    name = str(step.values.get("display_name", person and person.display_name))
    if person is None:
        known_id = step.id if applied else None
        return Outcome(step.line, "created", known_id, step.values.get("external_id"), name, [])
    if not changed:
        return None
    what = {True: "reactivated", False: "deactivated"}.get(changed.get("active", "as before"), "changed")
    fields = [_change(judge, field, getattr(person, field), value) for field, value in changed.items()]
    return Outcome(step.line, what, person.id, step.values.get("external_id", person.external_id), name, fields)


def _change(judge: PeopleJudge, field: str, before: Any, after: Any) -> Change:
    return Change(field, _text(judge, field, before), _text(judge, field, after))


def _text(judge: PeopleJudge, field: str, value: Any) -> str | None:
    """A value as people read it: names in place of ids."""
    if value is None:
        return None
    if field == "team_ids":
        return "|".join(judge.teams.names[team_id] for team_id in value)
    if field == "manager_id":
        return judge.people[value].display_name if value in judge.people else f"line {judge.new_lines[value]}"
    return "|".join(value) if isinstance(value, list) else str(value)
