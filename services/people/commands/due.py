"""What falls due by itself: changes kept for a day, first working days, and the day after the last one.

Each change is judged as if its row came in a file today. What cannot be applied any more stays, marked with the
reason, until a file says it anew or somebody cancels it.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from sqlalchemy import exists, or_, select, update

from chassis import metrics
from chassis.clock import today
from chassis.unit import Unit
from services.people.commands import structure
from services.people.commands.directory import Directory
from services.people.commands.people_judging import Circumstances, PeopleJudge
from services.people.commands.people_matching import Meant
from services.people.commands.people_writing import write_people
from services.people.commands.person_steps import PersonStep
from services.people.commands.scheduling import ENTRIES, START, Entry, Plan, entries
from services.people.commands.team_index import TeamIndex
from services.people.commands.verdicts import Verdicts
from services.people.models import Person
from services.people.rules.table import Row

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Due:
    """What has fallen due, laid over the directory already."""

    steps: list[PersonStep] = field(default_factory=list)
    done: list[Entry] = field(default_factory=list)
    moved: list[Entry] = field(default_factory=list)
    """First working days that lie further ahead by now."""
    stuck: list[Entry] = field(default_factory=list)
    """What could not be applied, with the problem."""
    waiting: list[Entry] = field(default_factory=list)
    """What was not due, and what got stuck before."""

    def remaining(self) -> list[Entry]:
        return self.waiting + self.moved + self.stuck


def apply_due(unit: Unit) -> None:
    """Apply what has fallen due until today (in UTC). A task; most of the time it finds nothing."""
    day = today(unit.now)
    if not _any(unit, day):
        return
    structure.take_turn(unit)
    directory = Directory(unit.session)
    due = fall_due(directory, TeamIndex(unit.session), entries(unit.session), day)
    write_due(unit, due)


def _any(unit: Unit, day: date) -> bool:
    waiting = exists().where(ENTRIES.c.day <= day, ENTRIES.c.problem.is_(None))
    leaving = exists().where(Person.active, Person.end_date < day)
    return bool(unit.session.execute(select(or_(waiting, leaving))).scalar())


def fall_due(directory: Directory, teams: TeamIndex, stored: Iterable[Entry], day: date) -> Due:
    """Lay over the directory what falls due until a day; nothing is written yet."""
    due = Due()
    ready: list[Entry] = []
    for entry in stored:
        (ready if entry.problem is None and entry.day <= day else due.waiting).append(entry)
    awaited = {entry.person_id: entry.day for entry in (*ready, *due.waiting) if entry.kind == START}
    for (_, _, may_give_roles), group in groupby(
        ready, key=lambda entry: (entry.day, entry.kind, entry.may_give_roles)
    ):
        _fall(list(group), Circumstances(day, may_give_roles, awaited=awaited), directory, teams, due)
    for state in list(directory.people.values()):
        if state.active and state.end_date is not None and state.end_date < day:
            _take(PersonStep(0, state.id, state, {"active": False}), directory, due)
    return due


def _fall(group: list[Entry], given: Circumstances, directory: Directory, teams: TeamIndex, due: Due) -> None:
    verdicts = Verdicts()
    rows = [(Row(place, entry.cells), entry.person_id) for place, entry in enumerate(group, start=1)]
    judge = PeopleJudge(directory, teams, Meant(rows), verdicts, given)
    for step in judge.judge():
        if step.changes:
            _take(step, directory, due)
    wrong = verdicts.by_line()
    for place, entry in enumerate(group, start=1):
        later = judge.starts.get(entry.person_id) if entry.kind == START else None
        if place in wrong:
            due.stuck.append(replace(entry, problem=wrong[place][0].wrong.reason))
        elif later is not None:
            due.moved.append(replace(entry, day=later))
        else:
            due.done.append(entry)


def _take(step: PersonStep, directory: Directory, due: Due) -> None:
    due.steps.append(step)
    directory.lay(step.after())


def write_due(unit: Unit, due: Due) -> None:
    """Write and publish what fell due, and mark what could not be applied."""
    write_people(unit, due.steps)
    Plan(dropped=[entry.id for entry in due.done]).apply(unit.session)
    for entry in due.moved + due.stuck:
        kept = update(ENTRIES).where(ENTRIES.c.id == entry.id).values(day=entry.day, problem=entry.problem)
        unit.session.execute(kept)
    for entry in due.stuck:
        log.warning("scheduled change %s could not be applied", entry.id, extra={"service": "people"})
    metrics.SCHEDULED_CHANGES.labels("applied").inc(len(due.done))
    metrics.SCHEDULED_CHANGES.labels("stuck").inc(len(due.stuck))
