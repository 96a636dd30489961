"""Who answers for whose key results, read in bulk from the local copy of people and teams.

`reach` narrows down what somebody may have to answer for; `Roster.answerable` decides, by the rule in `answering`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from chassis import answering, cadence, replica
from chassis.statements import among
from chassis.tables import MEMBERS, PEOPLE, TEAMS

BULK = 2000
"""So many ids at most stand in one statement."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose key results and objectives may fall to some people: these people, who left them their work, all teams."""

    people: frozenset[str]
    teams: frozenset[str]

    @property
    def owners(self) -> frozenset[str]:
        return self.people | self.teams


def reach(session: Session, person_ids: Iterable[str]) -> Reach:
    """What these people may have to answer for; never less than they do. Two statements."""
    ids = frozenset(person_ids)
    people = ids.union(session.scalars(leavers_under(among(session, PEOPLE.c.manager_id, ids))))
    return Reach(people, replica.teams_of(session, people))


def leavers_under(above: ColumnElement[bool]) -> Select[tuple[str]]:
    """The ids of those who left and of whom, or of a leaver above whom, `above` is true: a condition over PEOPLE."""
    gone = PEOPLE.c.active.is_(False)
    first = select(PEOPLE.c.id).where(above, gone).cte("gone", recursive=True)
    further = first.union(select(PEOPLE.c.id).where(PEOPLE.c.manager_id == first.c.id, gone))
    return select(further.c.id)


class Roster:
    """What is known of people and teams. `load` and `load_teams` first what is known to be needed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._people: dict[str, Row[Any] | None] = {}
        self._members: dict[str, frozenset[str]] = {}
        self._leads: dict[str, str | None] = {}

    @property
    def asked(self) -> frozenset[str]:
        """The ids of all people and teams looked up so far, known or not."""
        return frozenset(self._people) | frozenset(self._leads)

    def load(self, person_ids: Iterable[str]) -> None:
        """Read these people, and the managers above those who have left, with few statements."""
        wanted = set(person_ids) - self._people.keys()
        while wanted:
            self._people.update(dict.fromkeys(wanted))
            for some in _in_bulk(wanted):
                rows = self._session.execute(select(PEOPLE).where(PEOPLE.c.id.in_(some)))
                self._people.update({row.id: row for row in rows})
            left = (row for one in wanted if (row := self._people[one]) is not None and not row.active)
            wanted = {row.manager_id for row in left if row.manager_id} - self._people.keys()

    def load_teams(self, team_ids: Iterable[str]) -> None:
        """Read the leads of these teams, and the members of those that nobody leads any more, with few statements."""
        wanted = set(team_ids) - self._leads.keys()
        self._leads.update(dict.fromkeys(wanted))
        for some in _in_bulk(wanted):
            found = select(TEAMS.c.id, TEAMS.c.lead_id).where(TEAMS.c.id.in_(some))
            self._leads.update({row.id: row.lead_id for row in self._session.execute(found)})
        self.load(lead for team in wanted if (lead := self._leads[team]))
        self._load_members(team for team in wanted if not self._is_here(self._leads[team]))

    def answerable(
        self, key_result_owner_id: str | None, owner_kind: str | None, owner_id: str | None
    ) -> frozenset[str]:
        """Who should check in on a key result, given its own owner and kind and id of its objective's."""
        if owner_kind == "team" and owner_id is not None:
            self.load_teams([owner_id])
            owned = answering.Ownership(key_result_owner_id, None, self._leads[owner_id], owner_id)
        else:
            owned = answering.Ownership(key_result_owner_id, owner_id)
        return answering.answerable(owned, self._find, lambda team: self._members.get(team, ()))

    def person(self, person_id: str) -> Row[Any] | None:
        """A person as last heard of."""
        self.load([person_id])
        return self._people[person_id]

    def zone(self, person_id: str) -> ZoneInfo:
        """The time zone of a person, UTC of one not heard of."""
        person = self.person(person_id)
        return cadence.zone(person.time_zone if person is not None else "UTC")

    def _find(self, person_id: str) -> answering.Member | None:
        row = self.person(person_id)
        return answering.Member(row.id, row.active, row.manager_id) if row is not None else None

    def _is_here(self, person_id: str | None) -> bool:
        if person_id is None:
            return False
        row = self.person(person_id)
        return row is None or bool(row.active)

    def _load_members(self, team_ids: Iterable[str]) -> None:
        members: dict[str, set[str]] = defaultdict(set)
        for some in _in_bulk(team_ids):
            for row in self._session.execute(select(MEMBERS).where(MEMBERS.c.team_id.in_(some))):
                members[row.team_id].add(row.person_id)
        self._members.update({team: frozenset(people) for team, people in members.items()})
        self.load(person for people in members.values() for person in people)


def _in_bulk(ids: Iterable[str]) -> Iterable[list[str]]:
    every = sorted(ids)
    return (every[start : start + BULK] for start in range(0, len(every), BULK))
