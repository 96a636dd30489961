"""Judging the rows of a people file: what each asks for, and everything that can be wrong with it, before anything
changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from contracts.people import PersonState
from services.people.commands.directory import Directory
from services.people.commands.people_matching import Meant
from services.people.commands.person_steps import PersonStep, differences
from services.people.commands.reporting_lines import Managers
from services.people.commands.team_index import TeamIndex
from services.people.commands.verdicts import Verdicts, reject_loops
from services.people.rules.days import activity
from services.people.rules.fields import dates_wrong, folded
from services.people.rules.person_rows import PersonRow, check_person, read_person
from services.people.rules.table import Row
from services.people.rules.wrong import Rejection, shortened


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides about rows beside the rows and the people."""

    today: date
    may_give_roles: bool
    unknown_at_top: bool = False
    """A manager nobody knows leaves the row without one, in place of rejecting it."""
    awaited: Mapping[str, date] = field(default_factory=dict)
    """The people who become active on a day ahead, with that day."""


class PeopleJudge:
    """The rows of one file against everybody who is here."""

    def __init__(
        self, directory: Directory, teams: TeamIndex, meant: Meant, verdicts: Verdicts, given: Circumstances
    ) -> None:
        self.directory = directory
        self.teams = teams
        self.meant = meant
        self.verdicts = verdicts
        self.managers = Managers(directory, meant, verdicts, unknown_at_top=given.unknown_at_top)
        self.starts: dict[str, date | None] = {}
        """When people become active who are not yet; None for those who no longer wait for it."""
        self.given = given
        self._needs: dict[int, list[int]] = {}
        self._wanted: dict[str, str | None] = {}

    def judge(self) -> list[PersonStep]:
        """The steps of the rows that hold today and can be applied."""
        steps = [step for row, person_id in self.meant.present if (step := self._step(row, person_id))]
        for row, person_id, _ in self.meant.ahead:
            self._check_ahead(row, person_id)
        self._await_first_days()
        self._check_emails(steps)
        self._reject_loops(steps)
        return [step for step in steps if self.verdicts.stands(step.line)]

    def name(self, person_id: str) -> str:
        """What somebody is called who is here, else what the file calls them."""
        present = self.directory.people.get(person_id)
        return present.display_name if present else self._new_names[person_id]

    @cached_property
    def _new_names(self) -> dict[str, str]:
        rows = (*self.meant.present, *((row, person_id) for row, person_id, _ in self.meant.ahead))
        called = {person_id: row.cells.get("display_name") for row, person_id in rows}
        return {one: called.get(one) or f"line {line}" for one, line in self.meant.new_lines.items()}

    def _step(self, row: Row, person_id: str) -> PersonStep | None:
        read, rejected = read_person(row)
        self.verdicts.add(rejected)
        if read is None:
            return None
        present = self.directory.people.get(person_id)
        self._place_teams(row, read, present)
        self._place_manager(row, read, person_id)
        self._place_activity(read.values, person_id, present)
        step = PersonStep(row.line, person_id, present, differences(present, read.values))
        self._check_whole(row, step)
        return step

    def _place_teams(self, row: Row, read: PersonRow, present: PersonState | None) -> None:
        if read.teams is None:
            return
        found = {name: self.teams.find(name, present.team_ids if present else []) for name in read.teams}
        wrong = [
            Rejection(row.line, "teams", shortened(name), one)
            for name, one in found.items()
            if not isinstance(one, str)
        ]
        self.verdicts.add(wrong)
        read.values["team_ids"] = sorted({one for one in found.values() if isinstance(one, str)})

    def _place_manager(self, row: Row, read: PersonRow, person_id: str) -> None:
        if read.manager is None:
            return
        manager_id = self.managers.of(row, person_id, read.manager)
        read.values["manager_id"] = self._wanted[person_id] = manager_id
        if manager_id in self.meant.new_lines:
            self._needs.setdefault(row.line, []).append(self.meant.new_lines[manager_id])

    def _place_activity(self, values: dict[str, Any], person_id: str, present: PersonState | None) -> None:
        start, end = (values.get(day, getattr(present, day, None)) for day in ("start_date", "end_date"))
        if present is None and (first := self.meant.first_days.get(person_id)):
            start = max(start or first, first)
        awaited = person_id in self.given.awaited
        now = present.active if present else None
        found = activity(values.pop("active", None), now, awaited, start, end, self.given.today)
        if found.active is not None:
            values["active"] = found.active
        if found.awaited or awaited:
            self.starts[person_id] = start if found.awaited else None

    def _check_whole(self, row: Row, step: PersonStep) -> None:
        """What is wrong with the values that change, alone and together with what is here already."""
        changes = step.changes
        if not changes:
            return
        self.verdicts.add(check_person(row, changes))
        for name in ("email", "display_name"):
            if step.present is None and name not in changes:
                reason = "This person is not known yet, and a new one needs this column."
                self.verdicts.reject(row.line, name, None, reason, "Fill it, or mend the external id.")
        end = step.get("end_date")
        if {"start_date", "end_date"} & changes.keys() and (wrong := dates_wrong(step.get("start_date"), end)):
            self.verdicts.add([Rejection(row.line, "end_date", str(end), wrong)])
        if not self.given.may_give_roles:
            self._check_privileges(row.line, step.present, changes)

    def _check_privileges(self, line: int, present: PersonState | None, changes: Mapping[str, Any]) -> None:
        remedy = "Leave the column out, or let an admin import the file."
        if "roles" in changes and (present or changes["roles"] != ["employee"]):
            value = "|".join(changes["roles"])
            self.verdicts.reject(line, "roles", value, "Only an admin gives and takes roles.", remedy)
        if present and "admin" in present.roles and "email" in changes:
            reason = "This is an admin, who signs in by this address; only an admin changes it."
            self.verdicts.reject(line, "email", changes["email"], reason, remedy)

    def _check_ahead(self, row: Row, person_id: str) -> None:
        """What is wrong with a row whatever the day; managers, teams and addresses are looked up when it comes."""
        read, rejected = read_person(row)
        self.verdicts.add(rejected)
        new_line = self.meant.new_lines.get(person_id, row.line)
        if new_line != row.line:
            self._needs.setdefault(row.line, []).append(new_line)
        elif read is not None and person_id in self.directory.people:
            present = self.directory.people[person_id]
            changes = differences(present, read.values)
            self.verdicts.add(check_person(row, changes))
            if not self.given.may_give_roles:
                self._check_privileges(row.line, present, changes)

    def _await_first_days(self) -> None:
        """People who wait for their first day, and of whom the file says only what will hold later."""
        for person_id, first in self.meant.first_days.items():
            present = self.directory.people.get(person_id)
            if present and not present.active and person_id in self.given.awaited:
                self.starts[person_id] = max(present.start_date or first, first)

    def _check_emails(self, steps: Iterable[PersonStep]) -> None:
        """An address that belongs to another must be given up by a row of the same file."""
        by_id: dict[str, PersonStep] = {}
        for step in steps:
            email = step.changes.get("email")
            holder_id = self.directory.by_email.get(folded(email)) if email else None
            if holder_id is None or holder_id == step.id:
                continue
            by_id = by_id or {one.id: one for one in steps}
            self._check_given_up(step, by_id.get(holder_id), self.directory.people[holder_id])

    def _check_given_up(self, step: PersonStep, giving_up: PersonStep | None, holder: PersonState) -> None:
        if giving_up and folded(giving_up.get("email") or "") != folded(holder.email):
            self._needs.setdefault(step.line, []).append(giving_up.line)
            return
        known_by = f"external id {holder.external_id}" if holder.external_id else f"id {holder.id}"
        reason = f"This address belongs to {holder.display_name} ({known_by})."
        remedy = "Mend the address or the external id; a second post of one person is no row of its own."
        self.verdicts.reject(step.line, "email", step.changes["email"], reason, remedy)

    def _reject_loops(self, steps: list[PersonStep]) -> None:
        lines = {step.id: step.line for step in steps}
        # Rows that leave every manager as they are cannot close a loop.
        moves = any("manager_id" in step.changes for step in steps)
        wanted = {one: upper for one, upper in self._wanted.items() if one in lines} if moves else {}
        names = {step.id: step.get("display_name") for step in steps} if moves else {}
        now = self.directory.above() if moves else {}

        def name(person_id: str) -> str:
            return names.get(person_id) or self.directory.people[person_id].display_name

        reject_loops(self.verdicts, lines, wanted, now, self._needs, name, "manager_external_id")
