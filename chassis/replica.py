"""The local copy of people and teams that every service keeps, fed by events and guarded by version.

Permissions ask it who stands above whom; nobody calls the people service for that.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from chassis.guarded import keep, keep_all
from chassis.service import Handler, Together, Told
from chassis.statements import among
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from chassis.unit import Unit
from contracts import people
from contracts.envelope import Envelope
from contracts.event import Event

PERSON_FIELDS = tuple(column.name for column in PEOPLE.columns)
TEAM_FIELDS = tuple(column.name for column in TEAMS.columns)
_person_of = attrgetter(*PERSON_FIELDS)


def keep_people(unit: Unit, told: Sequence[Told]) -> None:
    """Fold what persons are said to be into the copy, three statements for any number: an import tells of everybody."""
    session = unit.session
    taken = keep_all(session, PEOPLE, [dict(zip(PERSON_FIELDS, _person_of(event), strict=True)) for event, _ in told])
    if not taken:
        return
    session.execute(delete(MEMBERS).where(among(session, MEMBERS.c.person_id, [row["id"] for row in taken])))
    rows = [{"team_id": team, "person_id": row["id"]} for row in taken for team in dict.fromkeys(row["team_ids"])]
    if rows:
        session.execute(insert(MEMBERS), rows)


def keep_team(unit: Unit, event: people.TeamState, _envelope: Envelope) -> None:
    """Fold one team's state into the copy."""
    keep(unit.session, TEAMS, {name: getattr(event, name) for name in TEAM_FIELDS})


PERSON_EVENTS = tuple(kind for kind in people.EVENTS if issubclass(kind, people.PersonState))

HANDLERS: dict[type[Event], Handler] = {
    **dict.fromkeys(PERSON_EVENTS, Together(keep_people)),
    people.TeamCreated: keep_team,
    people.TeamChanged: keep_team,
}


def person(session: Session, person_id: str) -> Row[Any] | None:
    """One person as last heard of, active or not."""
    return session.execute(select(PEOPLE).where(PEOPLE.c.id == person_id)).one_or_none()


def team(session: Session, team_id: str) -> Row[Any] | None:
    """One team as last heard of."""
    return session.execute(select(TEAMS).where(TEAMS.c.id == team_id)).one_or_none()


def chain(session: Session, people_ids: Iterable[str]) -> frozenset[str]:
    """Everyone above these people, up to the root. Safe on a copy that is for a moment cyclic.

    Whether somebody is below a person is asked this way round too: there are few above anybody, and up to the whole
    organisation below.
    """
    theirs = select(PEOPLE.c.manager_id.label("id")).where(among(session, PEOPLE.c.id, people_ids))
    base = theirs.cte("above", recursive=True)
    # One at a time by its key: given many to start from, PostgreSQL would rather read everybody on every level.
    next_up = select(PEOPLE.c.manager_id).where(PEOPLE.c.id == base.c.id).scalar_subquery()
    above = base.union(select(next_up).where(base.c.id.is_not(None)))
    return frozenset(found for found in session.execute(select(above.c.id)).scalars() if found)


def members(session: Session, team_id: str) -> frozenset[str]:
    """Members of a team and its lead; not those of teams below it."""
    found = set(session.execute(select(MEMBERS.c.person_id).where(MEMBERS.c.team_id == team_id)).scalars())
    lead = session.execute(select(TEAMS.c.lead_id).where(TEAMS.c.id == team_id)).scalar_one_or_none()
    return frozenset(found | ({lead} if lead else set()))


def people_of(session: Session, team_ids: Iterable[str]) -> frozenset[str]:
    """Members and leads of these teams."""
    ids = list(team_ids)
    member = select(MEMBERS.c.person_id).where(among(session, MEMBERS.c.team_id, ids))
    lead = select(TEAMS.c.lead_id).where(among(session, TEAMS.c.id, ids), TEAMS.c.lead_id.is_not(None))
    return frozenset(session.execute(member.union(lead)).scalars())


def teams_of(session: Session, people_ids: Iterable[str]) -> frozenset[str]:
    """The teams these people belong to or lead."""
    ids = list(people_ids)
    member = select(MEMBERS.c.team_id).where(among(session, MEMBERS.c.person_id, ids))
    led = select(TEAMS.c.id).where(among(session, TEAMS.c.lead_id, ids))
    return frozenset(session.execute(member.union(led)).scalars())


def teams_below(session: Session, team_id: str) -> frozenset[str]:
    """A team and all teams below it."""
    first = select(TEAMS.c.id).where(TEAMS.c.id == team_id).cte("under", recursive=True)
    further = first.union(select(TEAMS.c.id).where(TEAMS.c.parent_id == first.c.id))
    return frozenset(session.execute(select(further.c.id)).scalars())
