"""How the cells of a file are read: what a date, a yes or no, and a list look like, and what an empty cell means."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.people.rules.table import Row
from services.people.rules.wrong import Rejection, Wrong, shortened

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Reader = Callable[[str], Any]
"""Makes a value of a cell that is not empty; a Wrong where that cannot be done."""


def as_text(cell: str) -> str:
    return cell


def as_date(cell: str) -> date | Wrong:
    remedy = "Write year-month-day, such as 2026-03-31."
    if not _DATE.fullmatch(cell):
        return Wrong("This is no date.", remedy)
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return Wrong("There is no such day.", remedy)


def as_yes_no(cell: str) -> bool | Wrong:
    found = _YES_NO.get(cell.lower())
    return Wrong("This is neither true nor false.", "Write true or false.") if found is None else found


def as_list(cell: str) -> list[str]:
    """Entries separated by `|`, each once."""
    return list(dict.fromkeys(entry for part in cell.split("|") if (entry := part.strip())))


def read_cells(
    row: Row, readers: Mapping[str, Reader], empty: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Rejection]]:
    """The values of a row's cells, and what could not be read.

    An empty cell becomes what `empty` names for its column; a column `empty` does not name stays as it is.
    """
    values: dict[str, Any] = {}
    rejected = []
    for column, cell in row.cells.items():
        if not cell:
            if column in empty:
                values[column] = empty[column]
            continue
        value = readers[column](cell)
        if isinstance(value, Wrong):
            rejected.append(Rejection(row.line, column, shortened(cell), value))
        else:
            values[column] = value
    return values, rejected
