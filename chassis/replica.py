"""The local copy of people and teams that every service keeps, fed by events and guarded by version.

Permissions ask it who stands above whom; nobody calls the people service for that.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Table, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.service import Handler
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from chassis.unit import Unit
from contracts import people
from contracts.envelope import Envelope
from contracts.event import Event

PERSON_FIELDS = tuple(column.name for column in PEOPLE.columns)
TEAM_FIELDS = tuple(column.name for column in TEAMS.columns)


def upsert(session: Session, table: Table, values: dict[str, Any]) -> bool:
    """Insert or replace a row by its `id`, unless the stored `version` is the same or newer; True if it took."""
    build = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = build(table).values(values)
    changed = {name: fresh.excluded[name] for name in values if name != "id"}
    statement = fresh.on_conflict_do_update(
        index_elements=[table.c.id], set_=changed, where=table.c.version < fresh.excluded.version
    )
    return session.execute(statement.returning(table.c.id)).first() is not None


def keep_person(unit: Unit, event: people.PersonState, _envelope: Envelope) -> None:
    """Fold one person's state into the copy."""
    if upsert(unit.session, PEOPLE, {name: getattr(event, name) for name in PERSON_FIELDS}):
        unit.session.execute(delete(MEMBERS).where(MEMBERS.c.person_id == event.id))
        rows = [{"team_id": team, "person_id": event.id} for team in dict.fromkeys(event.team_ids)]
        if rows:
            unit.session.execute(insert(MEMBERS), rows)


def keep_team(unit: Unit, event: people.TeamState, _envelope: Envelope) -> None:
    """Fold one team's state into the copy."""
    upsert(unit.session, TEAMS, {name: getattr(event, name) for name in TEAM_FIELDS})


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
