"""What has been read of a file so far: our columns, where they come from, and what is wrong with which row."""

from dataclasses import dataclass, field

from services.people.layouts.columns import Columns
from services.people.layouts.posts import Cells
from services.people.layouts.understood import Source
from services.people.rules.wrong import Rejection, Wrong, shortened


@dataclass(slots=True)
class Reading:
    """Cells of our columns for every row, where each comes from, and what is wrong by row."""

    columns: Columns
    cells: Cells = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    wrong: dict[int, list[Rejection]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    dates: str = ""
    manager: str | None = None

    def reject(self, row: int, place: int, wrong: Wrong) -> None:
        grid = self.columns.grid
        value = shortened(grid.column(place)[row]) or None
        self.wrong.setdefault(row, []).append(Rejection(grid.records[row].number, grid.name(place), value, wrong))

    def put(self, column: str, cells: list[str], *meanings: str, note: str = "") -> None:
        self.cells[column] = cells
        self.sources.append(self.columns.source(column, *meanings, note=note))
