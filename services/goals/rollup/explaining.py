"""Why an objective stands where it stands: each contribution with its weight, its share and the points it adds."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from services.goals import graph
from services.goals.models import CLOSED, KEY_RESULT, OBJECTIVE, Objective
from services.goals.rollup.loading import lines_into
from services.goals.rules.explaining import explain


def explanation(session: Session, objective: Objective) -> dict[str, Any]:
    """The points add up to `progress`. Of a closed objective it is what held when it was closed."""
    parts = objective.explained if objective.state == CLOSED else None
    return {
        "objective_id": objective.id,
        "state": objective.state,
        "progress": objective.progress,
        "status": objective.status,
        "contributions": [
            part | {"weight": Decimal(part["weight"])}
            for part in (parts_of(session, objective) if parts is None else parts)
        ],
    }


def parts_of(session: Session, objective: Objective) -> list[dict[str, Any]]:
    """The contributions as they can be kept: nothing but JSON."""
    lines = sorted(lines_into(session, [objective.id]), key=lambda line: line.child_id)
    titles = graph.titles(session, [line.child_id for line in lines])
    own = {key_result.id for key_result in objective.key_results}
    _, parts = explain(lines)
    return [
        {
            "kind": KEY_RESULT if part.child_id in own else OBJECTIVE,
            "id": part.child_id,
            "title": titles.get(part.child_id, ""),
            "state": line.child_state,
            "weight": format(part.weight, "f"),
            "share": float(part.share),
            "progress": None if part.standing.progress is None else float(part.standing.progress),
            "status": part.standing.status,
            "points": float(part.points),
            "counts": part.counts,
        }
        for line, part in zip(lines, parts, strict=True)
    ]
