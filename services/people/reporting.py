"""Who is below whom, for anybody in an organisation of any size.

Of a few people all are found by looking down, level by level. Where they are many, that would take longer than a page
may: then people are taken in the order of the page and each is asked by looking up, where there are few steps to go.
The more are below somebody, the sooner a page is full. So either way costs least where the other costs most.
"""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import CTE, FromClause, Select, Table, func, select, true
from sqlalchemy.orm import Session

from chassis.db import on_sqlite
from chassis.http import Page, paged
from chassis.statements import among, listed
from services.people.models import Person

PEOPLE = cast(Table, Person.__table__)
FEW = 8_000
"""So many people are found by looking down in less time than a page may take."""
FIRST_LOOK = 4
"""So many pages of people are asked at first, then twice as many each time."""


def below(
    session: Session, person_id: str, page: Page, *, active: bool | None = None, few: int = FEW
) -> dict[str, Any]:
    """A page of the ids of those below a person by name: all, or only the active or the inactive.

    Up to `few` are found by looking down.
    """
    found = _found_downward(session, person_id, few + 1)
    # Named as the table is, so that a cursor leads on from either way of finding them.
    some = found.alias(PEOPLE.name)
    counted = select(func.count()).select_from(found).scalar_subquery()
    people = _only(select(some.c.id, counted), some, active)
    given = paged(session, people, _by_name(some), page.limit, page.cursor)
    count = given["items"][0][1] if given["items"] else session.execute(select(counted)).scalar_one()
    if count <= few:
        return given | {"items": [id_ for id_, _ in given["items"]]}
    reached = listed(session, _by_looking_up(session, person_id, active, page))
    people = select(PEOPLE.c.id).where(PEOPLE.c.id.in_(reached))
    return paged(session, people, _by_name(PEOPLE), page.limit, page.cursor)


def _found_downward(session: Session, person_id: str, most: int) -> CTE:
    """Level by level, as far as it is read: it would not notice a circle."""
    first = select(*_SEEN).where(PEOPLE.c.manager_id == person_id).cte("under", recursive=True)
    reports = select(*_SEEN).where(PEOPLE.c.manager_id == first.c.id)
    if not on_sqlite(session):
        # One manager at a time by the index: without statistics, as after an import, PostgreSQL would rather read
        # everybody on every level. The offset keeps it from joining otherwise.
        each = reports.offset(0).lateral("reports")
        reports = select(each.c.id, each.c.name_key, each.c.active).select_from(first.join(each, true()))
    return select(first.union_all(reports)).limit(most).cte("found")


_SEEN = (PEOPLE.c.id, PEOPLE.c.name_key, PEOPLE.c.active)


def _only(statement: Select[Any], of: FromClause, active: bool | None) -> Select[Any]:
    return statement if active is None else statement.where(of.c.active.is_(active))


def _by_name(of: FromClause) -> tuple[Any, Any]:
    return of.c.name_key, of.c.id


def _by_looking_up(session: Session, person_id: str, active: bool | None, page: Page) -> list[str]:
    """Who stands on the page, and at least one more where there is one."""
    found: list[str] = []
    counts: dict[str | None, bool] = {person_id: True, None: False}
    people = _only(select(PEOPLE.c.id, PEOPLE.c.manager_id), PEOPLE, active)
    cursor, some = page.cursor, FIRST_LOOK * page.limit
    while len(found) <= page.limit:
        asked = paged(session, people, _by_name(PEOPLE), some, cursor)
        _look_up(session, {manager_id for _, manager_id in asked["items"]}, counts)
        found += [id_ for id_, manager_id in asked["items"] if counts[manager_id]]
        cursor, some = asked["next"], 2 * some
        if cursor is None:
            break
    return found


def _look_up(session: Session, people: Iterable[str | None], counts: dict[str | None, bool]) -> None:
    """Note of these people, and of everybody above them, whether they are the person asked about or below."""
    unknown = [one for one in people if one is not None and one not in counts]
    if not unknown:
        return
    first = select(Person.id, Person.manager_id).where(among(session, Person.id, unknown)).cte("above", recursive=True)
    # One at a time by its key: given many to start from, PostgreSQL would rather read everybody on every level.
    next_up = select(Person.manager_id).where(Person.id == first.c.manager_id).scalar_subquery()
    above = first.union(select(first.c.manager_id, next_up).where(first.c.manager_id.is_not(None)))
    managers = dict(session.execute(select(above.c.id, above.c.manager_id)).tuples().all())
    for start in unknown:
        path: list[str | None] = []
        here: str | None = start
        while here not in counts:
            counts[here] = False
            path.append(here)
            here = managers[here]
        counts.update(dict.fromkeys(path, counts[here]))
