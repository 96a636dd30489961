"""Sheets as rows with named cells, and rows as a CSV file."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from cairn.exchange.layouts.values import write_quantity
from chassis.files import Book, Sheet, unguarded, write_csv
from chassis.files.headers import normalised

LOOKED_AT = 10
"""How many records may stand above a header."""


@dataclass(frozen=True)
class Row:
    """The cells of a record by the columns' names as the format writes them, every column of the file among them.

    `rest` are the cells beyond the last named column.
    """

    place: str
    cells: Mapping[str, str]
    rest: Sequence[str] = field(default=())

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    """A sheet whose header was found."""

    columns: tuple[str, ...]
    rows: list[Row]

    def values(self, *columns: str) -> list[str]:
        """What stands in these columns."""
        return [cell for row in self.rows for column in columns if (cell := row[column])]


def table(book: Book, columns: Sequence[str], needed: Iterable[str]) -> Table | None:
    """The first sheet that has all `needed` columns, read by its header; None where there is none.

    Headers are compared as people read them and get the spelling of `columns`; others keep their own.
    """
    spelt = {normalised(column): column for column in columns}
    wanted = {normalised(column) for column in needed}
    for sheet in book.sheets:
        for number, record in enumerate(sheet.records[:LOOKED_AT]):
            if wanted <= {normalised(cell) for cell in record.cells}:
                return _table(sheet, number, _names(record.cells, spelt))
    return None


def _names(cells: Sequence[str], spelt: Mapping[str, str]) -> list[str]:
    """A name for every column up to the last that has one; the second of two equal ones ends with [2]."""
    last = max(place for place, cell in enumerate(cells) if cell)
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells[: last + 1], 1):
        name = spelt.get(normalised(cell), cell[:90]) or f"column {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return names


def _table(sheet: Sheet, header: int, names: Sequence[str]) -> Table:
    where = f"sheet {sheet.name}, row" if sheet.name else "line"
    rows = []
    for record in sheet.records[header + 1 :]:
        cells = [unguarded(cell) for cell in record.cells]
        padded = cells + [""] * (len(names) - len(cells))
        rest = padded[len(names) :]
        rows.append(Row(f"{where} {record.number}", dict(zip(names, padded, strict=False)), rest))
    return Table(tuple(names), rows)


def cells_of(header: Sequence[str], cells: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Place and text of each cell by its header; columns without a header or with one that came before are left out."""
    found: dict[str, tuple[int, str]] = {}
    for place, (name, text) in enumerate(zip(header, cells, strict=False)):
        if name:
            found.setdefault(name[:100].strip(), (place, unguarded(text)))
    return found


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]], unnamed: Collection[str] = ()) -> bytes:
    """A CSV file of these columns, then those only rows have; `unnamed` ones get no header."""
    names = tuple(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    header = ["" if name in unnamed else name for name in names]
    return write_csv(header, [[cell(row.get(name, "")) for name in names] for row in rows])


def cell(text: str) -> str | Decimal:
    """A number that is written in its shortest form stays one: it needs no guard against formulas."""
    try:
        return Decimal(text) if write_quantity(Decimal(text)) == text else text
    except (InvalidOperation, ValueError):
        return text
