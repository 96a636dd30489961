"""The whole organisation in one cycle: progress, risk, staleness, and who has no objective. Seven statements."""

from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, func, select, true
from sqlalchemy.orm import Session

from chassis.cadence import local_day
from chassis.http.pages import paged
from chassis.statements import constant
from chassis.tables import MEMBERS, PEOPLE, TEAMS
from gateway.projection.models import CYCLES, KEY_RESULTS, OBJECTIVES, OWNERS
from gateway.queries.cadence import counts, stale, stale_on
from gateway.queries.cards import BEGUN, UNKNOWN, Card, named, person
from gateway.queries.cycles import cycle, cycle_card
from gateway.queries.figures import AT_RISK, open_share, share, tally

BANDS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Where each band of progress begins; the last is what is done."""
SHOWN_WITHOUT = 20
_MANAGER = PEOPLE.alias("manager")
_TEAM = case((OBJECTIVES.c.owner_kind == "team", OBJECTIVES.c.owner_id))


def overview(session: Session, cycle_id: str | None, now: datetime) -> Card:
    """How the organisation stands in a cycle, by default the present one. Raises NotFound."""
    today = local_day(now)
    chosen = cycle(session, cycle_id, today)
    asked = {"cycle_id": chosen.id}
    goals = list(session.execute(_objectives(), asked).all())
    measures = list(session.execute(_key_results(), asked | stale_on(today)).all())
    without = people_without(session, chosen.id, limit=SHOWN_WITHOUT)
    return {
        "as_of": chosen.newest,
        "cycle": cycle_card(chosen),
        "objectives": _objective_figures(goals),
        "key_results": _key_result_figures(measures),
        "coverage": _coverage(session, chosen.id) | {"without": without["items"], "without_next": without["next"]},
        "teams": _teams(session, chosen.id, goals, measures),
    }


@cache
def _objectives() -> Select[Any]:
    """How many objectives there are of each owning team, state, status and band, with their progress summed up."""
    columns = (_TEAM.label("team_id"), OBJECTIVES.c.state, OBJECTIVES.c.status, _band().label("band"))
    known = func.count(OBJECTIVES.c.progress).label("known")
    return (
        select(*columns, func.count().label("number"), known, func.sum(OBJECTIVES.c.progress).label("progress"))
        .where(OBJECTIVES.c.cycle_id == bindparam("cycle_id"), OBJECTIVES.c.state != constant("deleted"))
        .group_by(*columns)
    )


def _band() -> ColumnElement[Any]:
    above = [(OBJECTIVES.c.progress >= start, place) for place, start in reversed(list(enumerate(BANDS)))]
    return case(*above, (OBJECTIVES.c.progress.is_not(None), 0))


@cache
def _key_results() -> Select[Any]:
    columns = (_TEAM.label("team_id"), KEY_RESULTS.c.status)
    return (
        select(
            *columns,
            func.count().label("number"),
            tally(counts()).label("open"),
            tally(stale()).label("stale"),
        )
        .select_from(KEY_RESULTS)
        .join(OBJECTIVES, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id)
        .outerjoin(CYCLES, CYCLES.c.id == KEY_RESULTS.c.cycle_id)
        .where(
            KEY_RESULTS.c.cycle_id == bindparam("cycle_id"),
            KEY_RESULTS.c.removed.is_(False),
            BEGUN,
        )
        .group_by(*columns)
    )


def _objective_figures(rows: list[Row[Any]]) -> Card:
    """Drafts are counted and nothing else; what follows adds up to those that are active or closed."""
    states: Counter[str] = Counter()
    for row in rows:
        states[row.state if row.state in ("draft", "closed") else "active"] += row.number
    begun = [row for row in rows if row.state != "draft"]
    statuses, bands = _summed(begun, "status"), _summed(begun, "band")
    return {
        "total": states.total(),
        "draft": states["draft"],
        "active": states["active"],
        "closed": states["closed"],
        "at_risk": statuses[AT_RISK],
        "mean_progress": _mean(begun),
        "by_status": [{"status": status, "count": count} for status, count in sorted(statuses.items())],
        "by_progress": [_band_card(place, bands[place]) for place in range(len(BANDS))],
        "without_progress": bands[None],
    }


def _summed(rows: list[Row[Any]], column: str) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for row in rows:
        sums[getattr(row, column)] += row.number
    return sums


def _mean(rows: list[Row[Any]]) -> float | None:
    return share(sum(row.progress or 0 for row in rows), sum(row.known for row in rows))


def _band_card(place: int, count: int) -> Card:
    return {"from": BANDS[place], "to": BANDS[min(place + 1, len(BANDS) - 1)], "count": count}


def _key_result_figures(rows: list[Row[Any]]) -> Card:
    statuses = _summed(rows, "status")
    return {
        "total": statuses.total(),
        "at_risk": statuses[AT_RISK],
        "by_status": [{"status": status, "count": count} for status, count in sorted(statuses.items())],
        **open_share(sum(row.open for row in rows), sum(row.stale for row in rows)),
    }


def _covered(cycle_id: Any) -> ColumnElement[bool]:
    """Whether a person owns or co-owns an objective of the cycle that is no draft, or answers for a key result."""
    begun = (OBJECTIVES.c.cycle_id == cycle_id, BEGUN)
    owning = select(OWNERS.c.owner_id).join(OBJECTIVES, OBJECTIVES.c.id == OWNERS.c.objective_id).where(*begun)
    answering = (
        select(KEY_RESULTS.c.owner_id)
        .join(OBJECTIVES, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id)
        .where(*begun, KEY_RESULTS.c.removed.is_(False), KEY_RESULTS.c.owner_id.is_not(None))
    )
    return PEOPLE.c.id.in_(owning.union(answering))


def _coverage(session: Session, cycle_id: str) -> Card:
    row = session.execute(_all_people(), {"cycle_id": cycle_id}).one()
    return _covered_card(row.people, row.covered)


@cache
def _all_people() -> Select[Any]:
    columns = (func.count().label("people"), tally(_covered(bindparam("cycle_id"))).label("covered"))
    return select(*columns).select_from(PEOPLE).where(PEOPLE.c.active == true())


def _covered_card(people: int, covered: int) -> Card:
    return {
        "people": people,
        "with_objective": covered,
        "without_objective": people - covered,
        "share": share(covered, people),
    }


def people_without(
    session: Session, cycle_id: str, team_id: str | None = None, limit: int = 50, cursor: str | None = None
) -> Card:
    """A page of the active persons, by name, who have no objective in the cycle."""
    statement = (
        select(PEOPLE.c.id, PEOPLE.c.display_name, PEOPLE.c.title, PEOPLE.c.manager_id)
        .add_columns(_MANAGER.c.display_name.label("manager_name"))
        .outerjoin(_MANAGER, _MANAGER.c.id == PEOPLE.c.manager_id)
        .where(PEOPLE.c.active == true(), ~_covered(cycle_id))
    )
    if team_id is not None:
        statement = statement.where(PEOPLE.c.id.in_(select(MEMBERS.c.person_id).where(MEMBERS.c.team_id == team_id)))
    page = paged(session, statement, [PEOPLE.c.display_name, PEOPLE.c.id], limit, cursor)
    return page | {"items": [_without_card(*row) for row in page["items"]]}


def _without_card(id_: str, name: str, title: str | None, manager_id: str | None, manager_name: str | None) -> Card:
    return {**named("person", id_, name), "title": title, "manager": person(manager_id, manager_name)}


def _teams(session: Session, cycle_id: str, goals: list[Row[Any]], measures: list[Row[Any]]) -> list[Card]:
    """Every team that exists, and those that do not any more but own something, by name."""
    people = {row.team_id: row for row in session.execute(_people_by_team(), {"cycle_id": cycle_id})}
    teams = {row.id: row for row in session.execute(select(TEAMS.c.id, TEAMS.c.name, TEAMS.c.archived))}
    owned, measured = _by_team(goals), _by_team(measures)
    shown = owned.keys() | {id_ for id_, team in teams.items() if not team.archived}
    names = {id_: teams[id_].name if id_ in teams else UNKNOWN["team"] for id_ in shown}
    return [
        _team_card(id_, names[id_], owned[id_], measured[id_]) | {"coverage": _covered_in(people.get(id_))}
        for id_ in sorted(shown, key=lambda id_: (names[id_], id_))
    ]


def _by_team(rows: list[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        if row.team_id is not None:
            found[row.team_id].append(row)
    return found


def _covered_in(row: Row[Any] | None) -> Card:
    return _covered_card(0, 0) if row is None else _covered_card(row.people, row.covered)


@cache
def _people_by_team() -> Select[Any]:
    return (
        select(MEMBERS.c.team_id, func.count().label("people"))
        .add_columns(tally(_covered(bindparam("cycle_id"))).label("covered"))
        .join(PEOPLE, PEOPLE.c.id == MEMBERS.c.person_id)
        .where(PEOPLE.c.active == true())
        .group_by(MEMBERS.c.team_id)
    )


def _team_card(id_: str, name: str, goals: list[Row[Any]], measures: list[Row[Any]]) -> Card:
    begun = [row for row in goals if row.state != "draft"]
    return {
        **named("team", id_, name),
        "objective_count": sum(row.number for row in begun),
        "at_risk": _summed(begun, "status")[AT_RISK],
        "progress": _mean(begun),
        "key_results": open_share(sum(row.open for row in measures), sum(row.stale for row in measures)),
    }
