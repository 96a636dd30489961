"""What somebody says of a file, and what came of reading it: rows in our columns, and how they were found."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from chassis.files import Record, Sheet
from chassis.files.columns import ColumnMap
from services.people.layouts.dates import Order
from services.people.rules.table import Skipped, Table

How = Literal["map", "preset", "header", "alike", "content", "own"]
_HOW: Mapping[How, str] = {
    "map": "as asked",
    "preset": "",
    "header": "",
    "alike": "by a header much like it",
    "content": "by what stands in it",
    "own": "",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sender says of the file; whatever is left out is recognised.

    `columns` fills columns of ours from headers or templates; `ignore` names headers that are not to be read.
    """

    preset: str | None = None
    columns: ColumnMap | None = None
    dates: Order | None = None
    sheet: str | None = None
    ignore: frozenset[str] = frozenset()
    encoding: str | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a column of ours comes from: the headers it is read from, how they were found, and what else to know."""

    column: str
    headers: tuple[str, ...]
    how: How
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A column of the file that is not read, and why."""

    header: str
    why: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a file was understood. `layout` is the name of a preset, or empty where headers alone decided."""

    layout: str
    label: str
    sheet: str
    header_lines: tuple[int, ...]
    sources: tuple[Source, ...]
    unread: tuple[Unread, ...] = ()
    dates: str = ""
    """In which order days and months were read, and what decided it; empty where nothing was to decide."""
    remarks: tuple[str, ...] = ()

    def header_of(self, column: str) -> str | None:
        """The header of the file that a column of ours is read from, to point at in a message."""
        return next((one.headers[0] for one in self.sources if one.column == column and one.headers), None)

    def lines(self) -> list[str]:
        """For people to read, a line each: the layout, the columns read, those that are not, remarks."""
        told = [self._first_line()]
        wide = max((len(one.column) for one in self.sources), default=0)
        told += [f"  {one.column:<{wide}}  from {_told(one)}" for one in self.sources]
        reasons = dict.fromkeys(one.why for one in self.unread)
        for reason in reasons:
            headers = [one.header for one in self.unread if one.why == reason]
            told.append(f"Not read, {reason}: {', '.join(headers)}.")
        return [*told, *([f"Dates: {self.dates}."] if self.dates else []), *self.remarks]

    def _first_line(self) -> str:
        lines = " and ".join(str(line) for line in self.header_lines)
        where = f"header in {'lines' if len(self.header_lines) > 1 else 'line'} {lines}" if lines else "JSON"
        return f"{self.label}, {f'sheet {self.sheet}, ' if self.sheet else ''}{where}."

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "layout": self.layout or "headers",
            "label": self.label,
            "sheet": self.sheet or None,
            "header_lines": list(self.header_lines),
            "columns": [
                {"field": one.column, "headers": list(one.headers), "why": one.how, "note": one.note or None}
                for one in self.sources
            ],
            "unread": [f"{one.header}: {one.why}" for one in self.unread],
            "dates": self.dates or None,
            "remarks": list(self.remarks),
        }


def _told(source: Source) -> str:
    notes = ", ".join(note for note in (_HOW[source.how], source.note) if note)
    return f"{' + '.join(source.headers)}{f' ({notes})' if notes else ''}"


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one sheet; `header` is the place of its header among the records."""

    sheet: Sheet | None
    header: int
    table: Table
    recognised: Recognition
    skipped: list[Skipped] = field(default_factory=list)


class Originals(Mapping[int, Sequence[str]]):
    """The cells of a file as they were sent, by line. Few need them, so the file is read again for the first who does
    rather than kept."""

    def __init__(self, read: Callable[[], Iterable[Record]]) -> None:
        self._read = read

    @cached_property
    def _cells(self) -> Mapping[int, Sequence[str]]:
        return {record.number: record.cells for record in self._read()}

    def __getitem__(self, line: int) -> Sequence[str]:
        return self._cells[line]

    def __iter__(self) -> Iterator[int]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


@dataclass(frozen=True, slots=True)
class Understood:
    """A file in our columns. `header` and `records` are the file's own; `form` as in Book, `separator` as in Sheet."""

    table: Table
    recognised: Recognition
    skipped: list[Skipped]
    header: list[str]
    records: Originals = field(repr=False)
    form: str
    separator: str
