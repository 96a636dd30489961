"""Native files as CSV: a header, one row an item, text cells that no spreadsheet takes for formulas."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from cairn.exchange.layouts.native import Item, Layout, Shape
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, refusal, shortened


def read(content: str, layout: Layout) -> list[Item]:
    """The items of a file. Raises Rejected with everything that is wrong in it."""
    records = _records(content)
    _, header = next(records, (1, []))
    columns = [cell.strip() for cell in header]
    _check_header(columns, layout)
    items: list[Item] = []
    rejections: list[Rejection] = []
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        found = _item(f"line {line}", columns, cells, layout)
        items += [found] if isinstance(found, Item) else []
        rejections += found if isinstance(found, list) else []
    if rejections:
        raise Rejected(rejections)
    if not items:
        raise refusal(
            "line 2", "The file has a header and no rows.", "Add the rows; if there were some, it is cut off."
        )
    return items


def _records(content: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on: a quoted cell may hold line breaks."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as fault:
        remedy = "Close every quotation mark and double those inside a cell; if the file is cut off, export it again."
        raise refusal(f"line {line}", f"From here on this is no proper CSV: {fault}.", remedy) from fault


def _check_header(columns: Sequence[str], layout: Layout) -> None:
    if len(columns) == 1 and (mark := next((mark for mark in ";\t|" if mark in columns[0]), None)):
        name = "tabs" if mark == "\t" else f"“{mark}”"
        raise refusal("line 1", f"The cells seem to be separated by {name}.", "Separate them by commas.")
    found = [
        Rejection("line 1", name or None, _unknown(name, layout)) for name in columns if name not in layout.columns
    ]
    twice = Wrong("This column comes twice.", "Keep one of the two.")
    found += [Rejection("line 1", name, twice) for name, count in Counter(columns).items() if count > 1 and name]
    missing = Wrong("This column is missing.", f"Add it; the columns are {', '.join(layout.columns)}.")
    found += [Rejection("line 1", name, missing) for name in layout.required if name not in columns]
    if found:
        raise Rejected(found)


def _unknown(name: str, layout: Layout) -> Wrong:
    if not name:
        return Wrong("A column has no name.", "Name it or remove it.")
    alike = get_close_matches(name.lower().replace(" ", "_"), layout.columns, 1, 0.6)
    meant = f"Perhaps {alike[0]} is meant." if alike else "Remove it."
    return Wrong(f"There is no column “{shortened(name)}”.", f"{meant} Known are {', '.join(layout.columns)}.")


def _item(place: str, columns: Sequence[str], cells: Sequence[str], layout: Layout) -> Item | list[Rejection]:
    if len(cells) != len(columns):
        remedy = "Quote cells that hold commas; if this is the last row, the file may be cut off."
        wrong = Wrong(f"The row has {len(cells)} cells and the header {len(columns)}.", remedy)
        return [Rejection(place, None, wrong)]
    row = dict(zip(columns, cells, strict=True))
    shape = _shape(row, layout)
    if shape is None:
        words = ", ".join(shape.item for shape in layout.shapes)
        wrong = Wrong(f"There is no item “{shortened(row['item'])}”.", f"Use one of {words}.")
        return [Rejection(place, "item", wrong)]
    return _read_row(place, row, shape)


def _shape(row: dict[str, str], layout: Layout) -> Shape | None:
    if len(layout.shapes) == 1:
        return layout.shapes[0]
    word = row.pop("item", "").strip().lower().replace(" ", "_")
    found = next((shape for shape in layout.shapes if shape.item == word), None)
    if found is None:
        row["item"] = word
    return found


def _read_row(place: str, row: dict[str, str], shape: Shape) -> Item | list[Rejection]:
    values: dict[str, Any] = {}
    rejections = []
    known = shape.by_name
    for name, cell in row.items():
        value = _read_cell(cell, name, shape) if name in known else _foreign(cell, name, shape)
        if isinstance(value, Wrong):
            rejections.append(Rejection(place, name, value))
        elif name in known:
            values[name] = value
    return rejections or Item(shape.item, values, place)


def _read_cell(cell: str, name: str, shape: Shape) -> Any:
    column = shape.by_name[name]
    if cell.strip():
        return column.kind.from_cell(cell)
    if column.required:
        return Wrong("This is empty.", f"Every {shape.item.replace('_', ' ')} needs it; fill it.")
    return column.empty


def _foreign(cell: str, name: str, shape: Shape) -> Wrong | None:
    if not cell.strip():
        return None
    return Wrong(f"A row of kind {shape.item} has no {name}.", "Leave the cell empty, or mend the column item.")


def write(items: Iterable[Item], layout: Layout) -> str:
    """The file that reads as exactly these items, where each has a value for every column of its shape."""
    shapes = {shape.item: shape for shape in layout.shapes}
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, layout.columns, restval="")
    writer.writeheader()
    for item in items:
        marks = {"item": item.kind} if len(layout.shapes) > 1 else {}
        writer.writerow({**marks, **_cells(item, shapes[item.kind])})
    return buffer.getvalue()


def _cells(item: Item, shape: Shape) -> dict[str, str]:
    return {
        column.name: column.kind.to_cell(item[column.name]) for column in shape.columns if item[column.name] is not None
    }
