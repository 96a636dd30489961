"""Peoplebox, goals import via CSV (v2): one row a goal, its parents by Row ID within the file or by Goal ID."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from cairn.exchange.formats import words
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure, Figures, decimal_mark
from cairn.exchange.formats.goals import PERCENT, Goal, Scene
from cairn.exchange.formats.measures import current, directional, number
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, Table, as_csv, table
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from chassis.files import Book

COLUMNS = (
    "Row ID", "Parent Row IDs", "Parent Goal IDs", "Goal ID", "Action", "Goal Title", "Owner Emails", "Goal Cycle",
    "Goal Type", "Scope", "Departments", "Start Date", "End Date", "Description", "Starting Value", "Target Value",
    "Current Value", "Progress Status", "Check-in Type", "Tags",
)  # fmt: skip
NEEDED = ("Row ID", "Parent Row IDs", "Goal Title", "Owner Emails")
ROLLS_UP, MANUAL = "Auto Rollup", "Manual"
CADENCES = ((32, "Monthly"), (93, "Quarterly"), (185, "Half Yearly"), (367, "Annual"))


class Peoplebox:
    """The layout; `Rows` makes a format of it."""

    name = "peoplebox"
    label = "Peoplebox"
    numbered = "Row ID"

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, NEEDED) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, NEEDED)
        return _Reader(_wanted(found, doubts), asked, doubts).parsed() if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        measure = goal.measure or PERCENT
        parents = [one.id for one in goal.parents or ()]
        first, last = scene.days(goal)
        said = goal.last["status"] if goal.last else None
        return {
            "Row ID": scene.numbers[goal.id],
            "Parent Row IDs": ",".join(scene.numbers[id] for id in parents if id in scene.numbers),
            "Parent Goal IDs": ",".join(bare(id, self.name) for id in parents if id not in scene.numbers),
            "Goal Title": goal.title,
            "Owner Emails": ",".join(str(scene.person(one).get("email", "")) for one in scene.owners(goal)),
            "Goal Cycle": _cadence(first, last),
            "Goal Type": _type(goal),
            "Start Date": first,
            "End Date": last,
            "Description": goal.description or "",
            "Starting Value": number(measure.start),
            "Target Value": number(measure.target),
            "Current Value": number(goal.value),
            "Progress Status": "Closed" if goal.state == "closed" else words.spelt(said),
            "Check-in Type": ROLLS_UP if goal.measure is None or goal.rolls_up else MANUAL,
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        return as_csv(COLUMNS, sorted(rows, key=lambda row: (len(row["Row ID"]), row["Row ID"])))


def _wanted(found: Table, doubts: Doubts) -> list[Row]:
    """The rows that are to be imported. Raises Rejected for actions nobody knows."""
    unknown = [row for row in found.rows if row["Action"].casefold() not in ("", "edit", "delete")]
    if unknown:
        wrong = Wrong("This action is unknown.", "Leave it empty, or write Edit or Delete.")
        raise Rejected(Rejection(row.place, "Action", wrong) for row in unknown)
    for row in found.rows:
        if row["Action"].casefold() == "delete":
            doubts.mark("delete", row.place, row["Goal Title"], "Rows that ask for a deletion", "are passed over")
    return [row for row in found.rows if row["Action"].casefold() != "delete"]


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, rows: list[Row], asked: Asked, doubts: Doubts) -> None:
        self.rows, self.asked, self.doubts = rows, asked, doubts
        numbers = [row[name] for row in rows for name in ("Starting Value", "Target Value", "Current Value")]
        dates = [row[name] for row in rows for name in ("Start Date", "End Date")]
        self.figures = Figures(doubts, decimal_mark(numbers) or ".")
        self.days = Days.of(dates, asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(Peoplebox.name)
        self.ids: dict[str, str] = {}

    def parsed(self) -> Parsed:
        for row in self.rows:
            self._identify(row)
        goals = [self._goal(row) for row in self.rows]
        rows = {goal.id: row.cells for goal, row in zip(goals, self.rows, strict=True)}
        return Parsed(goals, self.periods.cycles(), rows, tuple(self.names.remarks()))

    def _identify(self, row: Row) -> None:
        if row["Row ID"] in self.ids:
            wrong = Wrong(f"Row ID “{shortened(row['Row ID'])}” comes twice.", "Number the rows.")
            raise Rejected([Rejection(row.place, "Row ID", wrong)])
        made = (row["Goal Title"], row["Owner Emails"], row["Start Date"], row["End Date"])
        self.ids[row["Row ID"]] = self.names.own(row["Goal ID"]) if row["Goal ID"] else self.names.made(*made)

    def _goal(self, row: Row) -> Goal:
        title, place = one_line(row["Goal Title"]), row.place
        owners = self.owners.several(row["Owner Emails"], ",", place, title)
        first, last = (self.days.read(row[name], place, title, name) for name in ("Start Date", "End Date"))
        status = words.read_status(row["Progress Status"], self.doubts, place, title)
        goal = Goal(
            self.ids[row["Row ID"]],
            title,
            place,
            description=row["Description"] or None,
            owner=owners[0] if owners else None,
            co_owners=tuple(owners[1:]) or None,
            cycle=self.periods.name("", first, last, place),
            state=words.state(status),
            parents=tuple(self._parents(row)),
            rolls_up=row["Check-in Type"].casefold() == ROLLS_UP.casefold(),
            attributes={"Row ID": row["Row ID"]},
        )
        self._measure(goal, row, words.check_in_status(status), last)
        return goal

    def _parents(self, row: Row) -> Iterator[Parent]:
        for place in filter(None, map(str.strip, row["Parent Row IDs"].split(","))):
            if place in self.ids:
                yield Parent(self.ids[place])
            else:
                question = f"Row {shortened(place)}, its parent, is not in the file."
                self.doubts.mark(f"parent:row {place}", row.place, row["Goal Title"], question, "imported without it")
        for id in filter(None, map(str.strip, row["Parent Goal IDs"].split(","))):
            name = self.names.own(id)
            if name in self.ids.values() or self.asked.has(name):
                yield Parent(name)
            else:
                question = f"Goal {shortened(id)}, its parent, is neither in the file nor in Cairn."
                self.doubts.mark(f"parent:{id}", row.place, row["Goal Title"], question, "imported without it")

    def _measure(self, goal: Goal, row: Row, status: str | None, last: date | None) -> None:
        start, target, value = (
            self.figures.read(row[name], goal.place, goal.title, name)
            for name in ("Starting Value", "Target Value", "Current Value")
        )
        if goal.rolls_up:
            goal.grade, goal.grade_note = _grade(goal, value)
            return
        goal.key_result = True
        if "percent" in row["Goal Type"].casefold() and target is not None:
            target = replace(target, percent=True)
        goal.measure = directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        if value is not None and goal.measure is not None:
            goal.check_ins.append(current(goal, value, last, status, self.asked))


def _grade(goal: Goal, value: Figure | None) -> tuple[Decimal | None, str | None]:
    """A closed goal that rolled up ends with the percentage it had."""
    if goal.state != "closed" or value is None:
        return None, None
    return min(max(value.value / 100, Decimal(0)), Decimal(1)), "As it stood in Peoplebox when it was closed."


def _cadence(first: str, last: str) -> str:
    if not first:
        return ""
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    return next((name for longest, name in CADENCES if days <= longest), "")


def _type(goal: Goal) -> str:
    if goal.measure is None:
        return "Default Progress"
    return {"percent": "Custom Percent", "currency": "Custom Currency"}.get(goal.measure.unit, "Custom Number")


PEOPLEBOX = Rows(Peoplebox())
