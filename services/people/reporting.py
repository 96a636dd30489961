"""Who is below whom, for anybody in an organisation of any size.

Of a few people all are found by looking down, level by level. Where they are many, that would take longer than a page
may: then people are taken in the order of the page and each is asked by looking up, where there are few steps to go.
The more are below somebody, the sooner a page is full. So either way costs least where the other costs most.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from chassis.db import among, listed
from chassis.http import Page, paged
from services.people.models import Person

BY_NAME = (Person.name_key, Person.id)
FEW = 5000
"""So many people are found by looking down in less time than a page may take."""
FIRST_LOOK = 4
"""So many pages of people are asked at first, then twice as many each time."""

Filter = Callable[[Select[Any]], Select[Any]]


def below(session: Session, person_id: str, filtered: Filter, page: Page, few: int = FEW) -> dict[str, Any]:
    """A page of the ids of those below a person whom the filter leaves, by name; up to `few` by looking down."""
    found = list(session.scalars(_downward(person_id).limit(few + 1)))
    if len(found) > few:
        found = _by_looking_up(session, person_id, filtered, page)
    ids = filtered(select(Person.id)).where(Person.id.in_(listed(session, found)))
    return paged(session, ids, BY_NAME, page.limit, page.cursor)


def _downward(person_id: str) -> Select[tuple[str]]:
    """Level by level, as far as it is read: it would not notice a circle."""
    first = select(Person.id).where(Person.manager_id == person_id).cte("under", recursive=True)
    return select(first.union_all(select(Person.id).where(Person.manager_id == first.c.id)).c.id)


def _by_looking_up(session: Session, person_id: str, filtered: Filter, page: Page) -> list[str]:
    """Who stands on the page, and at least one more where there is one."""
    found: list[str] = []
    counts: dict[str | None, bool] = {person_id: True, None: False}
    people = filtered(select(Person.id, Person.manager_id))
    cursor, some = page.cursor, FIRST_LOOK * page.limit
    while len(found) <= page.limit:
        asked = paged(session, people, BY_NAME, some, cursor)
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
