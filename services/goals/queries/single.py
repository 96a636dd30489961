"""One thing by its id. What was thrown away or removed is not found."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from chassis.problems import NotFound
from services.goals.models import DELETED, Cycle, KeyResult, Objective, Rebaseline, metric_of
from services.goals.rollup.explaining import explanation
from services.goals.rollup.loading import readings_of
from services.goals.rules import measuring

WHOLE = (selectinload(Objective.parents), selectinload(Objective.key_results).joinedload(KeyResult.objective))
"""An objective with everything its answer shows, in a fixed number of queries."""


def cycle(session: Session, cycle_id: str) -> Cycle:
    """Raises NotFound."""
    found = session.get(Cycle, cycle_id)
    if found is None or found.state == DELETED:
        raise NotFound("There is no such cycle.")
    return found


def objective(session: Session, objective_id: str) -> Objective:
    """With its parents and key results. Raises NotFound."""
    found = session.get(Objective, objective_id, options=WHOLE)
    if found is None or found.state == DELETED:
        raise NotFound("There is no such objective.")
    return found


def key_result(session: Session, key_result_id: str) -> KeyResult:
    """Raises NotFound."""
    found = session.get(KeyResult, key_result_id, options=[joinedload(KeyResult.objective)])
    if found is None or found.removed:
        raise NotFound("There is no such key result.")
    return found


def explained(session: Session, objective_id: str) -> dict[str, Any]:
    """Why the objective stands where it stands. Raises NotFound."""
    return explanation(session, objective(session, objective_id))


def series(session: Session, key_result_id: str) -> dict[str, Any]:
    """The history by day, measured by the present definition, and what held before it. Raises NotFound."""
    found = key_result(session, key_result_id)
    points = measuring.series(metric_of(found), readings_of(session, [found.id]).get(found.id, ()))
    changes = select(Rebaseline).where(Rebaseline.key_result_id == found.id).order_by(Rebaseline.made_at, Rebaseline.id)
    return {"key_result_id": found.id, "points": points, "rebaselines": session.scalars(changes).all()}
