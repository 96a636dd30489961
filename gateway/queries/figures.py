"""How owners stand in open cycles, counted in the database: objectives, mean progress, what is at risk and stale."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from chassis.statements import among
from gateway.projection.models import CYCLES, KEY_RESULTS, OBJECTIVES, OWNERS
from gateway.queries.cadence import counts, stale, stale_on
from gateway.queries.cards import Card, running

AT_RISK = "at_risk"


def tally(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """In how many rows a condition holds; 0 for none."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def share(part: int, whole: int) -> float | None:
    """A part of a whole, null where there is nothing to share."""
    return round(part / whole, 4) if whole else None


def open_share(open_: int, stale_: int) -> Card:
    """Key results that check-ins are taken for, and how many of them have gone quiet."""
    return {"open": open_, "stale": stale_, "stale_share": share(stale_, open_)}


def of_owners(session: Session, owners: Collection[str], today: date) -> dict[str, Card]:
    """Figures by owner, person or team, for those who own or co-own an active objective; two statements."""
    chosen = among(session, OWNERS.c.owner_id, owners)
    found: dict[str, Card] = {}
    for row in session.execute(_objectives().where(chosen)):
        found[row.owner_id] = nothing() | {
            "objective_count": row.objectives,
            "at_risk": row.at_risk,
            "progress": None if row.progress is None else round(row.progress, 4),
        }
    for row in session.execute(_key_results().where(chosen), stale_on(today)):
        if row.owner_id in found:
            found[row.owner_id]["key_results"] = open_share(row.open, row.stale)
    return found


def nothing() -> Card:
    """The figures of somebody without objectives."""
    return {"objective_count": 0, "at_risk": 0, "progress": None, "key_results": open_share(0, 0)}


@cache
def _objectives() -> Select[Any]:
    return (
        select(
            OWNERS.c.owner_id,
            func.count().label("objectives"),
            func.avg(OBJECTIVES.c.progress).label("progress"),
            tally(OBJECTIVES.c.status == AT_RISK).label("at_risk"),
        )
        .select_from(OWNERS)
        .join(OBJECTIVES, OBJECTIVES.c.id == OWNERS.c.objective_id)
        .where(OBJECTIVES.c.state == "active", running(OBJECTIVES.c.cycle_id))
        .group_by(OWNERS.c.owner_id)
    )


@cache
def _key_results() -> Select[Any]:
    return (
        select(OWNERS.c.owner_id, tally(counts()).label("open"), tally(stale()).label("stale"))
        .select_from(OWNERS)
        .join(OBJECTIVES, OBJECTIVES.c.id == OWNERS.c.objective_id)
        .join(KEY_RESULTS, KEY_RESULTS.c.objective_id == OBJECTIVES.c.id)
        .outerjoin(CYCLES, CYCLES.c.id == KEY_RESULTS.c.cycle_id)
        .where(OBJECTIVES.c.state == "active", running(KEY_RESULTS.c.cycle_id))
        .group_by(OWNERS.c.owner_id)
    )
