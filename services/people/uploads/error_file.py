"""The rows that were not taken, as they were sent, with the error in one more column: to be mended and sent again."""

from collections.abc import Iterable, Mapping, Sequence

from chassis.files import write_csv, write_xlsx
from services.people.commands.filing import Outcome
from services.people.rules.wrong import Rejection
from services.people.uploads.understanding import ERROR, Reading

CSV, XLSX = "csv", "xlsx"


def written(reading: Reading, outcomes: Iterable[Outcome]) -> bytes | None:
    """The file, in the form and with the separator of the one sent; None where every row was taken."""
    wrong = {one.row: one.wrong for one in outcomes if one.what == "rejected"}
    rows = [_row(cells, wrong[line], reading) for line, cells in reading.cells.items() if line in wrong]
    if not rows:
        return None
    header = [*reading.header, ERROR]
    if form(reading) == XLSX:
        return write_xlsx([("Errors", header, rows)])
    return write_csv(header, rows, separator=reading.separator)


def form(reading: Reading) -> str:
    """A workbook for a workbook, CSV for everything else."""
    return XLSX if reading.form == XLSX else CSV


def _row(cells: Sequence[str], wrong: Sequence[Rejection], reading: Reading) -> list[str]:
    """A row with its error. One that is wrong as a whole is not filled up: it might be for want of cells, and then it
    would be taken with empty ones when it is sent again."""
    missing = len(reading.header) - len(cells)
    filled = [] if any(one.column is None for one in wrong) else [""] * missing
    return [*cells, *filled, _told(wrong, reading.headers)]


def _told(wrong: Iterable[Rejection], headers: Mapping[str, str]) -> str:
    """What is wrong with a row, by the headers of the file."""
    named = ((headers.get(one.column or "", one.column), one.wrong) for one in wrong)
    return " ".join(f"{column}: {each}" if column else str(each) for column, each in named)
