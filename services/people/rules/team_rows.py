"""What one row of a teams file asks for; absent columns and empty cells mean the same as in a people file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.people.rules import cells
from services.people.rules.fields import TEAM_CHECKS, wrongs
from services.people.rules.table import Layout, Row
from services.people.rules.wrong import Rejection, Wrong, shortened

READERS: Mapping[str, cells.Reader] = {
    "external_id": cells.as_text,
    "name": cells.as_text,
    "parent_external_id": cells.as_text,
    "lead_external_id": cells.as_text,
    "description": cells.as_text,
    "archived": cells.as_yes_no,
}
EMPTY: Mapping[str, Any] = {
    "name": None,
    "parent_external_id": None,
    "lead_external_id": None,
    "description": None,
}
LAYOUT = Layout(columns=tuple(READERS), keys=("external_id", "name"))


@dataclass(frozen=True, slots=True)
class TeamRow:
    """`values` are those of Team's own fields that the row sets."""

    line: int
    values: Mapping[str, Any]
    sets_parent: bool
    parent: str | None
    sets_lead: bool
    lead: str | None

    @property
    def external_id(self) -> str | None:
        return self.values.get("external_id")

    @property
    def name(self) -> str | None:
        return self.values.get("name")


def read_team(row: Row) -> tuple[TeamRow | None, list[Rejection]]:
    """A row understood, or None with what is wrong in it."""
    if not (row.cells.get("external_id") or row.cells.get("name")):
        return None, [Rejection(row.line, None, None, Wrong("The row names no team.", "Fill external_id or name."))]
    values, rejected = cells.read_cells(row, READERS, EMPTY)
    checked = wrongs(values, TEAM_CHECKS)
    rejected += [Rejection(row.line, name, shortened(row.cells[name]), wrong) for name, wrong in checked.items()]
    if rejected:
        return None, rejected
    sets = "parent_external_id" in values, "lead_external_id" in values
    parent, lead = values.pop("parent_external_id", None), values.pop("lead_external_id", None)
    return TeamRow(row.line, values, sets[0], parent, sets[1], lead), []
