"""What is checked against other rows: who exists, whose key is taken, what would close a loop.

Whatever is checked so takes its turn first, or two changes that are right one by one could together be wrong: two
people made each other's manager at the same moment, a member let into a team that is just archived.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from chassis.problems import Conflict, Fault, Invalid, NotFound
from chassis.unit import Unit
from services.people.models import Person, Team
from services.people.rules import fields, tree
from services.people.rules.wrong import Wrong

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('cairn people structure'))"


def take_turn(unit: Unit) -> None:
    """Wait until no other unit is changing the structure, then hold it until the commit. Take it before any row.

    On SQLite every unit of work already has the database to itself.
    """
    if unit.session.get_bind().dialect.name == "postgresql":
        unit.session.execute(text(_LOCK))


def person(unit: Unit, person_id: str) -> Person:
    """The person, held for a change. Raises NotFound."""
    statement = select(Person).where(Person.id == person_id).with_for_update(of=Person)
    found = unit.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no person with this id.")
    return found


def team(unit: Unit, team_id: str) -> Team:
    """The team, held for a change. Raises NotFound."""
    statement = select(Team).where(Team.id == team_id).with_for_update(of=Team)
    found = unit.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no team with this id.")
    return found


def faults(wrongs: dict[str, Wrong]) -> list[Fault]:
    """What is wrong by field, as faults of a request body."""
    return [Fault(f"/{name}", str(wrong)) for name, wrong in wrongs.items()]


def refuse(found: Collection[Fault]) -> None:
    """Raise Invalid if there are any."""
    if found:
        raise Invalid.of(list(found))


def refuse_taken(
    session: Session, kind: type[Person] | type[Team], own_id: str | None, values: Mapping[str, Any]
) -> None:
    """Raise Conflict where the external id or e-mail belongs to another."""
    keys: list[tuple[str, Any]] = []
    if values.get("external_id") is not None:
        keys.append(("external_id", kind.external_id == values["external_id"]))
    if kind is Person and values.get("email") is not None:
        keys.append(("email", Person.email_key == fields.folded(values["email"])))
    found = []
    for name, same in keys:
        holder = session.execute(select(kind.id).where(same)).scalar()
        if holder is not None and holder != own_id:
            found.append(Fault(f"/{name}", f"This belongs to another already, to {holder}; change that one instead."))
    if found:
        words = " and ".join(fault.pointer.strip("/") for fault in found)
        raise Conflict(f"The {words} is taken already.", kind="taken", faults=found)


def manager_faults(session: Session, person_id: str | None, manager_id: str | None) -> list[Fault]:
    """A manager who is not there, or who stands below the person."""
    if manager_id is None:
        return []
    above, names = upward(session, manager_id, Person.manager_id, Person.display_name)
    return _upper_faults("manager_id", "person", "manager", above, names, person_id, manager_id)


def parent_faults(session: Session, team_id: str | None, parent_id: str | None) -> list[Fault]:
    """A parent team that is not there, or that stands below the team."""
    if parent_id is None:
        return []
    above, names = upward(session, parent_id, Team.parent_id, Team.name)
    return _upper_faults("parent_id", "team", "parent", above, names, team_id, parent_id)


def _upper_faults(
    field: str, noun: str, upper_noun: str, above: tree.Above, names: dict[str, str], own: str | None, upper: str
) -> list[Fault]:
    if own == upper:
        return [Fault(f"/{field}", f"A {noun} cannot be its own {upper_noun}; choose another or null.")]
    if upper not in above:
        return [Fault(f"/{field}", f"There is no {noun} with this id; send the id of one that exists, or null.")]
    loop = tree.loop_through(above, own, upper) if own is not None else ()
    if not loop:
        return []
    way = " → ".join(names[node] for node in loop)
    return [Fault(f"/{field}", f"This would close a loop: {way}. Change another {upper_noun} of the loop first.")]


def upward(session: Session, start: str, upper: Any, name: Any) -> tuple[dict[str, str | None], dict[str, str]]:
    """Everyone from `start` to the root: who stands above each, and what each is called."""
    kind = upper.class_
    base = select(kind.id, upper.label("upper"), name.label("name")).where(kind.id == start).cte(recursive=True)
    walk = base.union(select(kind.id, upper, name).where(kind.id == base.c.upper))
    rows = session.execute(select(walk)).all()
    return {row.id: row.upper for row in rows}, {row.id: row.name for row in rows}


def team_faults(session: Session, wanted: Collection[str], present: Collection[str]) -> list[Fault]:
    """Teams that are not there, or archived ones the person is not in yet; pointers follow the order of `wanted`."""
    rows = session.execute(select(Team.id, Team.archived, Team.name).where(Team.id.in_(list(wanted)))).all()
    known = {row.id: row for row in rows}
    found = []
    for place, team_id in enumerate(wanted):
        row = known.get(team_id)
        if row is None:
            found.append(Fault(f"/team_ids/{place}", "There is no team with this id; send the id of one that exists."))
        elif row.archived and team_id not in present:
            found.append(Fault(f"/team_ids/{place}", f"{row.name} is archived and takes no new members."))
    return found
