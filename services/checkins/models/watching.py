"""Open key results with who answers for them and what they wait for, read set-based from the copies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from chassis import cadence
from chassis.cadence import Waiting, Watched
from chassis.roster import BULK, Roster, reach
from chassis.statements import constant
from services.checkins.models.check_in import CheckIn
from services.checkins.models.copies import CycleCopy, KeyResultCopy, ObjectiveCopy
from services.checkins.models.standing import Subject


@dataclass(frozen=True, slots=True)
class Open:
    """An open key result of a running objective, and who should check in on it."""

    subject: Subject
    key_result: KeyResultCopy
    objective: ObjectiveCopy | None
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
    _load(roster, [Subject.of(row[0], row[1]) for row in rows])
    return [_opened(roster, *row) for row in rows]


def waiting_of(opened: Open, roster: Roster, now: datetime) -> Waiting | None:
    """What it waits for; where several people answer for it, as the first of them sees it."""
    zones = [roster.zone(one) for one in sorted(opened.answerable)] or [cadence.zone("UTC")]
    found = [cadence.waiting(opened.watched, now, where) for where in zones]
    return min(filter(None, found), key=lambda waiting: waiting.due_on, default=None)


def waiting_in(opened: Open, roster: Roster, now: datetime, person_id: str) -> Waiting | None:
    """What it waits for in the time zone of one person."""
    return cadence.waiting(opened.watched, now, roster.zone(person_id))


def due(opened: Iterable[Open], roster: Roster, now: datetime) -> Iterator[Due]:
    """Those that wait for a check-in."""
    for one in opened:
        waiting = waiting_of(one, roster, now)
        if waiting is not None:
            yield Due(one, waiting)


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
            or_(CycleCopy.id.is_(None), CycleCopy.state != constant("closed")),
        )
    )


def _reach(session: Session, people: frozenset[str], teams: frozenset[str]) -> ColumnElement[bool]:
    """Owned by these teams, these people, their own teams, or somebody who left them their work."""
    if len(people) > BULK:
        return true()
    reached = reach(session, people)
    owners = reached.owners | teams
    if len(owners) > BULK:
        return true()
    return or_(KeyResultCopy.owner_id.in_(reached.people), ObjectiveCopy.owner_id.in_(owners))


def _load(roster: Roster, subjects: Sequence[Subject]) -> None:
    roster.load(person for subject in subjects for person in subject.owners)
    roster.load_teams(subject.team_id for subject in subjects if subject.team_id)


def _opened(
    roster: Roster,
    key_result: KeyResultCopy,
    objective: ObjectiveCopy | None,
    cycle: CycleCopy | None,
    opened_at: datetime,
    last: date | None,
) -> Open:
    owner = (objective.owner_kind, objective.owner_id) if objective is not None else (None, None)
    watched = Watched(opened_at, last, cycle.starts_on if cycle else None, cycle.ends_on if cycle else None)
    answerable = roster.answerable(key_result.owner_id, *owner)
    return Open(Subject.of(key_result, objective), key_result, objective, watched, answerable)
