"""Which cycle a question is about: the one named, else the one we are in."""

from datetime import date
from typing import Any

from sqlalchemy import Row, case, select
from sqlalchemy.orm import Session

from chassis.problems import NotFound
from chassis.statements import constant
from gateway.projection.models import CYCLES
from gateway.queries.cards import Card
from gateway.queries.freshness import newest


def cycle(session: Session, cycle_id: str | None, today: date) -> Row[Any]:
    """The named cycle, else the best guess at the present one, with `newest`. Raises NotFound.

    The guess prefers what is active, then what runs today, then what began last: the quarter before the year.
    """
    statement = select(CYCLES, newest()).where(CYCLES.c.state != constant("deleted"))
    if cycle_id is not None:
        statement = statement.where(CYCLES.c.id == cycle_id)
    else:
        active = case((CYCLES.c.state == "active", 0), else_=1)
        running = case(((CYCLES.c.starts_on <= today) & (CYCLES.c.ends_on >= today), 0), else_=1)
        statement = statement.order_by(active, running, CYCLES.c.starts_on.desc(), CYCLES.c.id).limit(1)
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("There is no such cycle." if cycle_id else "There is no cycle yet; create one first.")
    return found


def cycle_card(row: Row[Any]) -> Card:
    """A cycle for reading."""
    return {
        "id": row.id,
        "name": row.name,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "state": row.state,
    }
