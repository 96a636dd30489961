"""A person as colleagues see them: objectives, check-ins, public praise, reports."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, true
from sqlalchemy.orm import Session

from chassis.tables import PEOPLE
from gateway.projection.models import OBJECTIVES, OWNERS
from gateway.queries.cards import Card, named, objectives, running, with_key_results
from gateway.queries.given import recent_check_ins, recent_praise
from gateway.queries.people import person_card, profile, teams_of


def overview(session: Session, person_id: str, now: datetime) -> Card:
    """What anybody may know about a person's goals. Seven statements. Raises NotFound."""
    who = profile(session, person_id)
    return {
        "as_of": who.newest,
        "person": person_card(who, teams_of(session, person_id)),
        "reports": _reports(session, person_id),
        "objectives": _objectives(session, person_id, now, who.time_zone),
        "check_ins": recent_check_ins(session, person_id),
        "praise": recent_praise(session, person_id),
    }


def _reports(session: Session, person_id: str) -> list[Card]:
    rows = session.execute(_reporting(), {"person_id": person_id})
    return [named("person", row.id, row.display_name) for row in rows]


@cache
def _reporting() -> Select[Any]:
    there = (PEOPLE.c.manager_id == bindparam("person_id"), PEOPLE.c.active == true())
    return select(PEOPLE.c.id, PEOPLE.c.display_name).where(*there).order_by(PEOPLE.c.display_name, PEOPLE.c.id)


def _objectives(session: Session, person_id: str, now: datetime, zone: str) -> list[Card]:
    """What the person owns or co-owns in cycles that are not closed."""
    rows = session.execute(_owned(), {"person_id": person_id})
    return with_key_results(session, rows, now, zone)


@cache
def _owned() -> Select[Any]:
    theirs = select(OWNERS.c.objective_id).where(OWNERS.c.owner_id == bindparam("person_id"))
    return objectives(OBJECTIVES.c.id.in_(theirs), running(OBJECTIVES.c.cycle_id)).order_by(
        OBJECTIVES.c.title, OBJECTIVES.c.id
    )
