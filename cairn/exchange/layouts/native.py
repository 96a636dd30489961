"""The native layouts, said once: which items a file of goals or check-ins holds, and the columns of each.

Reading, writing, the header of an export and the documentation all follow from these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cairn.exchange.layouts.links import PARENTS, STAGES
from cairn.exchange.layouts.values import ATTRIBUTES, DAY, ID, MOMENT, QUANTITY, SHARE, TEXTS, Kind, choice, text

CYCLE, OBJECTIVE, KEY_RESULT, CHECK_IN = "cycle", "objective", "key_result", "check_in"
MOST_ATTRIBUTES = 50
ATTRIBUTES_COLUMN, ATTRIBUTE = "attributes", "attribute:"
"""One value in JSON; in CSV a column for each attribute, `attribute:` and its name."""
METRICS = ("increase", "decrease", "stay_above", "stay_below", "between", "binary", "milestones")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an item; `empty` is what an empty cell means."""

    name: str
    kind: Kind
    required: bool = False
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of item consists of."""

    item: str
    columns: tuple[Column, ...]

    @property
    def plural(self) -> str:
        return f"{self.item}s"

    @property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


@dataclass(frozen=True, slots=True)
class Layout:
    """A file of items of these shapes. In CSV a column `item` says which, where there are several."""

    shapes: tuple[Shape, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Of a CSV file; `attribute:NAME` stands for any number."""
        marks = ["item"] if len(self.shapes) > 1 else []
        names = dict.fromkeys(column.name for shape in self.shapes for column in shape.columns)
        return (*marks, *(f"{ATTRIBUTE}NAME" if name == ATTRIBUTES_COLUMN else name for name in names))

    @property
    def attributes(self) -> bool:
        """Whether a file may have columns of attributes."""
        return any(ATTRIBUTES_COLUMN in shape.by_name for shape in self.shapes)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns no CSV file can do without: those every shape needs."""
        needed = [{column.name for column in shape.columns if column.required} for shape in self.shapes]
        marks = {"item"} if len(self.shapes) > 1 else set()
        return tuple(name for name in self.columns if name in set.intersection(*needed) | marks)


@dataclass(frozen=True, slots=True)
class Item:
    """One cycle, objective, key result or check-in. A column the file has not got is not among the values."""

    kind: str
    values: Mapping[str, Any]
    place: str = field(default="", compare=False)

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


_TITLE = Column("title", text(500), required=True)
_ATTRIBUTES = Column(ATTRIBUTES_COLUMN, ATTRIBUTES, empty={})
_STATE = choice("draft", "active", "closed")
OKRS = Layout(
    (
        Shape(
            CYCLE,
            (
                Column("external_id", ID),
                Column("name", text(200, trimmed=True), required=True),
                Column("starts_on", DAY, required=True),
                Column("ends_on", DAY, required=True),
                Column("state", choice("planned", "active", "closed"), empty="active"),
            ),
        ),
        Shape(
            OBJECTIVE,
            (
                Column("external_id", ID, required=True),
                Column("cycle", ID, required=True),
                _TITLE,
                Column("description", text(lines=True)),
                Column("owner", text(330, trimmed=True), required=True),
                Column("co_owners", TEXTS, empty=()),
                Column("kind", choice("committed", "aspirational"), empty="aspirational"),
                Column("state", _STATE, empty="active"),
                Column("parents", PARENTS, empty=()),
                Column("grade", SHARE),
                Column("grade_note", text(lines=True)),
                _ATTRIBUTES,
            ),
        ),
        Shape(
            KEY_RESULT,
            (
                Column("external_id", ID, required=True),
                Column("objective", ID, required=True),
                _TITLE,
                Column("owner", text(330, trimmed=True)),
                Column("metric", choice(*METRICS), required=True),
                Column("unit", choice("number", "percent", "currency"), empty="number"),
                Column("currency", text(3, trimmed=True)),
                Column("start", QUANTITY),
                Column("target", QUANTITY),
                Column("lower", QUANTITY),
                Column("upper", QUANTITY),
                Column("milestones", STAGES, empty=()),
                Column("weight", QUANTITY, empty=Decimal(1)),
                _ATTRIBUTES,
            ),
        ),
    )
)
CHECK_INS = Layout(
    (
        Shape(
            CHECK_IN,
            (
                Column("external_id", ID, required=True),
                Column("key_result", ID, required=True),
                Column("as_of", DAY, required=True),
                Column("submitted_at", MOMENT),
                Column("value", QUANTITY),
                Column("milestones_done", TEXTS),
                Column("confidence", SHARE),
                Column("status", choice("on_track", "behind", "at_risk")),
                Column("note", text(lines=True)),
                Column("blockers", text(lines=True)),
                Column("author", text(330, trimmed=True)),
            ),
        ),
    )
)
