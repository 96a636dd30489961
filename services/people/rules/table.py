"""A file of rows, from bytes: UTF-8 text separated by commas with a header, or a JSON list of flat objects.

What makes the whole file unreadable raises Unreadable; what spoils one row is a rejection of that row. Cells are
text without outer blanks. A row knows the line it begins on, since a quoted cell may hold line breaks.
"""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from services.people.rules.wrong import Rejection, Wrong, shortened

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_AS_UTF8 = "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8) and send it again."


@dataclass(frozen=True, slots=True)
class Row:
    """The cells present, by column: in CSV every column, in JSON those the object names."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that asks for nothing here, such as a vacancy; `reason` is a sentence, `cells` are what is known of it."""

    line: int
    reason: str
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    rows: list[Row]
    rejected: list[Rejection] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns a file may have; a row is recognised by its `keys`, of which a file needs one."""

    columns: tuple[str, ...]
    keys: tuple[str, ...]


class Unreadable(Exception):
    """Nothing of the file can be used; `rejected` says where and why."""

    def __init__(self, *rejected: Rejection) -> None:
        super().__init__("; ".join(f"line {one.row}: {one.wrong}" for one in rejected))
        self.rejected = rejected


def _unreadable(line: int, reason: str, remedy: str) -> Unreadable:
    return Unreadable(Rejection(line, None, None, Wrong(reason, remedy)))


def decoded(data: bytes) -> str:
    """The text of a file, its byte-order mark removed. Raises Unreadable naming byte and line."""
    if data.startswith(_UTF16):
        raise _unreadable(1, "The file is in UTF-16.", _AS_UTF8)
    skipped = len(_BOM) if data.startswith(_BOM) else 0
    try:
        text = data[skipped:].decode("utf-8")
    except UnicodeDecodeError as fault:
        place = skipped + fault.start
        reason = f"Byte {place} of the file (0x{data[place]:02X}) is not UTF-8 text."
        raise _unreadable(data.count(b"\n", 0, place) + 1, reason, _AS_UTF8) from fault
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _unreadable(line, "The file holds NUL bytes; it is no text in UTF-8.", _AS_UTF8)
    return text


def read_csv(data: bytes, layout: Layout, ignored: Collection[str] = ()) -> Table:
    """The rows of a CSV file without the ignored columns.

    Rows with too many or too few cells are rejected, blank ones passed over.
    """
    return of_records(_records(decoded(data)), layout, ignored)


def of_records(records: Iterator[tuple[int, Sequence[str]]], layout: Layout, ignored: Collection[str] = ()) -> Table:
    """The same of records read elsewhere, each with its line, the header first."""
    _, header = next(records, (1, []))
    if not any(cell.strip() for cell in header):
        raise _unreadable(1, "The file is empty.", f"Begin it with a header such as {','.join(layout.columns[:3])}.")
    columns = [cell.strip() for cell in header]
    check_columns([name for name in columns if name not in ignored], layout)
    table = Table([])
    for line, cells in records:
        if len(cells) != len(columns) and any(cells):
            table.rejected.append(Rejection(line, None, None, _miscounted(len(cells), len(columns))))
        elif any(cell.strip() for cell in cells):
            pairs = zip(columns, cells, strict=True)
            table.rows.append(Row(line, {name: cell.strip() for name, cell in pairs if name not in ignored}))
    if not table.rows and not table.rejected:
        raise _unreadable(2, "The file has a header and no rows.", "Add the rows and send it again.")
    return table


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as fault:
        remedy = "Close every quotation mark and double those inside a cell; if the file is cut off, export it again."
        raise _unreadable(line, f"From here on the file is no proper CSV: {fault}.", remedy) from fault


def _miscounted(found: int, wanted: int) -> Wrong:
    remedy = "Quote cells that hold commas; if this is the last row, the file may be cut off."
    return Wrong(f"The row has {found} cells and the header {wanted}.", remedy)


def check_columns(columns: Sequence[str], layout: Layout) -> None:
    """Raise Unreadable unless every column is known, none comes twice, and a key is among them."""
    if len(columns) == 1 and (mark := next((mark for mark in ";\t|" if mark in columns[0]), None)):
        name = "tabs" if mark == "\t" else f"“{mark}”"
        raise _unreadable(1, f"The cells seem to be separated by {name}.", "Separate them by commas.")
    found = [
        Rejection(1, name, shortened(name), _unknown(name, layout)) for name in columns if name not in layout.columns
    ]
    twice = Wrong("This column comes twice.", "Keep one of the two.")
    found += [Rejection(1, name, None, twice) for name, count in Counter(columns).items() if count > 1]
    if not set(layout.keys) & set(columns):
        reason = f"Nothing says whom or what a row means: there is no column {' or '.join(layout.keys)}."
        found.append(Rejection(1, None, None, Wrong(reason, f"Add the column {layout.keys[0]}.")))
    if found:
        raise Unreadable(*found)


def _unknown(name: str, layout: Layout) -> Wrong:
    if not name:
        return Wrong("A column has no name.", "Name it or remove it.")
    alike = get_close_matches(name.lower().replace(" ", "_"), layout.columns, 1, 0.6)
    meant = f"Perhaps {alike[0]} is meant. " if alike else "Remove it or name it in `ignore`. "
    return Wrong("There is no such column.", f"{meant}Known are {', '.join(layout.columns)}.")


def read_json(objects: Any, layout: Layout, ignored: Collection[str] = ()) -> Table:
    """Rows from parsed JSON, the first object as line 1; values are text, true, false, null or lists of text."""
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise _unreadable(1, "This is not a list of rows.", "Send a JSON list of objects with column names as names.")
    if not objects:
        raise _unreadable(1, "The list is empty.", "Send at least one row.")
    objects = [{name: value for name, value in one.items() if name not in ignored} for one in objects]
    check_columns(list(dict.fromkeys(name for one in objects for name in one)), layout)
    table = Table([])
    for line, one in enumerate(objects, start=1):
        cells = {name: _cell(value) for name, value in one.items()}
        strange = [Rejection(line, name, None, wrong) for name, wrong in cells.items() if isinstance(wrong, Wrong)]
        table.rejected.extend(strange)
        if not strange:
            table.rows.append(Row(line, {name: cell for name, cell in cells.items() if isinstance(cell, str)}))
    return table


def _cell(value: Any) -> str | Wrong:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and all(isinstance(one, str) and "|" not in one for one in value):
        return "|".join(value)
    return Wrong("This is neither text, true, false, null nor a list of texts.", 'Put it in quotes, such as "0042".')
