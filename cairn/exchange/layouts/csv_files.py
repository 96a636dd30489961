"""Native files as CSV: a header, one row an item, text cells that no spreadsheet takes for formulas.

Attributes have a column each, `attribute:` and the name; an item without one has an empty cell there.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from cairn.exchange.layouts.native import ATTRIBUTE, ATTRIBUTES_COLUMN, Item, Layout, Shape
from cairn.exchange.layouts.values import ATTRIBUTE_TEXT, attribute_name
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
        Rejection("line 1", name or None, wrong)
        for name in columns
        if (wrong := _wrong_column(name, layout)) is not None
    ]
    twice = Wrong("This column comes twice.", "Keep one of the two.")
    found += [Rejection("line 1", name, twice) for name, count in Counter(columns).items() if count > 1 and name]
    missing = Wrong("This column is missing.", f"Add it; the columns are {', '.join(layout.columns)}.")
    found += [Rejection("line 1", name, missing) for name in layout.required if name not in columns]
    if found:
        raise Rejected(found)


def _wrong_column(name: str, layout: Layout) -> Wrong | None:
    if layout.attributes and name.startswith(ATTRIBUTE):
        return attribute_name(name.removeprefix(ATTRIBUTE))
    return None if name in layout.columns else _unknown(name, layout)


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
    found = {name: _read_cell(cell, name, shape) for name, cell in row.items()}
    rejections = [Rejection(place, name, value) for name, value in found.items() if isinstance(value, Wrong)]
    values = {name: value for name, value in found.items() if name in shape.by_name}
    if ATTRIBUTES_COLUMN in shape.by_name and any(name.startswith(ATTRIBUTE) for name in found):
        values[ATTRIBUTES_COLUMN] = {
            name.removeprefix(ATTRIBUTE): value for name, value in found.items() if name.startswith(ATTRIBUTE)
        }
    return rejections or Item(shape.item, values, place)


def _read_cell(cell: str, name: str, shape: Shape) -> Any:
    column = shape.by_name.get(name)
    if name.startswith(ATTRIBUTE) and ATTRIBUTES_COLUMN in shape.by_name:
        return ATTRIBUTE_TEXT.from_cell(cell) if cell.strip() else ""
    if column is None:
        return _foreign(cell, name, shape)
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
    chosen = list(items)
    attributes = sorted({ATTRIBUTE + name for item in chosen for name in item[ATTRIBUTES_COLUMN] or ()})
    fixed = [name for name in layout.columns if not name.startswith(ATTRIBUTE)]
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, [*fixed, *attributes], restval="")
    writer.writeheader()
    for item in chosen:
        marks = {"item": item.kind} if len(layout.shapes) > 1 else {}
        writer.writerow({**marks, **_cells(item, shapes[item.kind])})
    return buffer.getvalue()


def _cells(item: Item, shape: Shape) -> dict[str, str]:
    cells = {
        column.name: column.kind.to_cell(item[column.name])
        for column in shape.columns
        if item[column.name] is not None and column.name != ATTRIBUTES_COLUMN
    }
    attributes = item[ATTRIBUTES_COLUMN] or {}
    return cells | {ATTRIBUTE + name: ATTRIBUTE_TEXT.to_cell(text) for name, text in attributes.items()}
