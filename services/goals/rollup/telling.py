"""What a roll-up writes: the rows that are another than before, and the events that say so."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.statements import listed
from chassis.tables import MEMBERS, TEAMS
from chassis.trace import Trace
from chassis.unit import Unit
from contracts.goals import KeyResultFellAtRisk, KeyResultProgressed, ObjectiveProgressed
from services.goals import graph
from services.goals.graph import KEY_RESULTS, OBJECTIVES
from services.goals.models import as_float, key_result_state, objective_state
from services.goals.rollup.loading import Affected
from services.goals.rules import measuring, pace
from services.goals.rules.rollup import Standing

MEASURED = ("value", "milestones_done", "progress_raw", "progress", "confidence", "status", "as_of")


def keep_key_results(
    unit: Unit, affected: Affected, standings: Mapping[str, Standing], causes: Mapping[str, Trace]
) -> None:
    changed = []
    for row in affected.key_results:
        values = _measured_values(affected.measured[row.id], standings[row.id])
        if any(getattr(row, name) != values[name] for name in MEASURED):
            changed.append((row, values))
    fallen = [row for row, values in changed if row.open and values["status"] == pace.AT_RISK != row.status]
    concerned = _concerned(unit.session, fallen)
    for row, values in changed:
        state = key_result_state(row) | values | {"progress": as_float(values["progress"]), "version": row.version + 1}
        unit.publish(KeyResultProgressed(**state), because=causes.get(row.id))
        if row.id in concerned:
            state["version"] += 1
            fell = KeyResultFellAtRisk(**state, owner_ids=concerned[row.id])
            unit.publish(fell, because=causes.get(row.id))
        values |= {"id": row.id, "version": state["version"]}
    graph.write(unit.session, KEY_RESULTS, [values for _, values in changed])


def _measured_values(measured: measuring.Measured, standing: Standing) -> dict[str, Any]:
    """What a key result's row should say: its check-ins' word, or what rolls up to it before the first."""
    return {
        "value": measured.value,
        "milestones_done": list(measured.milestones_done),
        "progress_raw": as_float(measured.progress_raw if measured.started else standing.progress),
        "progress": standing.progress,
        "confidence": measured.confidence,
        "status": standing.status,
        "as_of": measured.as_of,
    }


def _concerned(session: Session, key_results: Sequence[Any]) -> dict[str, list[str]]:
    """Who should know of each: its owner, else the objective's owners; of a team its lead, else its members."""
    teams = {row.objective_owner_id for row in key_results if not row.owner_id and row.objective_owner_kind == "team"}
    speakers = _speakers(session, teams) if teams else {}
    found: dict[str, list[str]] = {}
    for row in key_results:
        if row.owner_id:
            owners = [row.owner_id]
        elif row.objective_owner_kind == "team":
            owners = speakers.get(row.objective_owner_id, []) + row.objective_co_owner_ids
        else:
            owners = [row.objective_owner_id, *row.objective_co_owner_ids]
        found[row.id] = list(dict.fromkeys(owners))
    return found


def _speakers(session: Session, teams: set[str]) -> dict[str, list[str]]:
    leads = select(TEAMS.c.id, TEAMS.c.lead_id).where(
        TEAMS.c.id.in_(listed(session, teams)), TEAMS.c.lead_id.is_not(None)
    )
    found = {team: [lead] for team, lead in session.execute(leads)}
    without = listed(session, teams - found.keys())
    members = select(MEMBERS.c.team_id, MEMBERS.c.person_id).where(MEMBERS.c.team_id.in_(without))
    for team, person in session.execute(members.order_by(MEMBERS.c.person_id)):
        found.setdefault(team, []).append(person)
    return found


def keep_objectives(
    unit: Unit, affected: Affected, standings: Mapping[str, Standing], causes: Mapping[str, Trace]
) -> None:
    changed = []
    for row in affected.objectives:
        new = standings[row.id]
        if (row.progress, row.status) != (new.progress, new.status):
            changed.append((row, {"progress": new.progress, "status": new.status, "version": row.version + 1}))
    for row, values in changed:
        state = (
            objective_state(row, affected.links.get(row.id, ())) | values | {"progress": as_float(values["progress"])}
        )
        unit.publish(ObjectiveProgressed(**state), because=causes.get(row.id))
    graph.write(unit.session, OBJECTIVES, [{"id": row.id, **values} for row, values in changed])
