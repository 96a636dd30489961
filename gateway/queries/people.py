"""Persons as aggregate answers show them: with their manager and teams by name."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, false, or_, select
from sqlalchemy.orm import Session

from chassis.problems import NotFound
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from gateway.queries.cards import Card, named, person
from gateway.queries.freshness import newest

_MANAGER = PEOPLE.alias("manager")


def profile(session: Session, person_id: str, *more: Any) -> Row[Any]:
    """One person with the manager's name, `newest`, and whatever more columns are asked for. Raises NotFound."""
    statement: Select[Any] = (
        select(PEOPLE, _MANAGER.c.display_name.label("manager_name"), newest(), *more)
        .outerjoin(_MANAGER, _MANAGER.c.id == PEOPLE.c.manager_id)
        .where(PEOPLE.c.id == person_id)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("There is no such person, or nobody has told us yet.")
    return found


def person_card(row: Row[Any], teams: Collection[Row[Any]]) -> Card:
    """A profile for reading."""
    return {
        "id": row.id,
        "name": row.display_name,
        "title": row.title,
        "email": row.email,
        "active": row.active,
        "manager": person(row.manager_id, row.manager_name),
        "teams": [{**named("team", team.id, team.name), "leads": team.lead_id == row.id} for team in teams],
    }


def teams_of(session: Session, person_id: str) -> list[Row[Any]]:
    """The teams a person belongs to or leads, by name."""
    member = select(MEMBERS.c.team_id).where(MEMBERS.c.person_id == person_id)
    statement = (
        select(TEAMS.c.id, TEAMS.c.name, TEAMS.c.lead_id)
        .where(or_(TEAMS.c.id.in_(member), TEAMS.c.lead_id == person_id), TEAMS.c.archived == false())
        .order_by(TEAMS.c.name, TEAMS.c.id)
    )
    return list(session.execute(statement).all())
