"""The rows of a file by column, cleaned when a column is first looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.files import Record
from services.people.layouts.headers import key
from services.people.layouts.values import clean


@dataclass(slots=True)
class Facts:
    """What stands in a column: how many cells hold something, and what they hold, each once."""

    filled: int
    distinct: frozenset[str]

    @property
    def unique(self) -> bool:
        return self.filled > 0 and len(self.distinct) == self.filled

    def share_in(self, others: frozenset[str]) -> float:
        """How much of what stands here stands there too, 0 to 1."""
        return len(self.distinct & others) / len(self.distinct) if self.distinct else 0.0

    def email_share(self) -> float:
        return sum("@" in one for one in self.distinct) / len(self.distinct) if self.distinct else 0.0


@dataclass(slots=True)
class Grid:
    """`names` holds, for every column, what the header rows call it; columns that were asked for may be added."""

    names: list[tuple[str, ...]]
    records: Sequence[Record]
    _columns: dict[int, list[str]] = field(default_factory=dict)
    _facts: dict[int, Facts] = field(default_factory=dict)

    def name(self, place: int) -> str:
        """The header of a column as people are shown it."""
        return next((name for name in self.names[place] if name), f"column {place + 1}")

    def keys(self) -> frozenset[str]:
        return frozenset(key(name) for names in self.names for name in names if name)

    def column(self, place: int) -> list[str]:
        if place not in self._columns:
            self._columns[place] = [clean(record.cells[place]) for record in self.records]
        return self._columns[place]

    def holds(self, place: int) -> bool:
        """Whether anything stands in a column."""
        return any(self.column(place))

    def facts(self, place: int) -> Facts:
        if place not in self._facts:
            filled = [cell for cell in self.column(place) if cell]
            self._facts[place] = Facts(len(filled), frozenset(filled))
        return self._facts[place]

    def add(self, name: str, cells: list[str]) -> int:
        """A column made of others; its place."""
        self.names.append((name,))
        self._columns[len(self.names) - 1] = cells
        return len(self.names) - 1
