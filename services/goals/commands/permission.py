"""Who may write an objective, asked as cheaply as the answer allows: who is near needs no look at the organisation."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis import access, replica
from chassis.access import Thing
from chassis.problems import Fault
from chassis.statements import listed
from chassis.tables import PEOPLE
from chassis.unit import Unit
from services.goals.models import KeyResult, Objective


def check_objective(unit: Unit, objective: Objective) -> None:
    """Pass or raise Denied for `objective.write`."""
    _check(unit, "objective.write", objective.owner_kind, objective.owner_id, objective.co_owner_ids)


def check_owner(unit: Unit, owner_kind: str, owner_id: str) -> None:
    """Whether the actor may make this owner answer for an objective: co-ownership does not help here."""
    _check(unit, "objective.write", owner_kind, owner_id, ())


def check_key_result(unit: Unit, key_result: KeyResult) -> None:
    """Pass or raise Denied for `key_result.write`; a key result's own owner stands with the objective's."""
    objective, own = key_result.objective, [key_result.owner_id] if key_result.owner_id else []
    _check(unit, "key_result.write", objective.owner_kind, objective.owner_id, objective.co_owner_ids, own)


def _check(
    unit: Unit, action: str, owner_kind: str, owner_id: str, co_owners: Collection[str], own: Collection[str] = ()
) -> None:
    """`own`: further owners, whose managers may do it as well, so that somebody can give away what a leaver had."""
    if owner_kind == "person":
        own = [*own, owner_id]
    near = Thing(action.partition(".")[0], owners=frozenset([*co_owners, *own]))
    if access.allowed(unit.actor, action, near):
        return
    if owner_kind == "person":
        access.check(unit.actor, action, replace(near, chain=replica.chain(unit.session, own)))
    else:
        access.check(unit.actor, action, _of_team(unit.session, near, owner_id, own))


def _of_team(session: Session, near: Thing, team_id: str, own: Collection[str]) -> Thing:
    team = replica.team(session, team_id)
    above = [*own, *([team.lead_id] if team is not None and team.lead_id else [])]
    return replace(near, members=replica.members(session, team_id), chain=replica.chain(session, above))


def owner_faults(session: Session, owner_kind: str, owner_id: str) -> list[Fault]:
    """Why this owner cannot answer for an objective; empty if they can."""
    if owner_kind == "person":
        return person_faults(session, {"/owner_id": owner_id})
    team = replica.team(session, owner_id)
    if team is None:
        return [Fault("/owner_id", "This team is not known here (yet); check the id, or try again shortly.")]
    return [Fault("/owner_id", "This team is archived; choose another.")] if team.archived else []


def person_faults(session: Session, people: dict[str, str]) -> list[Fault]:
    """Which of these persons, given by the place they are named at, cannot answer for anything."""
    rows = select(PEOPLE.c.id, PEOPLE.c.active).where(PEOPLE.c.id.in_(listed(session, set(people.values()))))
    active = {row.id: row.active for row in session.execute(rows)}
    unknown = "This person is not known here (yet); check the id, or try again shortly."
    gone = "This person has left; choose somebody who is here."
    return [
        Fault(pointer, gone if person in active else unknown)
        for pointer, person in people.items()
        if not active.get(person)
    ]
