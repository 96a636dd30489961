"""Persons as aggregate answers show them: with their manager and teams by name."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from chassis.problems import NotFound
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from gateway.projection.models import NOTIFICATIONS
from gateway.queries.cards import Card, named, person
from gateway.queries.freshness import newest

_MANAGER = PEOPLE.alias("manager")


def profile(session: Session, person_id: str, *, with_unread: bool = False) -> Row[Any]:
    """One person with the manager's name and `newest`; with `unread` if asked for. Raises NotFound."""
    found = session.execute(_profile(with_unread), {"person_id": person_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such person, or nobody has told us yet.")
    return found


@cache
def _profile(with_unread: bool) -> Select[Any]:
    statement = (
        select(PEOPLE, _MANAGER.c.display_name.label("manager_name"), newest())
        .outerjoin(_MANAGER, _MANAGER.c.id == PEOPLE.c.manager_id)
        .where(PEOPLE.c.id == bindparam("person_id"))
    )
    return statement.add_columns(_unread()) if with_unread else statement


def _unread() -> ColumnElement[int]:
    """How many notifications the person has not read."""
    theirs = (NOTIFICATIONS.c.person_id == bindparam("person_id"), NOTIFICATIONS.c.read_at.is_(None))
    return select(func.count()).select_from(NOTIFICATIONS).where(*theirs).scalar_subquery().label("unread")


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
    return list(session.execute(_teams_of(), {"person_id": person_id}).all())


@cache
def _teams_of() -> Select[Any]:
    person_id: BindParameter[str] = bindparam("person_id")
    member = select(MEMBERS.c.team_id).where(MEMBERS.c.person_id == person_id)
    return (
        select(TEAMS.c.id, TEAMS.c.name, TEAMS.c.lead_id)
        .where(or_(TEAMS.c.id.in_(member), TEAMS.c.lead_id == person_id), TEAMS.c.archived == false())
        .order_by(TEAMS.c.name, TEAMS.c.id)
    )
