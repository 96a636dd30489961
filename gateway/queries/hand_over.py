"""What those who left still answer for, and who has to see to it: the nearest manager above them who is here.

Where nobody above them is here, HR and admins have to. It is read from who owns what now, so what gets a new owner,
is closed, or belongs to somebody who came back is gone from here by itself.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from chassis import access
from chassis.access import Actor, Thing
from chassis.answering import LAST_RESORT
from chassis.http.pages import paged
from chassis.roster import Roster, leavers_under
from chassis.tables import PEOPLE, TEAMS
from gateway.projection.changes import EVERYTHING
from gateway.projection.models import CYCLES, KEY_RESULTS, OBJECTIVES
from gateway.queries.cards import Card, named, running
from gateway.queries.freshness import as_of
from gateway.queries.me import require_person
from gateway.queries.people import profile

CHANGES: Mapping[str, tuple[str, str]] = {
    "objective": ("/api/v1/objectives/{}", "owner_id"),
    "key_result": ("/api/v1/key-results/{}", "owner_id"),
    "team": ("/api/v1/teams/{}", "lead_id"),
    "report": ("/api/v1/persons/{}", "manager_id"),
}
"""The kinds of work, and what gives it to somebody else: a PATCH there of this field."""
KINDS = tuple(CHANGES)

People = Select[tuple[str]]
"""Whose work is meant: a statement for their ids."""


def asked_for(
    session: Session, actor: Actor, *, scope: str = "own", manager_id: str | None = None, **page: Any
) -> Card:
    """A page of what falls to the actor, to another manager, or to anybody in the organisation.

    Raises Denied where it is not for the actor to know, NotFound for a manager not heard of.
    """
    if manager_id is None and scope == "organisation":
        access.check(actor, "hand_over.read")
        return {"as_of": as_of(session), **_page(session, _everywhere(), **page)}
    manager_id = manager_id or require_person(actor, "hand-over", "ask with manager_id or scope=organisation")
    access.check(actor, "hand_over.read", Thing("hand-over", subject=manager_id))
    manager = profile(session, manager_id)
    return {"as_of": manager.newest, **_page(session, _under(manager.id, manager.roles), **page)}


def left_by(session: Session, person_id: str, **page: Any) -> Card:
    """A page of what one person, here or not, answers for. Raises NotFound."""
    person = profile(session, person_id)
    return {"as_of": person.newest, **_page(session, select(PEOPLE.c.id).where(PEOPLE.c.id == person.id), **page)}


def _everywhere() -> People:
    return select(PEOPLE.c.id).where(PEOPLE.c.active.is_(False))


def _under(person_id: str | BindParameter[str], roles: Collection[str]) -> People:
    """Those whose work falls to a person with these roles."""
    above: ColumnElement[bool] = PEOPLE.c.manager_id == person_id
    return leavers_under(or_(above, PEOPLE.c.manager_id.is_(None)) if LAST_RESORT.intersection(roles) else above)


def _page(
    session: Session,
    people: People,
    *,
    kinds: Collection[str] = KINDS,
    limit: int = 50,
    cursor: str | None = None,
) -> Card:
    """By the names of those who left; with numbers for all of it. Few statements."""
    work = _work(people, kinds or KINDS)
    told = select(work, PEOPLE.c.display_name, PEOPLE.c.end_date).join(PEOPLE, PEOPLE.c.id == work.c.person_id)
    page = paged(session, told, [PEOPLE.c.display_name, PEOPLE.c.id, work.c.kind, work.c.id], limit, cursor)
    roster = Roster(session)
    roster.load(row[4] for row in page["items"])
    items = [_item_card(roster, *row) for row in page["items"]]
    return {**_counts(session.execute(_numbers(work))), "items": items, "next": page["next"]}


def falling_to(
    session: Session, person_id: str, roles: Collection[str], leavers: Collection[str], about: set[str]
) -> Card:
    """How much falls to a person with these roles, adding to `about` what this depends on. One statement at most.

    `leavers` are those under the person who left: mostly nobody, and then there is nothing to look for, which for
    PostgreSQL means a look at all objectives that are not closed. What falls to HR and admins comes from anywhere, so
    for them it depends on everything.
    """
    last_resort = LAST_RESORT.intersection(roles)
    if last_resort:
        about.add(EVERYTHING)
        return _counts(session.execute(_falling_to(last_resort), {"person_id": person_id}))
    if not leavers:
        return _counts(())
    work = session.execute(_falling_to(last_resort), {"person_id": person_id}).all()
    about.update(row.id for row in work)
    return _counts(Counter(row.kind for row in work).items())


@cache
def _falling_to(roles: frozenset[str]) -> Select[Any]:
    work = _work(_under(bindparam("person_id"), roles), KINDS)
    return _numbers(work) if roles else select(work.c.kind, work.c.id)


def _numbers(work: Subquery) -> Select[Any]:
    return select(work.c.kind, func.count()).group_by(work.c.kind)


def _counts(rows: Iterable[Row[Any] | tuple[str, int]]) -> Card:
    numbers = {row[0]: row[1] for row in rows}
    return {
        "count": sum(numbers.values()),
        "counts": [{"kind": kind, "count": numbers[kind]} for kind in KINDS if kind in numbers],
    }


def _work(people: People, kinds: Collection[str]) -> Subquery:
    """What these people, and nobody beside them, answer for, as one list of (kind, id, title, detail, person_id)."""
    parts = {"objective": _objectives, "key_result": _key_results, "team": _teams, "report": _reports}
    return union_all(*(parts[kind](people) for kind in KINDS if kind in kinds)).subquery("work")


def _part(kind: str, id_: Any, title: Any, detail: Any, person_id: Any, people: People) -> Select[Any]:
    """One kind of work. It looks at the people for itself, so that the index of its owners serves."""
    columns = (id_.label("id"), title.label("title"), detail.label("detail"), person_id.label("person_id"))
    return select(literal(kind).label("kind"), *columns).where(person_id.in_(people))


def _objectives(people: People) -> Select[Any]:
    owner = OBJECTIVES.c.owner_id
    owned = _part("objective", OBJECTIVES.c.id, OBJECTIVES.c.title, CYCLES.c.name, owner, people)
    owned = owned.outerjoin(CYCLES, CYCLES.c.id == OBJECTIVES.c.cycle_id)
    return owned.where(OBJECTIVES.c.owner_kind == "person", _unfinished())


def _key_results(people: People) -> Select[Any]:
    own = KEY_RESULTS.c.owner_id
    measured = _part("key_result", KEY_RESULTS.c.id, KEY_RESULTS.c.title, OBJECTIVES.c.title, own, people)
    measured = measured.join(OBJECTIVES, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id)
    return measured.where(KEY_RESULTS.c.removed.is_(False), _unfinished())


def _unfinished() -> ColumnElement[bool]:
    """Objectives that are not closed, in cycles that are not."""
    return and_(OBJECTIVES.c.state.in_(("draft", "active")), running(OBJECTIVES.c.cycle_id))


def _teams(people: People) -> Select[Any]:
    led = _part("team", TEAMS.c.id, TEAMS.c.name, null(), TEAMS.c.lead_id, people)
    return led.where(TEAMS.c.archived.is_(False))


def _reports(people: People) -> Select[Any]:
    """Those who still report to them."""
    below = PEOPLE.alias("below")
    reporting = _part("report", below.c.id, below.c.display_name, below.c.title, below.c.manager_id, people)
    return reporting.where(below.c.active.is_(True))


def _item_card(
    roster: Roster, kind: str, id_: str, title: str, detail: str | None, person_id: str, name: str, last_day: Any
) -> Card:
    address, field = CHANGES[kind]
    return {
        "kind": kind,
        "id": id_,
        "title": title,
        "detail": detail,
        "left_by": {**named("person", person_id, name), "left_on": last_day},
        "falls_to": _heir(roster, person_id),
        "change": {"method": "PATCH", "href": address.format(id_), "field": field},
    }


def _heir(roster: Roster, person_id: str) -> Card | None:
    """Who has to see to a person's work: they themselves while they are here; None for HR and admins."""
    heirs = roster.answerable(person_id, None, None)
    if not heirs:
        return None
    (heir,) = heirs
    known = roster.person(heir)
    return named("person", heir, known.display_name if known is not None else None)
