"""Pages of cycles and objectives, oldest first."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from chassis.http import paged
from services.goals.models import DELETED, Cycle, Objective, ObjectiveLink
from services.goals.queries.single import WHOLE


def cycles(
    session: Session,
    *,
    limit: int,
    cursor: str | None = None,
    on: date | None = None,
    q: str | None = None,
    **equal: str,
) -> dict[str, Any]:
    """A page of cycles; `on` keeps those a day lies in, `q` those with this in their name."""
    statement = select(Cycle).where(Cycle.state != DELETED, *_equal(Cycle, equal))
    if on is not None:
        statement = statement.where(Cycle.starts_on <= on, Cycle.ends_on >= on)
    if q is not None:
        statement = statement.where(Cycle.name.icontains(q, autoescape=True))
    return paged(session, statement, [Cycle.id], limit, cursor)


def objectives(
    session: Session,
    *,
    limit: int,
    cursor: str | None = None,
    parent_id: str | None = None,
    q: str | None = None,
    **equal: str,
) -> dict[str, Any]:
    """A page of objectives; `parent_id` keeps those aligned to it, `q` those with this in their title."""
    statement: Select[Any] = select(Objective).where(Objective.state != DELETED, *_equal(Objective, equal))
    if parent_id is not None:
        aligned = select(ObjectiveLink.child_id).where(ObjectiveLink.parent_id == parent_id)
        statement = statement.where(Objective.id.in_(aligned))
    if q is not None:
        statement = statement.where(Objective.title.icontains(q, autoescape=True))
    return paged(session, statement.options(*WHOLE), [Objective.id], limit, cursor)


def _equal(kind: Any, wanted: dict[str, str]) -> list[ColumnElement[bool]]:
    return [getattr(kind, name) == value for name, value in wanted.items()]
