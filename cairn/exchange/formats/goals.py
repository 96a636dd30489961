"""What formats speak in: goals as other tools know them, one kind of row with an owner, a parent and a measure.

Whether such a goal becomes an objective or a key result is decided once, in `shaping`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cairn.exchange.directory import PERSON, Directory
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.native import Item

OWN = "#value"
"""What ends the external id of the key result that holds an objective's own value."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How a goal is measured, in the words of the native layout."""

    metric: str
    unit: str = "number"
    currency: str | None = None
    start: Decimal | None = None
    target: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    milestones: tuple[Any, ...] = ()


PERCENT = Measure("increase", "percent", start=Decimal(0), target=Decimal(100))


@dataclass
class Goal:
    """One goal. None is what a file says nothing about and an import leaves alone; an empty text clears.

    `owner` and `co_owners` are what `Directory.called` answers. `rolls_up` says that its progress comes from what is
    below (None: an objective's does where anything below contributes), `key_result` that it measures the goal above.
    `check_ins` lack only their key result.
    """

    id: str
    title: str
    place: str = ""
    key_result: bool = False
    description: str | None = None
    owner: str | None = None
    co_owners: tuple[str, ...] | None = None
    cycle: str = ""
    kind: str | None = None
    state: str = "active"
    parents: tuple[Parent, ...] | None = None
    rolls_up: bool | None = None
    measure: Measure | None = None
    grade: Decimal | None = None
    grade_note: str | None = None
    check_ins: list[Mapping[str, Any]] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Mapping[str, Any] | None:
        """The check-in that decides: the latest by the day it is true for, then by when it was made."""
        return max(self.check_ins, key=_moment, default=None)

    @property
    def value(self) -> Decimal | None:
        """The latest measured value."""
        return self.last["value"] if self.last else None


def _moment(check_in: Mapping[str, Any]) -> tuple[date, str]:
    return check_in["as_of"], str(check_in.get("submitted_at") or "")


@dataclass(frozen=True)
class Scene:
    """All goals around the one that is written: by id, their cycles by name, and who people are."""

    goals: Mapping[str, Goal]
    cycles: Mapping[str, Item]
    directory: Directory
    numbers: Mapping[str, str] = field(default_factory=dict)
    """The number of each goal's row."""

    def person(self, owner: str | None) -> Mapping[str, Any]:
        """The person or team an owner is, with its `kind`; empty where nobody is known so."""
        found = self.directory.owner(owner) if owner else None
        if not isinstance(found, tuple):
            return {}
        kind, id = found
        return {"kind": kind, **(self.directory.persons if kind == PERSON else self.directory.teams)[id]}

    def owners(self, goal: Goal) -> Sequence[str]:
        return tuple(one for one in (goal.owner, *(goal.co_owners or ())) if one)

    def days(self, goal: Goal) -> tuple[str, str]:
        """First and last day of the goal's cycle; empty where it is not known."""
        cycle = self.cycles.get(goal.cycle)
        return (str(cycle["starts_on"]), str(cycle["ends_on"])) if cycle else ("", "")
