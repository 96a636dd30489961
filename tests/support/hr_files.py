"""HR files for tests: written in any separator and encoding, and read again by the recognition of layouts."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.files.columns import ColumnMap
from services.people.layouts import Asked, Understood, understand

FILES = {
    "successfactors": "sap_successfactors_user_data_file.csv",
    "culture-amp": "culture_amp_employee_import.csv",
    "lattice": "lattice_people_sftp.csv",
    "15five": "15five_bulk_import.csv",
    "peopleforce": "peopleforce_employee_import.csv",
    "tomhrm": "tomhrm_employee_import.csv",
    "orangehrm": "orangehrm_importData.csv",
}
"""The same organisation as each of these systems writes it."""


def csv_file(*rows: Sequence[str], separator: str = ",", encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator).writerows(rows)
    return buffer.getvalue().encode(encoding)


def read(data: bytes, columns: str = "", **asked: Any) -> Understood:
    """What is understood of a file; `columns` is a column map as it is typed."""
    return understand(data, Asked(columns=ColumnMap.parse(columns) if columns else None, **asked))


def cells(understood: Understood, *columns: str) -> list[tuple[str | None, ...]]:
    """The cells of some of our columns, row by row."""
    return [tuple(row.cells.get(column) for column in columns) for row in understood.table.rows]


def people(understood: Understood) -> list[Mapping[str, str]]:
    return [row.cells for row in understood.table.rows]


def reasons(understood: Understood) -> list[tuple[int, str | None, str]]:
    """Every rejected row: its line, the column and the reason."""
    return [(one.row, one.column, one.wrong.reason) for one in understood.table.rejected]


def sources(understood: Understood) -> dict[str, tuple[str, ...]]:
    """The headers each of our columns is read from."""
    return {one.column: one.headers for one in understood.recognised.sources}


def unread(understood: Understood) -> dict[str, str]:
    """Why each header is not read."""
    return {one.header: one.why for one in understood.recognised.unread}


def reporting_lines(rows: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Who reports to whom, both by address, however the file names managers."""
    rows = list(rows)
    by_id = {row["external_id"]: row["email"] for row in rows if "external_id" in row}
    by_name = {row["display_name"]: row["email"] for row in rows}
    found = {}
    for row in rows:
        above = by_id.get(row.get("manager_external_id", "")) or by_name.get(row.get("manager_name", ""))
        above = above or row.get("manager_email")
        if above:
            found[row["email"]] = above
    return found
