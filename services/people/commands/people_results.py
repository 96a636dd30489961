"""What came of a people file, for people to read: an outcome for each row, with names in place of ids."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.people.commands.filing import Change, Outcome
from services.people.commands.people_judging import PeopleJudge
from services.people.commands.person_steps import PersonStep, differences
from services.people.commands.scheduling import Plan
from services.people.rules.guarding import named
from services.people.rules.person_rows import read_person
from services.people.rules.table import Row, Skipped, Table
from services.people.rules.wrong import Rejection

UNKNOWN_SHOWN = 10


class Results:
    """The outcomes of one file. `applied` says whether somebody new has got their id."""

    def __init__(self, judge: PeopleJudge, *, applied: bool) -> None:
        self._judge = judge
        self._applied = applied

    def all(
        self,
        table: Table,
        steps: Sequence[PersonStep],
        gone: Iterable[PersonStep],
        plan: Plan,
        skipped: Iterable[Skipped],
    ) -> list[Outcome]:
        """One for each row in the order of the file, then those of people it does not name."""
        verdicts, meant = self._judge.verdicts, self._judge.meant
        found = [self._of_step(step) for step in steps]
        done = {step.line for step in steps if step.present is None}
        for row, person_id, day in meant.ahead:
            if verdicts.stands(row.line) and row.line not in done:
                found.append(self._of_kept(row, person_id, f"From {day}.", row.line in plan.lines))
        rejected = verdicts.by_line()
        passed = {one.line: one for one in (*meant.skipped, *skipped) if one.line not in rejected}
        cells = {row.line: row.cells for row in table.rows if row.line in rejected or row.line in passed}
        found += [_untaken(line, cells.get(line, one.cells), note=one.reason) for line, one in passed.items()]
        found += [_untaken(line, cells.get(line, {}), wrong=wrong) for line, wrong in rejected.items()]
        found.sort(key=lambda outcome: outcome.row or 0)
        return found + [self._of_step(step) for step in gone]

    def _of_step(self, step: PersonStep) -> Outcome:
        known = step.present is not None
        fields = [self._change(step, field, after) for field, after in step.changes.items()] if known else ()
        person_id = step.id if known or self._applied else None
        name, external_id = str(step.get("display_name")), step.get("external_id")
        return Outcome(step.line or None, step.what, person_id, external_id, name, fields, self._note(step))

    def _note(self, step: PersonStep) -> str:
        notes = []
        if (unknown := self._judge.managers.unknown.get(step.line)) is not None:
            notes.append(f"Nobody is known as {unknown}; taken without a manager.")
        if start := self._judge.starts.get(step.id):
            notes.append(f"Active from {start}.")
        return " ".join(notes)

    def _of_kept(self, row: Row, person_id: str, note: str, fresh: bool) -> Outcome:
        present = self._judge.directory.people.get(person_id)
        read, _ = read_person(row)
        changes: Mapping[str, Any] = differences(present, read.values) if read and present and fresh else {}
        fields = [Change(field, _plain(getattr(present, field)), _plain(after)) for field, after in changes.items()]
        name = row.cells.get("display_name") or (present.display_name if present else "")
        external_id = row.cells.get("external_id") or (present.external_id if present else None)
        known_id = person_id if present or self._applied else None
        return Outcome(row.line, "scheduled" if fresh else "unchanged", known_id, external_id, name, fields, note)

    def _change(self, step: PersonStep, field: str, after: Any) -> Change:
        return Change(field, self._text(field, getattr(step.present, field)), self._text(field, after))

    def _text(self, field: str, value: Any) -> str | None:
        if field == "manager_id" and value is not None:
            return self._judge.name(value)
        if field == "team_ids":
            return "|".join(self._judge.teams.names[team_id] for team_id in value)
        return _plain(value)


def _plain(value: Any) -> str | None:
    if value is None:
        return None
    return "|".join(value) if isinstance(value, list) else str(value)


def _untaken(line: int, cells: Mapping[str, str], note: str = "", wrong: Sequence[Rejection] = ()) -> Outcome:
    what: Any = "rejected" if wrong else "skipped"
    name = cells.get("display_name") or cells.get("email") or ""
    return Outcome(line, what, None, cells.get("external_id") or None, name, (), note, wrong)


def unknown_managers(unknown: Mapping[int, str]) -> Iterator[str]:
    """A remark on the managers nobody knows, where rows were taken without them."""
    if unknown:
        managers = sorted(set(unknown.values()))
        told = named(managers, UNKNOWN_SHOWN)
        yield f"Rows taken without a manager, as nobody knows whom they name: {len(unknown):,}. Named are {told}."
