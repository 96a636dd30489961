"""A team on one page: who is in it, what it aims at, how its members and the teams below it stand."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, false, or_, select, true
from sqlalchemy.orm import Session

from chassis.cadence import local_day
from chassis.problems import NotFound
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from gateway.projection.models import OBJECTIVES
from gateway.queries import figures
from gateway.queries.cards import Card, named, objectives, person, running, with_key_results
from gateway.queries.freshness import newest

_PARENT = TEAMS.alias("parent_team")


def overview(session: Session, team_id: str, now: datetime) -> Card:
    """The page of a team. Seven statements. Raises NotFound."""
    team = _team(session, team_id)
    chosen = {"team_id": team_id, "lead_id": team.lead_id}
    members = session.execute(_members(), chosen).all()
    below = session.execute(_below(), chosen).all()
    owners = [team_id, *(row.id for row in members), *(row.id for row in below)]
    standing = figures.of_owners(session, owners, local_day(now))
    return {
        "as_of": team.newest,
        "team": _team_card(team),
        **standing.get(team_id, figures.nothing()),
        "objectives": with_key_results(session, session.execute(_owned(), chosen), now),
        "members": [_member_card(row, team, standing) for row in members],
        "sub_teams": [_standing("team", row.id, row.name, standing) for row in below],
    }


def _team(session: Session, team_id: str) -> Row[Any]:
    found = session.execute(_one(), {"team_id": team_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such team, or nobody has told us yet.")
    return found


@cache
def _one() -> Select[Any]:
    return (
        select(TEAMS, _PARENT.c.name.label("parent_name"), PEOPLE.c.display_name.label("lead_name"), newest())
        .outerjoin(_PARENT, _PARENT.c.id == TEAMS.c.parent_id)
        .outerjoin(PEOPLE, PEOPLE.c.id == TEAMS.c.lead_id)
        .where(TEAMS.c.id == bindparam("team_id"))
    )


@cache
def _members() -> Select[Any]:
    """Active members and the lead, by name."""
    inside = select(MEMBERS.c.person_id).where(MEMBERS.c.team_id == bindparam("team_id"))
    there = (or_(PEOPLE.c.id.in_(inside), PEOPLE.c.id == bindparam("lead_id")), PEOPLE.c.active == true())
    statement = select(PEOPLE.c.id, PEOPLE.c.display_name, PEOPLE.c.title).where(*there)
    return statement.order_by(PEOPLE.c.display_name, PEOPLE.c.id)


@cache
def _below() -> Select[Any]:
    there = (TEAMS.c.parent_id == bindparam("team_id"), TEAMS.c.archived == false())
    return select(TEAMS.c.id, TEAMS.c.name).where(*there).order_by(TEAMS.c.name, TEAMS.c.id)


@cache
def _owned() -> Select[Any]:
    own = (OBJECTIVES.c.owner_kind == "team", OBJECTIVES.c.owner_id == bindparam("team_id"))
    return objectives(*own, running(OBJECTIVES.c.cycle_id)).order_by(OBJECTIVES.c.title, OBJECTIVES.c.id)


def _team_card(team: Row[Any]) -> Card:
    return {
        "id": team.id,
        "name": team.name,
        "archived": team.archived,
        "parent": None if team.parent_id is None else named("team", team.parent_id, team.parent_name),
        "lead": person(team.lead_id, team.lead_name),
    }


def _member_card(row: Row[Any], team: Row[Any], standing: dict[str, Card]) -> Card:
    return {
        **_standing("person", row.id, row.display_name, standing),
        "title": row.title,
        "leads": row.id == team.lead_id,
    }


def _standing(kind: str, id_: str, name: str, standing: dict[str, Card]) -> Card:
    return {**named(kind, id_, name), **standing.get(id_, figures.nothing())}
