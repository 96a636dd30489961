"""People and teams as the cadence needs them, read in bulk from the local copy."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis import replica
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from services.checkins.rules.answering import Member

BULK = 2000
"""So many ids at most stand in one statement."""


class Roster:
    """What is known of people and team leads. `load` and `load_teams` first what is known to be needed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._people: dict[str, Row[Any] | None] = {}
        self._members: dict[str, frozenset[str]] = {}
        self.leads: dict[str, str | None] = {}

    def load(self, person_ids: Iterable[str]) -> None:
        """Read these people with few statements."""
        wanted = sorted(set(person_ids) - self._people.keys())
        self._people.update(dict.fromkeys(wanted))
        for start in range(0, len(wanted), BULK):
            rows = self._session.execute(select(PEOPLE).where(PEOPLE.c.id.in_(wanted[start : start + BULK])))
            self._people.update({row.id: row for row in rows})

    def load_teams(self, team_ids: Iterable[str]) -> None:
        """Read the leads of these teams, and the leads themselves."""
        wanted = sorted(set(team_ids))
        for start in range(0, len(wanted), BULK):
            found = select(TEAMS.c.id, TEAMS.c.lead_id).where(TEAMS.c.id.in_(wanted[start : start + BULK]))
            self.leads.update({row.id: row.lead_id for row in self._session.execute(found)})
        self.load(lead for lead in self.leads.values() if lead)

    def person(self, person_id: str) -> Row[Any] | None:
        if person_id not in self._people:
            self.load([person_id])
        return self._people[person_id]

    def find(self, person_id: str) -> Member | None:
        row = self.person(person_id)
        return Member(row.id, row.active, row.manager_id) if row is not None else None

    def members(self, team_id: str) -> frozenset[str]:
        """Everyone in a team, read once."""
        if team_id not in self._members:
            self._members[team_id] = replica.members(self._session, team_id)
            self.load(self._members[team_id])
        return self._members[team_id]


def leavers_below(session: Session, person_ids: Iterable[str]) -> frozenset[str]:
    """Those who left and whose work falls to these people: inactive reports, and theirs who are inactive too."""
    gone = PEOPLE.c.active.is_(False)
    first = select(PEOPLE.c.id).where(PEOPLE.c.manager_id.in_(list(person_ids)), gone).cte("gone", recursive=True)
    further = first.union(select(PEOPLE.c.id).where(PEOPLE.c.manager_id == first.c.id, gone))
    return frozenset(session.execute(select(further.c.id)).scalars())


def teams_below(session: Session, team_id: str) -> frozenset[str]:
    """A team and all teams below it."""
    first = select(TEAMS.c.id).where(TEAMS.c.id == team_id).cte("under", recursive=True)
    further = first.union(select(TEAMS.c.id).where(TEAMS.c.parent_id == first.c.id))
    return frozenset(session.execute(select(further.c.id)).scalars())


def people_of(session: Session, team_ids: Iterable[str]) -> frozenset[str]:
    """Members and leads of these teams."""
    ids = list(team_ids)
    member = select(MEMBERS.c.person_id).where(MEMBERS.c.team_id.in_(ids))
    lead = select(TEAMS.c.lead_id).where(TEAMS.c.id.in_(ids), TEAMS.c.lead_id.is_not(None))
    return frozenset(session.execute(member.union(lead)).scalars())


def teams_of(session: Session, person_ids: Iterable[str]) -> frozenset[str]:
    """The teams these people belong to or lead."""
    ids = list(person_ids)
    member = select(MEMBERS.c.team_id).where(MEMBERS.c.person_id.in_(ids))
    return frozenset(session.execute(member.union(select(TEAMS.c.id).where(TEAMS.c.lead_id.in_(ids)))).scalars())
