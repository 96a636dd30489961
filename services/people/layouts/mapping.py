"""Columns as the sender asked for them: by header, put together by a template, or the same for everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.files.columns import ColumnMap, Mismapped, pieces, put_together
from services.people.layouts.grid import Grid
from services.people.layouts.heading import refused
from services.people.layouts.values import NOBODY
from services.people.layouts.words import WORDS
from services.people.rules.table import Unreadable
from services.people.rules.wrong import Rejection, shortened

_WHOLE = frozenset({"external_id", "email", "manager_external_id", "manager_email"})
"""Keys are only made where every part of them is there."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Places in the grid by meaning; `parts` are the columns that templates read."""

    places: Mapping[str, int]
    built: frozenset[str]
    parts: frozenset[int]


def mapped(grid: Grid, columns: ColumnMap | None) -> Mapped:
    """Adds to the grid what a template makes. Raises Unreadable for unknown columns of ours and headers."""
    if columns is None:
        return Mapped({}, frozenset(), frozenset())
    for column in columns.sources:
        if column not in WORDS:
            known = ", ".join(WORDS)
            raise refused(f"There is no column “{shortened(column)}” to map to.", f"Known are {known}.", column=column)
    places: dict[str, int] = {}
    parts: set[int] = set()
    built = set()
    for meaning, read in _headers(grid, columns).items():
        source = columns.sources[meaning]
        if len(read) == 1 and not pieces(source)[1]:
            places[meaning] = read[0]
        else:
            cells = _filled(source, [grid.column(place) for place in read], len(grid.records), meaning)
            places[meaning] = grid.add(source, cells)
            built.add(meaning)
            parts.update(read)
    return Mapped(places, frozenset(built), frozenset(parts))


def _headers(grid: Grid, columns: ColumnMap) -> dict[str, tuple[int, ...]]:
    """The places of the headers meant, in whichever header row they stand."""
    fault: Mismapped | None = None
    for row in range(len(grid.names[0])):
        try:
            return columns.headers([names[row] or f"column {place}" for place, names in enumerate(grid.names, 1)])
        except Mismapped as found:
            fault = fault or found
    raise Unreadable(Rejection(1, None, None, fault.wrong)) if fault else refused("No header.", "Add one.")


def _filled(source: str, parts: Sequence[Sequence[str]], rows: int, meaning: str) -> list[str]:
    if source.startswith("="):
        return [source[1:]] * rows
    around, most = pieces(source)
    filled = zip(*parts, strict=True)
    return [put_together(around, most, row) if _says_something(row, meaning) else "" for row in filled]


def _says_something(parts: Sequence[str], meaning: str) -> bool:
    if meaning.startswith("manager") and any(part.lower() in NOBODY for part in parts):
        return False
    return all(parts) if meaning in _WHOLE else any(parts)
