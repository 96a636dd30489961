"""Judging a people file: whom each row means, and everything that can be wrong with it, before anything changes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from chassis import access
from chassis.ids import new_id
from chassis.unit import Unit
from services.people.commands.filing import Step, Verdicts, reject_loops
from services.people.commands.team_index import TeamIndex
from services.people.models import Person
from services.people.rules.fields import dates_wrong, folded
from services.people.rules.matching import lines_by_key
from services.people.rules.person_rows import PersonRow, read_person
from services.people.rules.table import Row, Table
from services.people.rules.wrong import Rejection, shortened

PersonStep = Step[Person]


class PeopleJudge:
    """One file against everybody who is here. After `judge`, `verdicts` holds what is wrong."""

    def __init__(self, unit: Unit, table: Table) -> None:
        self.table = table
        self.verdicts = Verdicts(table.rejected)
        everyone = unit.session.execute(select(Person).with_for_update(of=Person)).scalars().all()
        self.people = {person.id: person for person in everyone}
        self.by_email = {person.email_key: person for person in everyone}
        self.teams = TeamIndex(unit.session)
        self.new_lines: dict[str, int] = {}
        """Where the file names somebody new, by the id they would get."""
        self._by_external = {person.external_id: person for person in everyone if person.external_id}
        self._ids_by_external = {key: person.id for key, person in self._by_external.items()}
        self._ids_by_email = {key: person.id for key, person in self.by_email.items()}
        self._may_give_roles = access.allowed(unit.actor, "role.write")

    def judge(self) -> list[PersonStep]:
        """The steps of the rows that can be applied."""
        matched = {row.line: self._matched(row) for row in self.table.rows}
        self._reject_twice(matched.values())
        understood = list(self._understood(matched))
        for step, row in understood:
            step.values.update(row.values)
            self._place_teams(step, row)
            self._place_manager(step, row)
            self._check_whole(step)
        steps = [step for step, _ in understood]
        self._check_emails(steps)
        self._reject_loops(steps)
        return [step for step in steps if self.verdicts.stands(step)]

    def _matched(self, row: Row) -> PersonStep:
        external_id, email = row.cells.get("external_id"), row.cells.get("email")
        person = self._by_external.get(external_id) if external_id else None
        if person is None and email:
            candidate = self.by_email.get(folded(email))
            if candidate and (not external_id or candidate.external_id is None):
                person = candidate
        step = Step(row.line, person.id if person else new_id(), person)
        if person is None:
            self.new_lines[step.id] = row.line
        if external_id:
            self._ids_by_external[external_id] = step.id
        if email:
            self._ids_by_email[folded(email)] = step.id
        return step

    def _reject_twice(self, steps: Iterable[PersonStep]) -> None:
        rows = self.table.rows
        told: set[int] = set()
        for column, keys in (
            ("external_id", [(row.line, row.cells.get("external_id") or None) for row in rows]),
            ("email", [(row.line, folded(row.cells.get("email", "")) or None) for row in rows]),
            (None, [(step.line, step.id) for step in steps]),
        ):
            for key, lines in lines_by_key(keys).items():
                reason = f"Lines {', '.join(str(line) for line in lines[:10])} mean the same person."
                for line in lines:
                    if line not in told:
                        self.verdicts.reject(line, column, key if column else None, reason, "Keep one row a person.")
                told.update(lines)

    def _understood(self, steps: Mapping[int, PersonStep]) -> Iterator[tuple[PersonStep, PersonRow]]:
        for row in self.table.rows:
            read, rejected = read_person(row)
            self.verdicts.add(rejected)
            if read is not None:
                yield steps[row.line], read

    def _place_teams(self, step: PersonStep, row: PersonRow) -> None:
        if row.teams is None:
            return
        present = step.present.team_ids if step.present else []
        found = {name: self.teams.find(name, present) for name in row.teams}
        wrong = [
            Rejection(step.line, "teams", shortened(name), one)
            for name, one in found.items()
            if not isinstance(one, str)
        ]
        self.verdicts.add(wrong)
        step.values["team_ids"] = sorted({one for one in found.values() if isinstance(one, str)})

    def _place_manager(self, step: PersonStep, row: PersonRow) -> None:
        if not row.sets_manager:
            return
        number, email = row.manager_external_id, row.manager_email
        by_number = self._manager(step, "manager_external_id", number, self._ids_by_external.get(number or ""))
        by_email = self._manager(step, "manager_email", email, self._ids_by_email.get(folded(email or "")))
        if by_number and by_email and by_number != by_email:
            reason = "manager_external_id and manager_email name different people."
            self.verdicts.reject(step.line, "manager_email", email, reason, "Mend one of them or leave it empty.")
        manager_id = by_number or by_email
        step.values["manager_id"] = manager_id
        if manager_id in self.new_lines:
            step.needs.add(self.new_lines[manager_id])

    def _manager(self, step: PersonStep, column: str, given: str | None, manager_id: str | None) -> str | None:
        if not given:
            return None
        if manager_id is None:
            remedy = "Add them to the file, or mend or empty the cell."
            self.verdicts.reject(step.line, column, given, "Nobody is known by this, here or in the file.", remedy)
        if manager_id == step.id:
            remedy = "Leave it empty for whoever stands at the top."
            self.verdicts.reject(step.line, column, given, "Nobody can be their own manager.", remedy)
        return manager_id

    def _check_whole(self, step: PersonStep) -> None:
        """What is wrong with the row as a whole, seen with what is here already."""
        person, changed = step.present, step.differences()
        for name in ("email", "display_name"):
            if person is None and name not in step.values:
                reason = "This person is not known yet, and a new one needs this column."
                self.verdicts.reject(step.line, name, None, reason, "Fill it, or mend the external id.")
        start = step.values.get("start_date", person and person.start_date)
        end = step.values.get("end_date", person and person.end_date)
        if {"start_date", "end_date"} & set(changed) and (wrong := dates_wrong(start, end)):
            self.verdicts.add([Rejection(step.line, "end_date", str(end), wrong)])
        if not self._may_give_roles:
            self._check_privileges(step, changed)

    def _check_privileges(self, step: PersonStep, changed: Mapping[str, Any]) -> None:
        remedy = "Leave the column out, or let an admin import the file."
        if "roles" in changed and (step.present or changed["roles"] != ["employee"]):
            value = "|".join(changed["roles"])
            self.verdicts.reject(step.line, "roles", value, "Only an admin gives and takes roles.", remedy)
        if step.present and "admin" in step.present.roles and "email" in changed:
            reason = "This is an admin, who signs in by this address; only an admin changes it."
            self.verdicts.reject(step.line, "email", changed["email"], reason, remedy)

    def _check_emails(self, steps: Iterable[PersonStep]) -> None:
        """An address that belongs to another must be given up by a row of the same file."""
        by_id = {step.id: step for step in steps}
        for step in by_id.values():
            email = step.values.get("email")
            holder = self.by_email.get(folded(email)) if email else None
            if holder is None or holder.id == step.id:
                continue
            giving_up = by_id.get(holder.id)
            if giving_up and folded(giving_up.values.get("email", holder.email)) != holder.email_key:
                step.needs.add(giving_up.line)
            else:
                known_by = f"external id {holder.external_id}" if holder.external_id else f"id {holder.id}"
                reason = f"This address belongs to {holder.display_name} ({known_by})."
                remedy = "Mend the address or the external id; a second post of one person is no row of its own."
                self.verdicts.reject(step.line, "email", email, reason, remedy)

    def _reject_loops(self, steps: list[PersonStep]) -> None:
        now = {person.id: person.manager_id for person in self.people.values()}
        names = {person.id: person.display_name for person in self.people.values()}
        names |= {step.id: step.values["display_name"] for step in steps if step.values.get("display_name")}
        reject_loops(self.verdicts, steps, now, "manager_id", names)
