"""What one row of a people file asks for. A column that is absent asks for nothing; an empty cell clears its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.people.rules import cells
from services.people.rules.fields import PERSON_CHECKS, canonical_roles, roles_wrong, wrongs
from services.people.rules.table import Layout, Row
from services.people.rules.wrong import Rejection, Wrong, shortened


def _as_roles(cell: str) -> list[str] | Wrong:
    roles = cells.as_list(cell.lower())
    return roles_wrong(roles) or canonical_roles(roles)


READERS: Mapping[str, cells.Reader] = {
    "external_id": cells.as_text,
    "email": cells.as_text,
    "display_name": cells.as_text,
    "given_name": cells.as_text,
    "family_name": cells.as_text,
    "title": cells.as_text,
    "manager_external_id": cells.as_text,
    "manager_email": cells.as_text,
    "teams": cells.as_list,
    "roles": _as_roles,
    "time_zone": cells.as_text,
    "locale": cells.as_text,
    "active": cells.as_yes_no,
    "start_date": cells.as_date,
    "end_date": cells.as_date,
}
EMPTY: Mapping[str, Any] = {
    "email": None,
    "display_name": None,
    "given_name": None,
    "family_name": None,
    "title": None,
    "manager_external_id": None,
    "manager_email": None,
    "teams": [],
    "roles": canonical_roles([]),
    "time_zone": "UTC",
    "locale": "en",
    "start_date": None,
    "end_date": None,
}
"""What an empty cell means. Not named: an empty `external_id` or `active` changes nothing."""
LAYOUT = Layout(columns=tuple(READERS), keys=("external_id", "email"))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """`values` are those of Person's own fields that the row sets."""

    line: int
    values: Mapping[str, Any]
    sets_manager: bool
    manager_external_id: str | None
    manager_email: str | None
    teams: list[str] | None
    """Team names or external ids; None where the row says nothing of teams."""

    @property
    def external_id(self) -> str | None:
        return self.values.get("external_id")

    @property
    def email(self) -> str | None:
        return self.values.get("email")


def read_person(row: Row) -> tuple[PersonRow | None, list[Rejection]]:
    """A row understood, or None with what is wrong in it."""
    if not (row.cells.get("external_id") or row.cells.get("email")):
        return None, [Rejection(row.line, None, None, Wrong("The row names nobody.", "Fill external_id or email."))]
    values, rejected = cells.read_cells(row, READERS, EMPTY)
    checked = wrongs(values, PERSON_CHECKS)
    rejected += [Rejection(row.line, name, shortened(row.cells[name]), wrong) for name, wrong in checked.items()]
    if rejected:
        return None, rejected
    sets_manager = "manager_external_id" in values or "manager_email" in values
    manager = values.pop("manager_external_id", None), values.pop("manager_email", None)
    teams = values.pop("teams", None)
    return PersonRow(row.line, values, sets_manager, *manager, teams), []
