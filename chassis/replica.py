"""The local copy of people and teams that every service keeps, fed by events and guarded by version.

Permissions ask it who stands above whom; nobody calls the people service for that.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from chassis.guarded import keep
from chassis.service import Handler
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from chassis.unit import Unit
from contracts import people
from contracts.envelope import Envelope
from contracts.event import Event

PERSON_FIELDS = tuple(column.name for column in PEOPLE.columns)
TEAM_FIELDS = tuple(column.name for column in TEAMS.columns)


def keep_person(unit: Unit, event: people.PersonState, _envelope: Envelope) -> None:
    """Fold one person's state into the copy."""
    if keep(unit.session, PEOPLE, {name: getattr(event, name) for name in PERSON_FIELDS}):
        unit.session.execute(delete(MEMBERS).where(MEMBERS.c.person_id == event.id))
        rows = [{"team_id": team, "person_id": event.id} for team in dict.fromkeys(event.team_ids)]
        if rows:
            unit.session.execute(insert(MEMBERS), rows)


def keep_team(unit: Unit, event: people.TeamState, _envelope: Envelope) -> None:
    """Fold one team's state into the copy."""
    keep(unit.session, TEAMS, {name: getattr(event, name) for name in TEAM_FIELDS})


HANDLERS: dict[type[Event], Handler] = {
    people.PersonRegistered: keep_person,
    people.PersonChanged: keep_person,
    people.PersonDeactivated: keep_person,
    people.PersonReactivated: keep_person,
    people.TeamCreated: keep_team,
    people.TeamChanged: keep_team,
}


def person(session: Session, person_id: str) -> Row[Any] | None:
    """One person as last heard of, active or not."""
    return session.execute(select(PEOPLE).where(PEOPLE.c.id == person_id)).one_or_none()


def team(session: Session, team_id: str) -> Row[Any] | None:
    """One team as last heard of."""
    return session.execute(select(TEAMS).where(TEAMS.c.id == team_id)).one_or_none()


def managers(session: Session, people_ids: Iterable[str]) -> frozenset[str]:
    """The direct managers of these people."""
    found = session.execute(select(PEOPLE.c.manager_id).where(PEOPLE.c.id.in_(list(people_ids)))).scalars()
    return frozenset(manager for manager in found if manager)


def chain(session: Session, people_ids: Iterable[str]) -> frozenset[str]:
    """Everyone above these people, up to the root. Safe on a copy that is for a moment cyclic."""
    base = select(PEOPLE.c.manager_id.label("id")).where(PEOPLE.c.id.in_(list(people_ids))).cte("above", recursive=True)
    above = base.union(select(PEOPLE.c.manager_id).where(PEOPLE.c.id == base.c.id))
    return frozenset(found for found in session.execute(select(above.c.id)).scalars() if found)


def below(session: Session, manager_id: str) -> frozenset[str]:
    """Everyone below a person, direct and indirect reports."""
    base = select(PEOPLE.c.id).where(PEOPLE.c.manager_id == manager_id).cte("under", recursive=True)
    under = base.union(select(PEOPLE.c.id).where(PEOPLE.c.manager_id == base.c.id))
    return frozenset(session.execute(select(under.c.id)).scalars())


def reports(session: Session, manager_id: str) -> frozenset[str]:
    """Direct reports who are active."""
    found = select(PEOPLE.c.id).where(PEOPLE.c.manager_id == manager_id, PEOPLE.c.active)
    return frozenset(session.execute(found).scalars())


def members(session: Session, team_id: str) -> frozenset[str]:
    """Members of a team and its lead; not those of teams below it."""
    found = set(session.execute(select(MEMBERS.c.person_id).where(MEMBERS.c.team_id == team_id)).scalars())
    lead = session.execute(select(TEAMS.c.lead_id).where(TEAMS.c.id == team_id)).scalar_one_or_none()
    return frozenset(found | ({lead} if lead else set()))


def people_of(session: Session, team_ids: Iterable[str]) -> frozenset[str]:
    """Members and leads of these teams."""
    ids = list(team_ids)
    member = select(MEMBERS.c.person_id).where(MEMBERS.c.team_id.in_(ids))
    lead = select(TEAMS.c.lead_id).where(TEAMS.c.id.in_(ids), TEAMS.c.lead_id.is_not(None))
    return frozenset(session.execute(member.union(lead)).scalars())


def teams_of(session: Session, people_ids: Iterable[str]) -> frozenset[str]:
    """The teams these people belong to or lead."""
    ids = list(people_ids)
    member = select(MEMBERS.c.team_id).where(MEMBERS.c.person_id.in_(ids))
    return frozenset(session.execute(member.union(select(TEAMS.c.id).where(TEAMS.c.lead_id.in_(ids)))).scalars())


def teams_below(session: Session, team_id: str) -> frozenset[str]:
    """A team and all teams below it."""
    first = select(TEAMS.c.id).where(TEAMS.c.id == team_id).cte("under", recursive=True)
    further = first.union(select(TEAMS.c.id).where(TEAMS.c.parent_id == first.c.id))
    return frozenset(session.execute(select(further.c.id)).scalars())
