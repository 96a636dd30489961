"""Where the table of people is in a file: its sheet, and its header, which may stand below titles and in two rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.files import Book, Record, Sheet
from chassis.files.columns import ColumnMap, Mismapped
from services.people.layouts.headers import UNREAD, key, meant
from services.people.layouts.presets import Preset
from services.people.layouts.understood import Asked
from services.people.rules.table import Unreadable
from services.people.rules.wrong import Rejection, Wrong, shortened

_LOOKED_AT = 25
_MOST_HEADER_ROWS = 3
_COMPARABLE = 0.6


def refused(reason: str, remedy: str, line: int = 1, column: str | None = None, value: str | None = None) -> Unreadable:
    """A file that is refused as a whole."""
    return Unreadable(Rejection(line, column, value, Wrong(reason, remedy)))


def named(names: Sequence[str]) -> str:
    """Some names in quotation marks, for a sentence."""
    return ", ".join(f"“{shortened(name, 40)}”" for name in names[:12]) + (" …" if len(names) > 12 else "")


@dataclass(frozen=True, slots=True)
class Place:
    """A sheet, and which of its records are header rows: `main` is the one that says most."""

    sheet: Sheet
    first: int
    last: int
    main: int

    @property
    def header(self) -> Sequence[str]:
        return self.sheet.records[self.main].cells

    @property
    def headers(self) -> Sequence[Record]:
        return self.sheet.records[self.first : self.last + 1]

    @property
    def below(self) -> Sequence[Record]:
        return self.sheet.records[self.last + 1 :]


def found(book: Book, asked: Asked, preset: Preset | None) -> Place:
    """The table of people. Raises Unreadable where there is none, or several that could be meant."""
    sheets = [sheet for sheet in book.sheets if sheet.records]
    if asked.sheet is not None:
        sheets = [sheet for sheet in sheets if key(sheet.name) == key(asked.sheet)]
    if not sheets:
        if asked.sheet is not None and book.sheets:
            remedy = f"The file has {named([sheet.name for sheet in book.sheets])}."
            raise refused(f"There is no sheet “{shortened(asked.sheet)}” with rows in it.", remedy)
        raise refused(
            "The file holds no table.", "Send a CSV or XLSX file with a header row, or a JSON list of objects."
        )
    scores = [max(_scores(sheet, preset)) for sheet in sheets]
    best = max(scores)
    rivals = [sheet for sheet, score in zip(sheets, scores, strict=True) if score and score >= best * _COMPARABLE]
    if len(rivals) > 1:
        names = named([sheet.name for sheet in rivals])
        raise refused(f"Several sheets could hold the people: {names}.", "Name one: --sheet NAME (`sheet` in the API).")
    return _header(sheets[scores.index(best)], asked.columns, preset)


def _scores(sheet: Sheet, preset: Preset | None) -> list[int]:
    known = preset.meanings if preset else {}
    return [_known(record, known) for record in sheet.records[:_LOOKED_AT]]


def _known(record: Record, preset: Mapping[str, str] | None = None) -> int:
    """How many cells are headers Cairn knows: 4 for each it reads, 1 for each it only knows."""
    score = 0
    for cell in filter(None, record.cells):
        if len(cell) <= 80:
            meaning = (preset or {}).get(key(cell)) or ((found := meant(cell)) and found.meaning)
            score += 0 if meaning is None else 1 if meaning in UNREAD else 4
    return score


def _header(sheet: Sheet, columns: ColumnMap | None, preset: Preset | None) -> Place:
    records = sheet.records
    if columns is not None and (mapped := _mapped(sheet, columns)) is not None:
        return Place(sheet, mapped, _last(sheet, mapped, preset), mapped)
    scores = _scores(sheet, preset)
    main = scores.index(max(scores))
    if scores[main] < 4 * min(2, len(records[main].cells)):
        main = _by_shape(sheet)
        return Place(sheet, main, main, main)
    first = main
    while first and _is_header(records[first - 1], preset) and main - first < _MOST_HEADER_ROWS - 1:
        first -= 1
    return Place(sheet, first, _last(sheet, main, preset), main)


def _last(sheet: Sheet, main: int, preset: Preset | None) -> int:
    last = main
    while last + 1 < min(len(sheet.records), main + _MOST_HEADER_ROWS) and _is_header(sheet.records[last + 1], preset):
        last += 1
    return last


def _is_header(record: Record, preset: Preset | None) -> bool:
    """Whether most of what stands in a row are headers, so that it cannot be a person."""
    filled = [cell for cell in record.cells if cell]
    known = sum(_known(Record(0, (cell,)), preset.meanings if preset else None) > 0 for cell in filled)
    return known >= 2 and known * 2 > len(filled) and not any("@" in cell for cell in filled)


def _mapped(sheet: Sheet, columns: ColumnMap) -> int | None:
    """The first row in which the headers of a column map stand."""
    for place, record in enumerate(sheet.records[:_LOOKED_AT]):
        try:
            columns.headers(record.cells)
        except Mismapped:
            continue
        return place
    return None


def _by_shape(sheet: Sheet) -> int:
    """A header in words nobody knows: the first row as wide as the table, of texts that are no data."""
    head = sheet.records[:_LOOKED_AT]
    wide = max(sum(map(bool, record.cells)) for record in head)
    place = next(place for place, record in enumerate(head) if sum(map(bool, record.cells)) * 5 >= wide * 4)
    cells = [cell for cell in head[place].cells if cell]
    if len(head) < 2 or any("@" in cell or cell[:1].isdigit() for cell in cells) or len(set(cells)) < len(cells):
        remedy = "Begin the table with a row of column names, such as Employee ID, Work email, Name, Manager ID."
        raise refused("There seems to be no header row.", remedy, head[place].number)
    return place
