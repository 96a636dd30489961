"""What a format is, what it is asked, and what comes out of reading a file.

A format of tables is a `Layout`: `goals` reads the rows, `cells` writes one. `Rows` makes the rest of it, so that what
is read and written again differs in no cell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import count
from typing import Any, Protocol

from cairn.exchange.directory import PERSON, Directory
from cairn.exchange.formats.doubts import ASK, Doubt, Doubts
from cairn.exchange.formats.gathering import gathered
from cairn.exchange.formats.goals import Goal, Scene
from cairn.exchange.formats.keeping import fitting, given_back, kept, renewed
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.shaping import shaped
from cairn.exchange.layouts.native import CYCLE, OBJECTIVE, OKRS, Item
from cairn.exchange.layouts.wrong import shortened
from cairn.exchange.okrs.exporting import exported
from cairn.exchange.okrs.register import Standing
from chassis.files import Book
from chassis.files.columns import ColumnMap


@dataclass(frozen=True)
class Asked:
    """What the sender says beside the file, and what Cairn has.

    `check_ins` are those Cairn has, as its API tells them; `answers` go by the ids of doubts; `dates` is dmy or mdy,
    where the file's dates leave that open.
    """

    directory: Directory
    today: date
    standing: Standing = field(default_factory=Standing)
    check_ins: Sequence[Mapping[str, Any]] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    columns: ColumnMap | None = None

    def has(self, external_id: str) -> bool:
        """Whether Cairn has an objective or key result with this external id."""
        return external_id in self.values

    @cached_property
    def values(self) -> Mapping[str, Decimal | None]:
        """The latest value of everything Cairn has, by external id; None of objectives."""
        return {id: None if one.get("value") is None else Decimal(one["value"]) for id, one in self._known()}

    @cached_property
    def present(self) -> Mapping[str, Mapping[str, str]]:
        """The attributes of everything Cairn has, by external id."""
        return {id: one["attributes"] for id, one in self._known()}

    @cached_property
    def authors(self) -> Mapping[str, str]:
        """Who made the check-ins Cairn has, by external id."""
        return {
            str(one["external_id"]): self.directory.called(PERSON, one["author_id"])
            for one in self.check_ins
            if one["external_id"]
        }

    @cached_property
    def exported(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """Everything Cairn has in the words of native items, by kind and external id."""
        items = exported(self.standing, self.directory)
        return {(item.kind, str(item["external_id"])): item.values for item in items}

    def _known(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for objective in self.standing.objectives:
            for one in (objective, *objective["key_results"]):
                yield str(one["external_id"]), one


@dataclass(frozen=True)
class Reading:
    """A file in native items. Nothing may be imported while `open` is not empty."""

    okrs: list[Item]
    check_ins: list[Item]
    doubts: list[Doubt]
    remarks: tuple[str, ...]

    @property
    def open(self) -> list[Doubt]:
        """The questions that wait for an answer."""
        return [doubt for doubt in self.doubts if doubt.kind == ASK and doubt.taken is None]


@dataclass(frozen=True)
class Goals:
    """What is written: native items as exported, check-ins among them, and who people are."""

    okrs: Sequence[Item]
    check_ins: Sequence[Item]
    directory: Directory


@dataclass(frozen=True)
class Parsed:
    """The goals of a file, their cycles, and by goal the cells its row had."""

    goals: list[Goal]
    cycles: list[Item]
    rows: Mapping[str, Mapping[str, str]]
    remarks: tuple[str, ...] = ()


class Format(Protocol):
    """A layout of another tool."""

    @property
    def name(self) -> str:
        """What the command line calls it."""

    @property
    def label(self) -> str:
        """What people call it."""

    def recognises(self, book: Book) -> bool:
        """Whether the file has this layout."""

    def read(self, book: Book, asked: Asked) -> Reading:
        """The file in native items. Raises Rejected."""

    def write(self, goals: Goals) -> bytes:
        """The goals in this layout."""


class Layout(Protocol):
    """What is particular to a format of rows."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def numbered(self) -> str | None:
        """The column of row numbers that other rows refer to, if there is one."""

    def recognises(self, book: Book) -> bool: ...

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        """The goals of a file. Raises Rejected."""

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        """The row of a goal by column, from its fields alone; None where it has no row of its own."""

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        """The file of these rows."""


@dataclass(frozen=True)
class Rows:
    """A format of rows, made of its layout."""

    layout: Layout

    @property
    def name(self) -> str:
        return self.layout.name

    @property
    def label(self) -> str:
        return self.layout.label

    def recognises(self, book: Book) -> bool:
        return self.layout.recognises(book)

    def read(self, book: Book, asked: Asked) -> Reading:
        doubts = Doubts(asked.answers)
        parsed = self.layout.parse(book, asked, doubts)
        owners = Owners(asked.directory, doubts)
        okrs, check_ins = shaped(parsed.goals, asked.standing, owners, asked.authors, self.label)
        whole = [completed(item, asked) for item in okrs]
        scene = self._scene(Goals([*parsed.cycles, *whole], check_ins, asked.directory))
        attributes = {}
        for id, raw in parsed.rows.items():
            cells = self.layout.cells(scene.goals[id], scene) or {}
            own, left_out = fitting(kept(self.name, raw, cells, scene.goals[id].attributes))
            _tell(left_out, scene.goals[id], doubts)
            attributes[id] = renewed(own, asked.present.get(id, {}), raw)
        opened, remarks = _open(okrs, asked.standing)
        items = [_with(item, attributes.get(str(item["external_id"]))) for item in opened]
        targets = {str(item["external_id"]) for item in opened}
        news = [item for item in check_ins if not item["present"] and item["key_result"] in targets]
        return Reading([*parsed.cycles, *items], news, doubts.all(), (*book.remarks, *parsed.remarks, *remarks))

    def write(self, goals: Goals) -> bytes:
        scene = self._scene(goals)
        rows = []
        for goal in scene.goals.values():
            cells = self.layout.cells(goal, scene)
            if cells is not None:
                rows.append(given_back(self.name, cells, goal.attributes))
        return self.layout.pack(rows, scene)

    def _scene(self, goals: Goals) -> Scene:
        found = {goal.id: goal for goal in gathered(goals.okrs, goals.check_ins)}
        cycles = {str(item["name"]): item for item in goals.okrs if item.kind == CYCLE}
        return Scene(found, cycles, goals.directory, numbers(found, self.layout.numbered))


def numbers(goals: Mapping[str, Goal], column: str | None) -> dict[str, str]:
    """Row numbers by goal: those rows came with, where no other has the same, else the next that are free."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for id, goal in goals.items():
        number = goal.attributes.get(column, "") if column else ""
        if number and number not in taken:
            found[id] = number
            taken.add(number)
    free = (str(number) for number in count(1) if str(number) not in taken)
    return {id: found[id] if id in found else next(free) for id in goals}


def completed(item: Item, asked: Asked) -> Item:
    """The item as it will stand in Cairn: what it does not say is what is there, or what something new takes."""
    shape = next(shape for shape in OKRS.shapes if shape.item == item.kind)
    empty = {column.name: column.empty for column in shape.columns}
    present = asked.exported.get((item.kind, str(item["external_id"])), {})
    # A grade is Cairn's own word where the file has none, and the attributes are still to be found out.
    there = {name: value for name, value in present.items() if name not in ("grade", "grade_note", "attributes")}
    return Item(item.kind, {**empty, **there, **item.values}, item.place)


def _open(okrs: list[Item], standing: Standing) -> tuple[list[Item], tuple[str, ...]]:
    """The items without objectives that are closed in Cairn, and what to tell people of these."""
    closed = {one["external_id"] for one in standing.objectives if one["state"] == "closed"}
    found = [item for item in okrs if not closed & {item["external_id"], item["objective"]}]
    left = sum(item.kind == OBJECTIVE for item in okrs) - sum(item.kind == OBJECTIVE for item in found)
    return found, (f"{left} objectives are closed in Cairn and stay as they are",) if left else ()


def _tell(left_out: Sequence[str], goal: Goal, doubts: Doubts) -> None:
    for column in left_out:
        question = f"What “{shortened(column)}” holds is more than Cairn can keep beside a goal."
        doubts.mark(f"too much:{column}", goal.place, goal.title, question, "left out")


def _with(item: Item, attributes: Mapping[str, str] | None) -> Item:
    return Item(item.kind, {**item.values, "attributes": attributes}, item.place) if attributes is not None else item
