"""The rows below a header as a grid of even width; what is no row of a person is set aside with its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chassis.files import Record
from services.people.layouts.grid import Grid
from services.people.layouts.heading import Place, refused
from services.people.rules.table import Skipped
from services.people.rules.wrong import Rejection, Wrong

_FOOTER_LINES = 5
_FEWEST_COLUMNS = 3
_REMEDY = "Quote cells that hold separators; if this is the last row, the file may be cut off."


@dataclass(slots=True)
class Body:
    """`short` holds, by line, how many cells a row of a CSV file has, where that is too few."""

    grid: Grid
    rejected: list[Rejection] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    short: dict[int, int] = field(default_factory=dict)


def body_of(place: Place, form: str) -> Body:
    """Raises Unreadable where there are no rows."""
    wide = max(len(record.cells) for record in place.headers)
    names = [
        tuple(record.cells[column] if column < len(record.cells) else "" for record in place.headers)
        for column in range(wide)
    ]
    body = Body(Grid(names, []))
    kept = list(_rows(place, wide, form, body))
    footers = _footers(kept, body.short) if wide >= _FEWEST_COLUMNS else 0
    for record in kept[len(kept) - footers :]:
        body.skipped.append(Skipped(record.number, "This line below the table is no row."))
    body.grid.records = kept[: len(kept) - footers]
    if not body.grid.records and not body.rejected:
        raise refused("The file has a header and no rows.", "Add the rows and send it again.", 2)
    return body


def _rows(place: Place, wide: int, form: str, body: Body) -> Iterator[Record]:
    header = tuple(place.header)
    for record in place.below:
        count = len(record.cells)
        if count == wide:
            if record.cells[0] != header[0] or tuple(record.cells) != header:
                yield record
            else:
                body.skipped.append(Skipped(record.number, "This is the header once more."))
        elif count < wide:
            if form in ("csv", "zip"):
                body.short[record.number] = count
            yield Record(record.number, (*record.cells, *[""] * (wide - count)))
        elif any(record.cells[wide:]):
            body.rejected.append(Rejection(record.number, None, None, miscounted(count, wide)))
        else:
            yield Record(record.number, record.cells[:wide])


def miscounted(found: int, wanted: int) -> Wrong:
    return Wrong(f"The row has {found} cells and the header {wanted}.", _REMEDY)


def _footers(records: Sequence[Record], short: dict[int, int]) -> int:
    """How many of the last rows are notes such as `Total: 266`: one cell with words, and nothing else."""
    count = 0
    for record in reversed(records[-_FOOTER_LINES:]):
        filled = [cell for cell in record.cells if cell]
        wordy = len(filled) == 1 and (" " in filled[0] or ":" in filled[0]) and "@" not in filled[0]
        if not wordy or record.number in short:
            break
        count += 1
    return count
