"""From the bytes of an upload to rows in our columns, and what is needed to hand the wrong rows back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis import files
from chassis.files.columns import ColumnMap
from services.people.rules import team_rows
from services.people.rules.table import Skipped, Table, Unreadable, of_records, read_json
from services.people.rules.wrong import Rejection, Wrong
from services.people.uploads.models import PEOPLE, Upload

ERROR = "error"
"""The column an error file has beside those of the file; it is never read."""
OWN = {"layout": "cairn", "label": "Cairn's own layout", "sheet": None, "header_lines": [1], "columns": []}
NOTHING_MORE: dict[str, Any] = {"unread": [], "dates": None, "remarks": [], "lines": ["Cairn's own layout."]}


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that could be read. `header` and `cells` (by line) are as they were sent; `headers` are what the file
    calls our columns."""

    table: Table
    recognised: Mapping[str, Any]
    form: str = "csv"
    separator: str = ","
    header: Sequence[str] = ()
    cells: Mapping[int, Sequence[str]] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    skipped: Sequence[Skipped] = ()


def read(upload: Upload, content: bytes) -> Reading:
    """Raises `Unreadable` of `services.people.rules.table`."""
    ignored = frozenset(name.strip() for name in (*upload.asked.get("ignore", "").split(","), ERROR) if name.strip())
    if upload.of != PEOPLE:
        return _teams(content, upload.asked, ignored)
    return _people(content, upload.asked, ignored)


def _teams(content: bytes, asked: Mapping[str, Any], ignored: frozenset[str]) -> Reading:
    try:
        book = files.read_book(content, encoding=asked.get("encoding"), separator=_separator(asked))
    except files.Unreadable as fault:
        reason = f"{fault.place}: {fault.reason}" if fault.place else fault.reason
        raise Unreadable(Rejection(1, None, None, Wrong(reason, fault.remedy))) from fault
    if book.form == "json":
        return Reading(read_json(book.documents[""], team_rows.LAYOUT, ignored), {**OWN, **NOTHING_MORE})
    records = book.sheets[0].records if book.sheets else ()
    table = of_records(iter((one.number, one.cells) for one in records), team_rows.LAYOUT, ignored)
    cells = {one.number: one.cells for one in records[1:]}
    return Reading(table, {**OWN, **NOTHING_MORE}, book.form, book.sheets[0].separator or ",", records[0].cells, cells)


def _people(content: bytes, asked: Mapping[str, Any], ignored: frozenset[str]) -> Reading:
    # Reading workbooks and recognising layouts takes modules that a worker without imports never needs.
    from services.people.layouts import Asked, understand

    found = understand(
        content,
        Asked(
            preset=asked.get("preset"),
            columns=ColumnMap(asked["map"]) if "map" in asked else None,
            dates=asked.get("dates"),
            sheet=asked.get("sheet"),
            ignore=ignored,
            encoding=asked.get("encoding"),
            separator=_separator(asked),
        ),
    )
    recognised = {**found.recognised.as_dict(), "lines": found.recognised.lines()}
    headers = {one.column: one.headers[0] for one in found.recognised.sources if one.headers}
    return Reading(
        found.table, recognised, found.form, found.separator or ",", found.header, found.records, headers, found.skipped
    )


def _separator(asked: Mapping[str, Any]) -> str | None:
    """One sign; a tab goes by its name, for no query can hold one."""
    given: str | None = asked.get("separator")
    return "\t" if given == "tab" else given
