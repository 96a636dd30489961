"""Import of teams: rows are matched by external id, then by name where only one team bears it; parents in any order."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from chassis import access
from chassis.ids import new_id
from chassis.unit import Unit
from contracts.people import TeamChanged, TeamCreated
from services.people.commands import structure
from services.people.commands.filing import Change, Options, Outcome, Report, read_table, report_of, unreadable_report
from services.people.commands.verdicts import Verdicts, reject_loops
from services.people.models import Person, Team
from services.people.rules.fields import folded
from services.people.rules.matching import lines_by_key
from services.people.rules.table import Row, Table, Unreadable
from services.people.rules.team_rows import LAYOUT, TeamRow, read_team


@dataclass(slots=True)
class TeamStep:
    """What a row asks for: `values` over what is `present`, or of a new team with this id."""

    line: int
    id: str
    present: Team | None
    values: dict[str, Any] = field(default_factory=dict)
    needs: set[int] = field(default_factory=set)
    """Lines without which this one cannot be applied."""

    def differences(self) -> dict[str, Any]:
        """What the row changes; `values` must be complete."""
        return self.values if self.present is None else self.present.differences(self.values)


def import_teams(unit: Unit, data: bytes | list[Any], options: Options) -> Report:
    """Apply a teams file: CSV as bytes, or parsed JSON. Teams it does not name stay as they are.

    With rejected rows nothing is applied, unless the options say partial. Raises Denied.
    """
    access.check(unit.actor, "import.run")
    try:
        table = read_table(data, LAYOUT, options)
    except Unreadable as fault:
        return unreadable_report(fault, options)
    return apply_teams(unit, table, options)


def apply_teams(unit: Unit, table: Table, options: Options) -> Report:
    """Apply the rows of a table in the columns of `team_rows`; otherwise as `import_teams`. Raises Denied."""
    access.check(unit.actor, "import.run")
    structure.take_turn(unit)
    judge = TeamJudge(unit, table)
    steps = judge.judge()
    report = report_of(table, judge.verdicts, options)
    for step in steps:
        outcome = judge.outcome(step, report.applied)
        report.note(outcome)
        if report.applied and outcome.what != "unchanged":
            _apply(unit, step)
    return report


def _apply(unit: Unit, step: TeamStep) -> None:
    team = step.present
    if team is None:
        team = Team.create(step.values, step.id)
        unit.session.add(team)
        unit.publish(team.told(TeamCreated))
    else:
        team.change(step.differences())
        unit.publish(team.told(TeamChanged))


class TeamJudge:
    """One file against all teams that are here. After `judge`, `verdicts` holds what is wrong."""

    def __init__(self, unit: Unit, table: Table) -> None:
        self.table = table
        self.verdicts = Verdicts(table.rejected)
        teams = unit.session.execute(select(Team).with_for_update()).scalars().all()
        self._teams = {team.id: team for team in teams}
        self._by_external = {team.external_id: team for team in teams if team.external_id}
        self._by_name: dict[str, list[Team]] = defaultdict(list)
        for team in teams:
            self._by_name[folded(team.name)].append(team)
        people = unit.session.execute(select(Person.external_id, Person.id, Person.display_name)).all()
        self._leads = {row.external_id: row.id for row in people if row.external_id}
        self._names = {row.id: row.display_name for row in people} | {team.id: team.name for team in teams}
        self._new_lines: dict[str, int] = {}
        self._ids_by_external = {key: team.id for key, team in self._by_external.items()}
        self._ids_by_name: dict[str, set[str]] = defaultdict(set)
        for team in teams:
            self._ids_by_name[folded(team.name)].add(team.id)

    def judge(self) -> list[TeamStep]:
        """The steps of the rows that can be applied."""
        matched = {row.line: self._matched(row) for row in self.table.rows}
        self._reject_twice(matched.values())
        steps = []
        understood = [(matched[row.line], *read_team(row)) for row in self.table.rows]
        for step, row, rejected in understood:
            self.verdicts.add(rejected)
            if row is not None:
                self._fill(step, row)
                steps.append(step)
        now = {team.id: team.parent_id for team in self._teams.values()}
        names = self._names | {step.id: step.values["name"] for step in steps if step.values.get("name")}
        lines = {step.id: step.line for step in steps}
        wanted = {step.id: step.values["parent_id"] for step in steps if "parent_id" in step.values}
        needs = {step.line: step.needs for step in steps}
        reject_loops(self.verdicts, lines, wanted, now, needs, names.__getitem__, "parent_external_id")
        return [step for step in steps if self.verdicts.stands(step.line)]

    def outcome(self, step: TeamStep, applied: bool) -> Outcome:
        """What comes of a row."""
        team, changed = step.present, step.differences()
        external_id = step.values.get("external_id", team and team.external_id)
        name = str(step.values.get("name", team and team.name))
        if team is None:
            return Outcome(step.line, "created", step.id if applied else None, external_id, name, [])
        if not changed:
            return Outcome(step.line, "unchanged", team.id, external_id, name)
        fields = [
            Change(field, self._text(getattr(team, field)), self._text(after)) for field, after in changed.items()
        ]
        return Outcome(step.line, "changed", team.id, external_id, name, fields)

    def _text(self, value: Any) -> str | None:
        if value in self._new_lines:
            return f"line {self._new_lines[value]}"
        return None if value is None else self._names.get(value, str(value))

    def _matched(self, row: Row) -> TeamStep:
        external_id, name = row.cells.get("external_id"), row.cells.get("name")
        team = self._by_external.get(external_id) if external_id else None
        if team is None and name:
            alike = [one for one in self._by_name[folded(name)] if not (external_id and one.external_id)]
            if len(alike) > 1:
                self.verdicts.reject(row.line, "name", name, "Several teams bear this name.", "Fill external_id.")
            team = alike[0] if len(alike) == 1 else None
        step = TeamStep(row.line, team.id if team else new_id(), team)
        if team is None:
            self._new_lines[step.id] = row.line
        if external_id:
            self._ids_by_external[external_id] = step.id
        if name:
            self._ids_by_name[folded(name)].add(step.id)
        return step

    def _reject_twice(self, steps: Iterable[TeamStep]) -> None:
        told: set[int] = set()
        rows = self.table.rows
        nameless = [row for row in rows if not row.cells.get("external_id")]
        for column, keys in (
            ("external_id", [(row.line, row.cells.get("external_id") or None) for row in rows]),
            ("name", [(row.line, folded(row.cells.get("name", "")) or None) for row in nameless]),
            (None, [(step.line, step.id) for step in steps]),
        ):
            for key, lines in lines_by_key(keys).items():
                reason = f"Lines {', '.join(str(line) for line in lines[:10])} mean the same team."
                for line in lines:
                    if line not in told:
                        self.verdicts.reject(line, column, key if column else None, reason, "Keep one row a team.")
                told.update(lines)

    def _fill(self, step: TeamStep, row: TeamRow) -> None:
        step.values.update(row.values)
        if step.present is None and "name" not in step.values:
            reason = "This team is not known yet, and a new one needs this column."
            self.verdicts.reject(step.line, "name", None, reason, "Fill it, or mend the external id.")
        if row.sets_parent:
            step.values["parent_id"] = self._parent(step, row.parent)
        if row.sets_lead:
            step.values["lead_id"] = self._leads.get(row.lead or "")
            if row.lead and row.lead not in self._leads:
                remedy = "Import the people first, or leave the column out with ignore=lead_external_id."
                self.verdicts.reject(step.line, "lead_external_id", row.lead, "Nobody has this external id.", remedy)

    def _parent(self, step: TeamStep, given: str | None) -> str | None:
        if given is None:
            return None
        by_name = self._ids_by_name.get(folded(given), set())
        found = {self._ids_by_external[given]} if given in self._ids_by_external else by_name
        column = "parent_external_id"
        if not found:
            remedy = "Add it to the file, or mend or empty the cell."
            self.verdicts.reject(step.line, column, given, "No team is known by this, here or in the file.", remedy)
        if len(found) > 1:
            self.verdicts.reject(step.line, column, given, "Several teams bear this name.", "Write the external id.")
        parent_id = min(found, default=None)
        if parent_id == step.id:
            remedy = "Leave the cell empty for a team at the top."
            self.verdicts.reject(step.line, column, given, "A team cannot be its own parent.", remedy)
        if parent_id in self._new_lines:
            step.needs.add(self._new_lines[parent_id])
        return parent_id
