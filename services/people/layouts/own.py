"""Files in Cairn's own layout, read strictly: a column that is not known is refused, in case one is misspelt."""

from collections.abc import Iterator, Sequence

from chassis.files import Book, Sheet
from services.people.layouts.heading import refused
from services.people.layouts.presets import OWN
from services.people.layouts.understood import Asked, Found, Recognition, Source
from services.people.layouts.values import FORMULA, clean
from services.people.rules.person_rows import LAYOUT
from services.people.rules.table import Table, of_records, read_json
from services.people.rules.wrong import Rejection, shortened

_TELLING = frozenset({"external_id", "display_name", "manager_external_id"})
_LABEL = "Cairn's own layout"


def is_own(book: Book, asked: Asked) -> bool:
    """Whether most columns have exactly our names, and one that others do not use; or all have.

    A file with a column map is not taken for one unless that is asked.
    """
    if asked.preset is not None or asked.columns is not None:
        return asked.preset == OWN
    names = {clean(name) for name in _header(_sheet(book, asked)) if name}
    ours = names.intersection(LAYOUT.columns)
    return bool(ours) and (ours == names or (len(ours) * 2 > len(names) and bool(ours & _TELLING)))


def _sheet(book: Book, asked: Asked) -> Sheet | None:
    return next((sheet for sheet in book.sheets if sheet.records and asked.sheet in (None, sheet.name)), None)


def _header(sheet: Sheet | None) -> Sequence[str]:
    return sheet.records[0].cells if sheet else ()


def read(book: Book, asked: Asked) -> Found:
    """Raises Unreadable for unknown, repeated and missing columns."""
    sheet = _sheet(book, asked)
    if book.form == "json":
        table = read_json(book.documents[""], LAYOUT, asked.ignore)
    elif sheet is None:
        raise refused("The file is empty.", f"Begin it with a header such as {','.join(LAYOUT.columns[:3])}.")
    else:
        table = _without_formulas(of_records(_records(sheet, book.form), LAYOUT, asked.ignore))
    names = [clean(name) for name in _header(sheet)]
    sources = tuple(Source(name, (name,), "own") for name in names if name and name not in asked.ignore)
    lines = () if book.form == "json" or sheet is None else (sheet.records[0].number,)
    recognition = Recognition(OWN, _LABEL, sheet.name if sheet else "", lines, sources, remarks=book.remarks)
    return Found(sheet, 0, table, recognition)


def _records(sheet: Sheet, form: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Records with their lines; in a workbook empty cells at the end of a row may be missing, or too many."""
    width = max((place for place, name in enumerate(_header(sheet), 1) if name), default=0)
    for record in sheet.records:
        cells = [clean(cell) for cell in record.cells]
        if form == "xlsx":
            cells += [""] * (width - len(cells))
            cells = cells if any(cells[width:]) else cells[:width]
        yield record.number, cells


def _without_formulas(table: Table) -> Table:
    formulas = [(row, name, cell) for row in table.rows for name, cell in row.cells.items() if cell.startswith("=")]
    if not formulas:
        return table
    wrong = {row.line for row, _, _ in formulas}
    rejected = [Rejection(row.line, name, shortened(cell), FORMULA) for row, name, cell in formulas]
    return Table([row for row in table.rows if row.line not in wrong], [*table.rejected, *rejected])
