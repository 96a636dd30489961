"""What can be done with a team. Archived teams keep their members and their place in the tree, and take nobody new."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from chassis import access
from chassis.http import Expected
from chassis.problems import Fault
from chassis.unit import Unit
from contracts.people import TeamChanged, TeamCreated, TeamState
from services.people.commands import structure
from services.people.models import Person, Team
from services.people.rules import fields

ANY_VERSION = Expected()


def create_team(unit: Unit, values: Mapping[str, Any]) -> Team:
    """Make a team known. `values` are Team's fields; the name is needed. Raises Denied, Invalid, Conflict."""
    access.check(unit.actor, "team.write")
    structure.refuse(structure.faults(fields.wrongs(values, fields.TEAM_CHECKS)))
    structure.take_turn(unit)
    structure.refuse(_reference_faults(unit.session, None, values))
    structure.refuse_taken(unit.session, Team, None, values)
    team = Team.create(values)
    unit.session.add(team)
    return announce(unit, team, TeamCreated)


def change_team(unit: Unit, team_id: str, expected: Expected, changes: Mapping[str, Any]) -> Team:
    """Change the fields named: rename, move, give another lead, archive, restore.

    Raises Denied, NotFound, Stale, Invalid, and Conflict where the external id is taken.
    """
    access.check(unit.actor, "team.write")
    structure.refuse(structure.faults(fields.wrongs(changes, fields.TEAM_CHECKS)))
    structure.take_turn(unit)
    team = structure.team(unit, team_id)
    expected.require(team)
    changed = team.differences(changes)
    structure.refuse(_reference_faults(unit.session, team.id, changed))
    structure.refuse_taken(unit.session, Team, team.id, changed)
    return announce(unit, team, TeamChanged) if team.change(changed) else team


def archive_team(unit: Unit, team_id: str, expected: Expected = ANY_VERSION) -> Team:
    """The team takes no new members from now on. Twice is fine."""
    return change_team(unit, team_id, expected, {"archived": True})


def restore_team(unit: Unit, team_id: str, expected: Expected = ANY_VERSION) -> Team:
    """The opposite of archiving."""
    return change_team(unit, team_id, expected, {"archived": False})


def announce(unit: Unit, team: Team, kind: type[TeamState]) -> Team:
    """Publish the team's state and return the team."""
    unit.publish(team.told(kind))
    return team


def _reference_faults(session: Session, own_id: str | None, values: Mapping[str, Any]) -> list[Fault]:
    found = structure.parent_faults(session, own_id, values.get("parent_id"))
    lead_id = values.get("lead_id")
    if lead_id is not None and session.get(Person, lead_id) is None:
        found.append(Fault("/lead_id", "There is no person with this id; send the id of one who exists, or null."))
    return found
