"""The columns of dates, read in one order that the sender, a header, the system or the values themselves decide."""

from collections.abc import Iterator
from dataclasses import replace

from services.people.layouts.columns import Columns
from services.people.layouts.dates import ORDERS, Evidence, Order, evidence, hinted, read_date
from services.people.layouts.fitting import fits
from services.people.layouts.headers import PRIVATELY
from services.people.layouts.heading import refused
from services.people.layouts.presets import Preset
from services.people.layouts.reading import Reading
from services.people.layouts.recognising import WHY
from services.people.layouts.values import NOBODY
from services.people.rules.wrong import Wrong

_DATES = ("start_date", "end_date", "effective_date")


def read_dates(reading: Reading, asked: Order | None, preset: Preset | None) -> None:
    """Raises Unreadable where the order of days and months stays open."""
    columns = reading.columns
    used = [meaning for meaning in _DATES if meaning in columns.places]
    if not used:
        return
    order = _order(reading, used, asked, preset)
    for meaning in used:
        place = columns.places[meaning]
        cells = columns.grid.column(place)
        found = {
            cell: "" if cell.lower() in NOBODY else read_date(cell, order)
            for cell in columns.grid.facts(place).distinct
        }
        found[""] = ""
        wrong = {cell: one for cell, one in found.items() if isinstance(one, Wrong) and not cell.startswith("=")}
        for row, cell in enumerate(cells) if wrong else ():
            if cell in wrong:
                reading.reject(row, place, wrong[cell])
        right = {cell: one for cell, one in found.items() if isinstance(one, str)}
        reading.put(meaning, [right.get(cell, "") for cell in cells], meaning)


def _order(reading: Reading, used: list[str], asked: Order | None, preset: Preset | None) -> Order | None:
    """How numbers like 03/04/2026 are to be read, by whoever says it first: sender, header, system, other dates."""
    grid, places = reading.columns.grid, [reading.columns.places[meaning] for meaning in used]
    told = evidence(grid.column(place) for place in places)
    if not told.votes and told.doubtful is None:
        return None
    if not told.votes:
        told = replace(evidence(_other_dates(reading.columns)), doubtful=told.doubtful)
    by_header = hinted(name for place in places for name in grid.names[place])
    for order, why in (
        (asked, "as asked"),
        (by_header, "as the header says"),
        (preset.dates if preset else None, f"as {preset.label} writes them" if preset else ""),
        (decided := told.decided(), f"as {told.shown.get(decided, '')} shows" if decided else ""),
    ):
        if order is not None:
            reading.dates = f"{ORDERS[order]}, {why}"
            return order
    raise _open(reading, places, told)


def _other_dates(columns: Columns) -> Iterator[list[str]]:
    """Columns that are not read, whose dates show the order all the same; private ones are left alone."""
    for place, why in columns.unread.items():
        facts = columns.grid.facts(place)
        if why != WHY[PRIVATELY] and facts.filled and fits("start_date", facts):
            yield columns.grid.column(place)


def _open(reading: Reading, places: list[int], told: Evidence) -> Exception:
    """The question which order is meant, with the value that raises it."""
    grid = reading.columns.grid
    text = told.doubtful or next(iter(told.shown.values()))
    place = next(place for place in places if text in grid.facts(place).distinct)
    line = grid.records[grid.column(place).index(text)].number
    both = " and ".join(told.shown.values())
    why = (
        f"The file has {both}, so that its dates contradict each other" if told.votes else "Nothing in the file decides"
    )
    return refused(
        f"Is the day or the month first in {text}? {why}.",
        "Say it: --dates dmy (day first) or --dates mdy (month first); `dates` in the API.",
        line,
        grid.name(place),
        text,
    )
