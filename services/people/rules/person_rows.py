"""What one row of a people file asks for. A column that is absent asks for nothing; an empty cell clears its field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.people.rules import cells
from services.people.rules.fields import PERSON_CHECKS, canonical_roles, dates_wrong, roles_wrong, wrongs
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
    "manager_name": cells.as_text,
    "teams": cells.as_list,
    "roles": _as_roles,
    "time_zone": cells.as_text,
    "locale": cells.as_text,
    "active": cells.as_yes_no,
    "start_date": cells.as_date,
    "end_date": cells.as_date,
    "effective_date": cells.as_date,
}
EMPTY: Mapping[str, Any] = {
    "email": None,
    "display_name": None,
    "given_name": None,
    "family_name": None,
    "title": None,
    "manager_external_id": None,
    "manager_email": None,
    "manager_name": None,
    "teams": [],
    "roles": canonical_roles([]),
    "time_zone": "UTC",
    "locale": "en",
    "start_date": None,
    "end_date": None,
}
"""What an empty cell means. Not named: an empty `external_id`, `active` or `effective_date` changes nothing."""
LAYOUT = Layout(columns=tuple(READERS), keys=("external_id", "email"))
MANAGER_COLUMNS = ("manager_external_id", "manager_email", "manager_name")


@dataclass(slots=True)
class PersonRow:
    """What a row says, its values not checked yet."""

    values: dict[str, Any]
    """Of Person's own fields those the row sets, teams and manager apart."""
    manager: Mapping[str, str | None] | None
    """The manager, by each of `MANAGER_COLUMNS` the row has; None where it says nothing of managers."""
    teams: list[str] | None
    """Team names or external ids; None where the row says nothing of teams."""
    effective_date: date | None
    """The day the row holds from; None: it holds."""


def read_person(row: Row) -> tuple[PersonRow | None, list[Rejection]]:
    """A row as it reads, or None with the cells that cannot be read."""
    values, rejected = cells.read_cells(row, READERS, EMPTY)
    if rejected:
        return None, rejected
    manager = {column: values.pop(column) for column in MANAGER_COLUMNS if column in values}
    return PersonRow(values, manager or None, values.pop("teams", None), values.pop("effective_date", None)), []


def names_nobody(row: Row) -> bool:
    return not (row.cells.get("external_id") or row.cells.get("email"))


def check_person(row: Row, values: Mapping[str, Any]) -> list[Rejection]:
    """What is wrong with these values of a row."""
    checked = wrongs(values, PERSON_CHECKS)
    return [Rejection(row.line, name, shortened(row.cells[name]), wrong) for name, wrong in checked.items()]


def means_leaver(row: Row, today: date) -> bool:
    """Whether the row is about somebody who has left; cells that contradict each other say nothing."""
    if cells.as_yes_no(row.cells.get("active", "")) is False:
        return True
    start, end = _day(row, "start_date"), _day(row, "end_date")
    return end is not None and end < today and not dates_wrong(start, end)


def lets_go(row: Row) -> bool:
    """Whether the row says that the person leaves, or on which day."""
    return cells.as_yes_no(row.cells.get("active", "")) is False or bool(row.cells.get("end_date"))


def holds_from(row: Row) -> date | None:
    """The day the row holds from; None where it has none that can be read."""
    return _day(row, "effective_date")


def _day(row: Row, column: str) -> date | None:
    cell = row.cells.get(column)
    day = cells.as_date(cell) if cell else None
    return day if isinstance(day, date) else None
