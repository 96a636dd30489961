"""What was found in a file: the place of each meaning among its columns, how it was found, and what is left unread."""

from dataclasses import dataclass, field

from services.people.layouts.grid import Grid
from services.people.layouts.understood import How, Source, Unread

MANAGERS = ("manager_external_id", "manager_email", "manager_name", "manager")


@dataclass(slots=True)
class Columns:
    """The places of what was found, by meaning; `asked` are the meanings the sender gave."""

    grid: Grid
    places: dict[str, int] = field(default_factory=dict)
    how: dict[str, How] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    managers: list[tuple[str, int]] = field(default_factory=list)
    """All columns that could name the manager, with what their header says."""
    asked: frozenset[str] = frozenset()
    built: frozenset[str] = frozenset()
    """Meanings that are put together by a template."""
    parts: frozenset[int] = frozenset()
    """The columns that templates read."""

    def take(self, meaning: str, place: int, how: How) -> None:
        self.places[meaning] = place
        self.how[meaning] = how

    def cells(self, meaning: str) -> list[str] | None:
        place = self.places.get(meaning)
        return None if place is None else self.grid.column(place)

    def source(self, column: str, *meanings: str, note: str = "") -> Source:
        """What a column of ours is read from, told by the meanings it is made of."""
        used = [one for one in meanings if one in self.places]
        headers = tuple(dict.fromkeys(self.grid.name(self.places[one]) for one in used))
        return Source(column, headers, self.how[used[0]], note)

    def told_unread(self) -> tuple[Unread, ...]:
        return tuple(Unread(self.grid.name(place), why) for place, why in sorted(self.unread.items()))
