"""Open key results with who answers for them and what they wait for, read set-based from the copies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from services.checkins.models.check_in import CheckIn
from services.checkins.models.copies import CycleCopy, KeyResultCopy, ObjectiveCopy
from services.checkins.models.roster import BULK, Roster, leavers_below, teams_of
from services.checkins.models.standing import Subject
from services.checkins.rules import cadence
from services.checkins.rules.answering import Ownership, answerable
from services.checkins.rules.cadence import Waiting, Watched


@dataclass(frozen=True, slots=True)
class Open:
    """An open key result of a running objective, and who should check in on it."""

    subject: Subject
    watched: Watched
    answerable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Due:
    """An open key result that waits for a check-in."""

    open: Open
    waiting: Waiting


def open_key_results(
    session: Session, roster: Roster, people: Iterable[str] | None = None, teams: Iterable[str] = ()
) -> list[Open]:
    """All that take check-ins; with `people`, at least those they may have to answer for and those of the teams."""
    limit = () if people is None else (_reach(session, frozenset(people), frozenset(teams)),)
    rows = session.execute(_open().where(*limit)).all()
    _load(roster, [Subject(row[0], row[1]) for row in rows])
    return [_opened(roster, *row) for row in rows]


def waiting_of(opened: Open, roster: Roster, now: datetime) -> Waiting | None:
    """What it waits for; where several people answer for it, as the first of them sees it."""
    zones = [_zone(roster, one) for one in sorted(opened.answerable)] or [cadence.zone("UTC")]
    found = [cadence.waiting(opened.watched, now, where) for where in zones]
    return min(filter(None, found), key=lambda waiting: waiting.due_on, default=None)


def waiting_in(opened: Open, roster: Roster, now: datetime, person_id: str) -> Waiting | None:
    """What it waits for in the time zone of one person."""
    return cadence.waiting(opened.watched, now, _zone(roster, person_id))


def due(opened: Iterable[Open], roster: Roster, now: datetime) -> Iterator[Due]:
    """Those that wait for a check-in."""
    for one in opened:
        waiting = waiting_of(one, roster, now)
        if waiting is not None:
            yield Due(one, waiting)


def _zone(roster: Roster, person_id: str) -> Any:
    person = roster.person(person_id)
    return cadence.zone(person.time_zone if person is not None else "UTC")


def _open() -> Select[Any]:
    standing = and_(CheckIn.key_result_id == KeyResultCopy.id, CheckIn.withdrawn.is_(False))
    last = select(func.max(CheckIn.as_of)).where(standing).correlate(KeyResultCopy).scalar_subquery()
    return (
        select(KeyResultCopy, ObjectiveCopy, CycleCopy, KeyResultCopy.opened_at, last)
        .outerjoin(ObjectiveCopy, ObjectiveCopy.id == KeyResultCopy.objective_id)
        .outerjoin(CycleCopy, CycleCopy.id == KeyResultCopy.cycle_id)
        .where(
            KeyResultCopy.open,
            KeyResultCopy.removed.is_(False),
            KeyResultCopy.opened_at.is_not(None),
            or_(ObjectiveCopy.id.is_(None), ObjectiveCopy.state == "active"),
            or_(CycleCopy.id.is_(None), CycleCopy.state != "closed"),
        )
    )


def _reach(session: Session, people: frozenset[str], teams: frozenset[str]) -> ColumnElement[bool]:
    """Owned by these teams, these people, their own teams, or somebody who left them their work."""
    if len(people) > BULK:
        return true()
    reach = people | leavers_below(session, people)
    owners = reach | teams | teams_of(session, reach)
    if len(owners) > BULK:
        return true()
    return or_(KeyResultCopy.owner_id.in_(reach), ObjectiveCopy.owner_id.in_(owners))


def _load(roster: Roster, subjects: Iterable[Subject]) -> None:
    teams: set[str] = set()
    people: set[str] = set()
    for subject in subjects:
        people |= subject.owners
        if subject.team_id:
            teams.add(subject.team_id)
    roster.load(people)
    roster.load_teams(teams)


def _opened(
    roster: Roster,
    key_result: KeyResultCopy,
    objective: ObjectiveCopy | None,
    cycle: CycleCopy | None,
    opened_at: datetime,
    last: date | None,
) -> Open:
    subject = Subject(key_result, objective)
    team = subject.team_id
    person = objective.owner_id if objective is not None and team is None else None
    owned = Ownership(key_result.owner_id, person, roster.leads.get(team) if team else None, team)
    watched = Watched(opened_at, last, cycle.starts_on if cycle else None, cycle.ends_on if cycle else None)
    return Open(subject, watched, answerable(owned, roster.find, roster.members))
