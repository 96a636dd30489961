"""From the bytes of any HR file to rows in our columns: book, table, columns, values, rows, each step once."""

import re
from collections.abc import Iterable, Iterator

from chassis import files
from chassis.files import Book
from services.people.layouts import body, heading, own, posts, recognising, rows
from services.people.layouts.body import Body
from services.people.layouts.columns import Columns
from services.people.layouts.heading import Place, refused
from services.people.layouts.mapping import mapped
from services.people.layouts.presets import OWN, PRESETS, Preset, preset_named, preset_of
from services.people.layouts.reading import Reading
from services.people.layouts.understood import Asked, Found, Originals, Recognition, Understood
from services.people.rules.person_rows import LAYOUT
from services.people.rules.table import Row, Skipped, Table
from services.people.rules.wrong import Rejection, shortened

_LINE = re.compile(r"(?:line|row) (\d+)$")


def understand(data: bytes, asked: Asked) -> Understood:
    """Any file of people as rows in the columns of an import, with how it was understood.

    Raises Unreadable, of services.people.rules.table, where nothing of the file can be used or a question is open.
    """
    book = _book(data, asked)
    if asked.preset is not None and asked.preset != OWN and preset_named(asked.preset) is None:
        names = ", ".join([OWN, *(one.name for one in PRESETS)])
        reason = f"There is no layout “{shortened(asked.preset)}”."
        raise refused(reason, f"Name one of {names}, or none to have it recognised.")
    found = own.read(book, asked) if own.is_own(book, asked) else _foreign(book, asked)
    numbers = [number for number, sheet in enumerate(book.sheets) if sheet is found.sheet]
    return Understood(
        found.table,
        found.recognised,
        found.skipped,
        list(found.sheet.records[found.header].cells) if found.sheet else [],
        Originals(lambda: [record for number in numbers for record in _book(data, asked).sheets[number].records]),
        book.form,
        found.sheet.separator if found.sheet else "",
    )


def _foreign(book: Book, asked: Asked) -> Found:
    named = preset_named(asked.preset) if asked.preset else None
    place = heading.found(book, asked, named)
    read = body.body_of(place, book.form)
    preset = named or preset_of(read.grid.keys())
    columns = recognising.recognised(read.grid, preset, mapped(read.grid, asked.columns), asked.ignore)
    if not columns.places.keys() & {"external_id", "email"}:
        names = heading.named([read.grid.name(one) for one in range(len(read.grid.names))])
        reason = f"No column is recognised as id or e-mail address of a person, among {names}."
        raise refused(reason, "Say which it is: --map email=HEADER or --map external_id=HEADER (`map` in the API).")
    reading = rows.read(columns, preset, asked.dates)
    table, skipped = _table(reading, read)
    return Found(place.sheet, place.main, table, _recognition(book, place, preset, reading), skipped)


def _book(data: bytes, asked: Asked) -> Book:
    try:
        return files.read_book(data, encoding=asked.encoding, separator=asked.separator)
    except files.Unreadable as fault:
        line = _LINE.search(fault.place)
        elsewhere = f"{fault.place}: " if fault.place and not fault.place.startswith("line") else ""
        raise refused(elsewhere + fault.reason, fault.remedy, int(line[1]) if line else 1) from fault


def _table(reading: Reading, read: Body) -> tuple[Table, list[Skipped]]:
    """The rows of persons; those that fold away or are wrong stand beside them."""
    columns, records = reading.columns, read.grid.records
    gone = posts.vacancies(columns, reading.cells)
    rejected = read.rejected + _cut_off(columns, read)
    unfit = {one.row for one in rejected}
    left = [row for row, record in enumerate(records) if row not in gone and record.number not in unfit]
    folder = posts.Folder(columns, reading.cells, reading.manager)
    if not columns.built & {"external_id", "email"}:
        gone |= folder.fold(row for row in left if row not in reading.wrong)
        left = [row for row in left if row not in gone]
    rejected += [one for row in left for one in reading.wrong.get(row, ())]
    kept = [row for row in left if row not in reading.wrong]
    _top_names_itself(reading, folder, kept)
    table = Table(list(_rows(reading, kept)), sorted(rejected, key=lambda one: one.row))
    return table, sorted([*read.skipped, *posts.told(gone, columns, reading.cells)], key=lambda one: one.line)


def _cut_off(columns: Columns, read: Body) -> list[Rejection]:
    """Rows of a CSV file that end before a column that is read."""
    wide = len(read.grid.records[0].cells) if read.short else 0
    last = max((place for place in {*columns.places.values(), *columns.parts} if place < wide), default=-1)
    return [
        Rejection(line, None, None, body.miscounted(count, wide)) for line, count in read.short.items() if count <= last
    ]


def _top_names_itself(reading: Reading, folder: posts.Folder, kept: Iterable[int]) -> None:
    """The one person who names themself as manager stands at the top, where nobody else is without a manager."""
    if reading.manager is None:
        return
    cells, active = reading.cells[reading.manager], reading.cells.get("active")
    here = [row for row in kept if active is None or active[row] != "false"]
    themselves = [row for row in here if folder.of_themself(row)]
    if len(themselves) == 1 and all(cells[row] for row in here):
        row = themselves[0]
        cells[row] = ""
        line = reading.columns.grid.records[row].number
        reading.remarks.append(f"Line {line} names itself as manager: taken for the top.")


def _rows(reading: Reading, kept: Iterable[int]) -> Iterator[Row]:
    """Rows with the cells that say something; where somebody has left, no empty cell does."""
    records, names = reading.columns.grid.records, tuple(reading.cells)
    active = reading.cells.get("active")
    by_row = zip(*reading.cells.values(), strict=True)
    wanted = iter(kept)
    next_one = next(wanted, None)
    for row, cells in enumerate(by_row):
        if row == next_one:
            unsaid = names if active is not None and active[row] == "false" else rows.UNSAID
            pairs = zip(names, cells, strict=True)
            yield Row(records[row].number, {name: cell for name, cell in pairs if cell or name not in unsaid})
            next_one = next(wanted, None)


def _recognition(book: Book, place: Place, preset: Preset | None, reading: Reading) -> Recognition:
    columns = reading.columns
    order = {column: number for number, column in enumerate(LAYOUT.columns)}
    return Recognition(
        preset.name if preset else "",
        preset.label if preset else "Recognised by headers",
        place.sheet.name,
        () if book.form == "json" else tuple(record.number for record in place.headers),
        tuple(sorted(reading.sources, key=lambda one: order.get(one.column, len(order)))),
        columns.told_unread(),
        reading.dates,
        (*book.remarks, *_remarks(columns, place.first), *reading.remarks),
    )


def _remarks(columns: Columns, titles: int) -> Iterator[str]:
    """What else people should know of how a file is read."""
    if titles:
        yield f"{titles} line{'s' if titles > 1 else ''} above the header left out."
    if "email" not in columns.places:
        yield "No column holds e-mail addresses: only people known by their id can be changed."
    if not columns.managers:
        yield "No column names managers: reporting lines stay as they are."
    for meaning, told in (("record_type", "vacancies"), ("primary", "further posts"), ("secondary", "further posts")):
        if meaning in columns.places:
            yield f"“{columns.grid.name(columns.places[meaning])}” tells {told}."
