"""Import of people: the whole file is judged against everybody who is here, then all of it is applied, or nothing.

What fell due until today comes first, as if the task had just run: a file is always laid over the present state.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis import access
from chassis.clock import today
from chassis.unit import Unit
from services.people.commands import structure
from services.people.commands.directory import Directory
from services.people.commands.due import fall_due, write_due
from services.people.commands.filing import MOST_SHOWN, Options, Report, read_table, unreadable_report
from services.people.commands.leaving import Omitted, guard, left_behind, omitted
from services.people.commands.people_judging import Circumstances, PeopleJudge
from services.people.commands.people_matching import match
from services.people.commands.people_results import Results, unknown_managers
from services.people.commands.people_writing import write_people
from services.people.commands.person_steps import PersonStep
from services.people.commands.planning import plan_ahead
from services.people.commands.scheduling import START, Entry, Plan, entries
from services.people.commands.team_index import TeamIndex
from services.people.commands.verdicts import Verdicts
from services.people.rules.guarding import named
from services.people.rules.person_rows import LAYOUT, lets_go
from services.people.rules.table import Skipped, Table, Unreadable


def import_people(unit: Unit, data: bytes | list[Any], options: Options) -> Report:
    """Apply a people file in our own layout: CSV as bytes, or parsed JSON. As `apply_people` otherwise."""
    access.check(unit.actor, "import.run")
    try:
        table = read_table(data, LAYOUT, options)
    except Unreadable as fault:
        return unreadable_report(fault, options)
    return apply_people(unit, table, options)


def apply_people(unit: Unit, table: Table, options: Options, skipped: Sequence[Skipped] = ()) -> Report:
    """Apply the rows of a table in our own columns; `skipped` are lines its reader left out, with the reason.

    People it does not name stay as they are, unless the options say it is complete. With rejected rows nothing is
    applied, unless the options say partial; with more leavers than a file usually means nothing is, unless the
    options accept them. Raises Denied.
    """
    access.check(unit.actor, "import.run")
    structure.take_turn(unit)
    day = options.today or today(unit.now)
    directory, teams = Directory(unit.session), TeamIndex(unit.session)
    due = fall_due(directory, teams, entries(unit.session), day)
    kept = due.remaining()
    judged = _judged(unit, table, options, directory, teams, kept, day)
    report = judged.report(table, options, skipped)
    if report.applied:
        write_due(unit, due)
        write_people(unit, [*judged.steps, *judged.gone.leaving])
        judged.plan.apply(unit.session)
    return report


@dataclass(slots=True)
class _Judged:
    """What a file would do."""

    judge: PeopleJudge
    steps: list[PersonStep]
    gone: Omitted
    plan: Plan

    def report(self, table: Table, options: Options, skipped: Sequence[Skipped]) -> Report:
        verdicts = self.judge.verdicts
        rejected = verdicts.count()
        lines = {row.line for row in table.rows} | {one.row for one in table.rejected} | {one.line for one in skipped}
        report = Report(options.dry_run, len(lines), rejected, verdicts.all()[:MOST_SHOWN])
        if not options.accept_leavers:
            report.guard = guard(self.judge.directory, self._let_go())
        report.applied = not (options.dry_run or report.guard or (rejected and not options.partial))
        report.remarks = list(self._remarks())
        results = Results(self.judge, applied=report.applied)
        for outcome in results.all(table, self.steps, self.gone.leaving, self.plan, skipped):
            report.note(outcome)
        return report

    def _let_go(self) -> Collection[str]:
        """Who leaves, or is to leave on a day that is new, in the order of the file."""
        now = [step.id for step in (*self.steps, *self.gone.leaving) if step.lets_go]
        people = self.judge.directory.people
        later = [
            person_id
            for row, person_id, _ in self.judge.meant.ahead
            if row.line in self.plan.lines and person_id in people and people[person_id].active and lets_go(row)
        ]
        return dict.fromkeys(now + later)

    def _remarks(self) -> Iterator[str]:
        stands = self.judge.verdicts.stands
        unknown = {line: whom for line, whom in self.judge.managers.unknown.items() if stands(line)}
        yield from unknown_managers(unknown)
        if behind := left_behind(self.judge.directory, [*self.steps, *self.gone.leaving]):
            yield f"People who report to somebody who leaves, and keep them until they get another: {behind:,}."
        if self.gone.staying:
            names = named([state.display_name for state in self.gone.staying], 10)
            yield f"People who stay although the file does not name them: {len(self.gone.staying):,}. They are {names}."
        if self.gone.nameless:
            yield f"Nobody leaves for not being named, because rows do not say whom they mean: {self.gone.nameless:,}."
        if self.plan.dropped:
            yield f"Changes kept for a day ahead that the file overrules or has no more: {len(self.plan.dropped):,}."


def _judged(
    unit: Unit, table: Table, options: Options, directory: Directory, teams: TeamIndex, kept: list[Entry], day: date
) -> _Judged:
    verdicts = Verdicts(table.rejected)
    meant = match(table.rows, directory, day, verdicts)
    may_give_roles = access.allowed(unit.actor, "role.write")
    awaited = {entry.person_id: entry.day for entry in kept if entry.kind == START}
    given = Circumstances(day, may_give_roles, options.unknown_managers == "top", awaited)
    judge = PeopleJudge(directory, teams, meant, verdicts, given)
    steps = judge.judge()
    gone = omitted(directory, table, meant, unit.actor.id) if options.complete else Omitted()
    plan = plan_ahead(unit, judge, steps, gone if options.complete else None, table, kept, options.source)
    return _Judged(judge, steps, gone, plan)
