"""Tables for people to open: no text in them is ever a formula or a link.

Text that a spreadsheet would calculate gets one apostrophe in front, which `unguarded` takes off; numbers stay
numbers.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

Value = str | int | Decimal | date | bool | None
_GUARDED = re.compile(r"^'*[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - spreadsheets take the full-width signs too
_BOM = b"\xef\xbb\xbf"


def guarded(cell: str) -> str:
    """Text that no spreadsheet takes for a formula: one apostrophe before what would begin one."""
    return "'" + cell if _GUARDED.match(cell) else cell


def unguarded(cell: str) -> str:
    """Exactly what `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[Value]], *, bom: bool = False, separator: str = ","
) -> bytes:
    """A CSV file in UTF-8; `bom` for spreadsheets that take anything else for a local encoding."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator)
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return (_BOM if bom else b"") + buffer.getvalue().encode()


def _cell(value: Value) -> str:
    if isinstance(value, str):
        return guarded(value)
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def write_xlsx(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> bytes:
    """A workbook of named sheets, each with a header and rows; dates are written as text.

    Raises ValueError for what no sheet can hold: cells of more than 32,767 characters, a million rows.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        for name, header, rows in sheets:
            sheet = book.add_worksheet(name)
            for line, row in enumerate([header, *rows]):
                for column, value in enumerate(row):
                    _write(sheet, line, column, value)
    return buffer.getvalue()


def _write(sheet: Any, line: int, column: int, value: Value) -> None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        outcome = sheet.write_number(line, column, value)
    else:
        outcome = 0 if value is None else sheet.write_string(line, column, _cell(value))
    if outcome:
        raise ValueError(f"Row {line + 1}, column {column + 1} does not fit into a sheet.")
