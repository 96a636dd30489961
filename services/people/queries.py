"""Lists and lookups of people and teams, in pages. Everyone in the organisation may see everyone."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from chassis.http import Page, paged
from chassis.problems import NotFound
from chassis.statements import among
from services.people import reporting
from services.people.models import Membership, Person, ScheduledChange, Team
from services.people.rules import fields

BY_NAME = (Person.name_key, Person.id)
TEAMS_BY_NAME = (Team.name_key, Team.id)


def _people() -> Select[tuple[Person]]:
    return select(Person).options(joinedload(Person.manager).noload(Person.memberships))


def person(session: Session, person_id: str) -> Person:
    """Raises NotFound."""
    found = session.execute(_people().where(Person.id == person_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no person with this id.")
    return found


def persons(session: Session, page: Page, filters: dict[str, Any]) -> dict[str, Any]:
    """People whom all filters fit, by name: `q` in name, e-mail or title, `email`, `external_id`, `manager_id`,
    `team_id`, `active`."""
    return _page(session, _filtered(_people(), filters), page)


def reports(session: Session, person_id: str, page: Page, *, all_levels: bool, active: bool | None) -> dict[str, Any]:
    """Who reports to the person directly, or on all levels. Raises NotFound."""
    person(session, person_id)
    if not all_levels:
        filters = {} if active is None else {"active": active}
        return persons(session, page, {**filters, "manager_id": person_id})
    found = reporting.below(session, person_id, page, active=active)
    people = {one.id: one for one in session.scalars(_people().where(among(session, Person.id, found["items"])))}
    return found | {"items": [people[id_] for id_ in found["items"]]}


def chain(session: Session, person_id: str) -> list[Person]:
    """The person's manager, that one's manager and so on up to the root; the inactive among them too."""
    above = []
    here = person(session, person_id).manager_id
    known = {one.id: one for one in session.execute(_people().where(_upward(person_id))).scalars()}
    while here is not None:
        above.append(known[here])
        here = known[here].manager_id
    return above


def scheduled_changes(session: Session, person_id: str) -> list[ScheduledChange]:
    """What waits for its day, or got stuck on it, the earliest first. Raises NotFound."""
    person(session, person_id)
    statement = select(ScheduledChange).where(ScheduledChange.person_id == person_id)
    return list(session.execute(statement.order_by(ScheduledChange.day, ScheduledChange.kind)).scalars())


def team(session: Session, team_id: str) -> Team:
    """Raises NotFound."""
    found = session.get(Team, team_id)
    if found is None:
        raise NotFound("There is no team with this id.")
    return found


def teams(session: Session, page: Page, filters: dict[str, Any]) -> dict[str, Any]:
    """Teams whom all filters fit, by name: `q` in name or description, `external_id`, `parent_id`, `lead_id`,
    `member_id`, `archived`."""
    statement = select(Team)
    for name in filters.keys() & {"external_id", "parent_id", "lead_id", "archived"}:
        statement = statement.where(getattr(Team, name) == filters[name])
    if "q" in filters:
        statement = statement.where(_contains(Team.search_text, filters["q"]))
    if "member_id" in filters:
        in_team = select(Membership.team_id).where(Membership.person_id == filters["member_id"])
        statement = statement.where(Team.id.in_(in_team))
    return paged(session, statement, TEAMS_BY_NAME, page.limit, page.cursor)


def members(session: Session, team_id: str, page: Page, *, below: bool, active: bool | None) -> dict[str, Any]:
    """Who is in the team, or in it or any team below it. Raises NotFound."""
    team(session, team_id)
    of_teams = _teams_from(team_id) if below else [team_id]
    inside = select(Membership.person_id).where(Membership.team_id.in_(of_teams))
    statement = _people().where(Person.id.in_(inside))
    return _page(session, _filtered(statement, {} if active is None else {"active": active}), page)


def _page(session: Session, statement: Select[tuple[Person]], page: Page) -> dict[str, Any]:
    return paged(session, statement, BY_NAME, page.limit, page.cursor)


def _filtered(statement: Select[tuple[Person]], filters: dict[str, Any]) -> Select[tuple[Person]]:
    for name in filters.keys() & {"external_id", "manager_id", "active"}:
        statement = statement.where(getattr(Person, name) == filters[name])
    if "email" in filters:
        statement = statement.where(Person.email_key == fields.folded(filters["email"]))
    if "q" in filters:
        statement = statement.where(_contains(Person.search_text, filters["q"]))
    if "team_id" in filters:
        inside = select(Membership.person_id).where(Membership.team_id == filters["team_id"])
        statement = statement.where(Person.id.in_(inside))
    return statement


def _contains(column: InstrumentedAttribute[str], text: str) -> Any:
    return column.contains(fields.searchable(text), autoescape=True)


def _upward(person_id: str) -> Any:
    first = select(Person.manager_id.label("id")).where(Person.id == person_id).cte("above", recursive=True)
    above = first.union(select(Person.manager_id).where(Person.id == first.c.id))
    return Person.id.in_(select(above.c.id))


def _teams_from(team_id: str) -> Any:
    first = select(Team.id).where(Team.id == team_id).cte("subtree", recursive=True)
    subtree = first.union(select(Team.id).where(Team.parent_id == first.c.id))
    return select(subtree.c.id)
