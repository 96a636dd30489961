"""From the columns of a file to rows in ours: values read column by column, each different cell once."""

from collections.abc import Callable, Iterable

from services.people.layouts import reporting
from services.people.layouts.columns import Columns
from services.people.layouts.date_columns import read_dates
from services.people.layouts.dates import Order
from services.people.layouts.names import DISPLAYED, Names
from services.people.layouts.presets import Preset
from services.people.layouts.reading import Reading
from services.people.layouts.values import (
    FORMULA,
    NOBODY,
    activity_words,
    language_of,
    on_one_line,
    seamless,
    zone_of,
)
from services.people.rules.wrong import Wrong, shortened

UNSAID = frozenset({"email", "display_name", "active", "effective_date", "time_zone", "locale"})
"""Columns whose empty cells say nothing, rather than that there is none."""
_ACTIVITY = ("status", "active", "inactive")
_STRANGE_STATUS = Wrong(
    "This word does not say whether the person is active.", "Write active or inactive, or leave the column out."
)
_GROUPS_OF_TEAMS = frozenset({"department", "departments", "team", "teams"})


def read(columns: Columns, preset: Preset | None, dates: Order | None) -> Reading:
    """Raises Unreadable where the order of days and months stays open."""
    reading = Reading(columns)
    for key in ("external_id", "email"):
        if (cells := columns.cells(key)) is not None:
            reading.put(key, [seamless(cell) for cell in cells], key)
    if (emails := reading.cells.get("email")) is not None:
        reading.cells["email"] = ["" if email.lower() in NOBODY else email for email in emails]
    _read_names(reading)
    if (titles := columns.cells("title")) is not None:
        reading.put("title", _each(titles, lambda cell: "" if cell.lower() in NOBODY else on_one_line(cell)), "title")
    for column in ("teams", "roles"):
        if (lists := columns.cells(column)) is not None:
            reading.put(column, _each(lists, _list), column)
    _read_activity(reading, preset)
    read_dates(reading, dates, preset)
    _read_nicety(reading, "time_zone", zone_of, "no time zone Cairn knows")
    _read_nicety(reading, "locale", language_of, "no language Cairn knows")
    _refuse_formulas(reading)
    return reading


def _each(cells: Iterable[str], reader: Callable[[str], str]) -> list[str]:
    """Every cell read; each different one is read once."""
    found: dict[str, str] = {}
    return [found[cell] if cell in found else found.setdefault(cell, reader(cell)) for cell in cells]


def _read_names(reading: Reading) -> None:
    columns = reading.columns
    names = Names(columns)
    if (shown := names.displayed()) is not None:
        turned = "turned round from Family, Given" if names.family_first else ""
        used = [one for one in DISPLAYED if one in columns.places]
        whole = "display_name" in columns.places
        reading.put("display_name", shown, *(used[: 1 + ("preferred_name" in used)] if whole else used), note=turned)
    if (given := names.given()) is not None:
        reading.put("given_name", given, "given_name")
    if (family := names.family()) is not None:
        reading.put("family_name", family, "family_name", "family_prefix", "second_family_name")
    _read_managers(reading, names)


def _read_managers(reading: Reading, names: Names) -> None:
    columns = reading.columns
    found = reporting.chosen(columns, reporting.Known(columns, names))
    if found is None:
        return
    said = next(meaning for meaning, place in columns.managers if place == found.place)
    header = columns.grid.name(found.place)
    columns.take(said, found.place, columns.how.get(said, "header"))
    reading.manager = found.column
    reading.put(found.column, found.cells, said, note=reporting.TOLD[found.form])
    for _, place in columns.managers:
        if place != found.place:
            columns.unread[place] = f'managers are read from "{header}"'


def _list(cell: str) -> str:
    """Entries between bars, whatever separated them; of 15Five's `Departments~HR, Locations~USA` the departments."""
    if "~" in cell:
        pairs = [pair.partition("~") for pair in cell.split(",")]
        return "|".join(group.strip() for kind, _, group in pairs if kind.strip().lower() in _GROUPS_OF_TEAMS)
    return cell.replace(";", "|")


def _read_activity(reading: Reading, preset: Preset | None) -> None:
    """Whether people are active: not, where any column says so."""
    columns = reading.columns
    used = [meaning for meaning in _ACTIVITY if meaning in columns.places]
    if not used:
        return
    words = {**activity_words(), **(preset.words if preset else {})}
    said: list[str] = [""] * len(columns.grid.records)
    unknown: list[tuple[int, int]] = []
    for meaning in used:
        for row, cell in enumerate(columns.cells(meaning) or ()):
            active = words.get(cell.lower()) if cell else None
            if active is None:
                said_nothing = cell.lower() in NOBODY or cell.startswith("=")
                unknown += [(row, columns.places[meaning])] if cell and not said_nothing else []
            elif said[row] != "false":
                said[row] = "true" if active != (meaning == "inactive") else "false"
    for row, place in unknown:
        if not said[row]:
            reading.reject(row, place, _STRANGE_STATUS)
    reading.put("active", said, *used)


def _read_nicety(reading: Reading, column: str, reader: Callable[[str], str | None], none: str) -> None:
    """A column people can do without: what cannot be read there leaves the person as they are, and is told."""
    columns = reading.columns
    if (cells := columns.cells(column)) is None:
        return
    found = _each(cells, lambda cell: (cell and reader(cell)) or "")
    strange = {cell: None for cell, one in zip(cells, found, strict=True) if cell and not one}
    if strange:
        count = sum(cell in strange for cell in cells)
        few = ", ".join(f"“{shortened(cell, 40)}”" for cell in list(strange)[:3])
        rows = f"{count} rows" if count > 1 else "one row"
        reading.remarks.append(f"{columns.grid.name(columns.places[column])}: {none} in {rows}, left out ({few}).")
    reading.put(column, found, column)


def _refuse_formulas(reading: Reading) -> None:
    columns = reading.columns
    for place in {*columns.places.values(), *columns.parts}:
        for row, cell in enumerate(columns.grid.column(place)):
            if cell.startswith("="):
                reading.reject(row, place, FORMULA)
