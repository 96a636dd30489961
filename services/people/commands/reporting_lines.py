"""Who a row names as manager: by external id or e-mail, else by a full name that only one person bears."""

from collections.abc import Mapping
from functools import cached_property

from services.people.commands.directory import Directory
from services.people.commands.people_matching import Meant
from services.people.commands.verdicts import Verdicts
from services.people.rules.fields import folded
from services.people.rules.guarding import named
from services.people.rules.names import asked_for, full_names
from services.people.rules.table import Row

ADD_OR_MEND = "Add them to the file, mend or empty the cell, or take such people without one (unknown_managers=top)."


class Managers:
    """Looks managers up in a file and among the people who are here; tells verdicts what cannot be."""

    def __init__(self, directory: Directory, meant: Meant, verdicts: Verdicts, *, unknown_at_top: bool) -> None:
        self.unknown: dict[int, str] = {}
        """By line, whom it names that nobody knows, where that leaves the row without a manager."""
        self._directory = directory
        self._meant = meant
        self._verdicts = verdicts
        self._unknown_at_top = unknown_at_top

    def of(self, row: Row, person_id: str, given: Mapping[str, str | None]) -> str | None:
        """The id of the manager named by these cells; None for none, and where verdicts heard why not."""
        number, email, name = (given.get(f"manager_{key}") for key in ("external_id", "email", "name"))
        by_number = number and self._found(row, "manager_external_id", number, self._by_number(number))
        by_email = email and self._found(row, "manager_email", email, self._by_email(email))
        if by_number and by_email and by_number != by_email:
            reason = "manager_external_id and manager_email name different people."
            self._verdicts.reject(row.line, "manager_email", email, reason, "Mend one of them or leave it empty.")
        manager_id = by_number or by_email or None
        if name and (number or email):
            self._check_name(row, name, manager_id)
        elif name:
            manager_id = self._named(row, name)
        if manager_id == person_id:
            column, cell = next((column, cell) for column, cell in given.items() if cell)
            remedy = "Leave it empty for whoever stands at the top."
            self._verdicts.reject_loop(row.line, column, cell, "Nobody can be their own manager.", remedy)
        return manager_id

    def _by_number(self, number: str) -> str | None:
        return self._meant.by_external.get(number) or self._directory.by_external.get(number)

    def _by_email(self, email: str) -> str | None:
        key = folded(email)
        return self._meant.by_email.get(key) or self._directory.by_email.get(key)

    def _found(self, row: Row, column: str, cell: str, manager_id: str | None) -> str | None:
        if manager_id is None and self._unknown_at_top:
            self.unknown[row.line] = cell
        elif manager_id is None:
            reason = "Nobody is known by this, here or in the file."
            self._verdicts.reject(row.line, column, cell, reason, ADD_OR_MEND)
        return manager_id

    def _named(self, row: Row, name: str) -> str | None:
        found = self._bearing(name)
        if len(found) > 1:
            told = named([self._told(one) for one in found])
            remedy = "Name the manager by manager_external_id or manager_email."
            self._verdicts.reject(row.line, "manager_name", name, f"Several people bear this name: {told}.", remedy)
            return None
        return self._found(row, "manager_name", name, found[0] if found else None)

    def _check_name(self, row: Row, name: str, manager_id: str | None) -> None:
        """Id and address win over a name, which may be a nickname; not where it is the name of somebody else."""
        bearing = self._bearing(name)
        if manager_id and bearing and manager_id not in bearing:
            reason = f"This is the name of {named([self._told(one) for one in bearing])}, whom the other columns deny."
            self._verdicts.reject(row.line, "manager_name", name, reason, "Mend one of them or leave it empty.")

    def _bearing(self, name: str) -> list[str]:
        return next((found for key in asked_for(name) if (found := self._ids_by_name.get(key))), [])

    @cached_property
    def _rows(self) -> dict[str, Row]:
        return {person_id: row for row, person_id in self._meant.present}

    @cached_property
    def _ids_by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        people = self._directory.people
        stayers = [one for one, state in people.items() if state.active and one not in self._rows]
        for person_id in (*self._rows, *stayers):
            names = (self._field(person_id, field) for field in ("display_name", "given_name", "family_name"))
            for key in full_names(*names):
                found.setdefault(key, []).append(person_id)
        return found

    def _field(self, person_id: str, field: str) -> str | None:
        """As the file says it, else as it is."""
        row = self._rows.get(person_id)
        if row is not None and field in row.cells:
            return row.cells[field]
        return getattr(self._directory.people.get(person_id), field, None)

    def _told(self, person_id: str) -> str:
        keys = [self._field(person_id, field) for field in ("external_id", "email")]
        return f"{self._field(person_id, 'display_name')} ({', '.join(key for key in keys if key)})"
