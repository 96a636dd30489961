"""PeopleCues, objectives bulk upload: a row a metric of an objective; rows of one objective repeat its columns.

Metric_Type says Percentage, Number, Time or Currency, and no column says which currency: that is asked once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure, Figures, decimal_mark
from cairn.exchange.formats.goals import PERCENT, Goal, Measure, Scene
from cairn.exchange.formats.measures import directional, number
from cairn.exchange.formats.naming import Names, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, table
from cairn.exchange.layouts.links import Parent
from chassis.files import Book

COLUMNS = ("Objective Title", "Owner_Email_ID", "Start_Date", "Due_Date", "Description", "Metric_Name", "Metric_Type",
           "Metric_Start_Value", "Metric_Target_Value")  # fmt: skip
NEEDED = ("Objective Title", "Owner_Email_ID", "Metric_Name", "Metric_Type")
TYPES = {"percent": "Percentage", "number": "Number", "currency": "Currency"}


class PeopleCues:
    """The layout; `Rows` makes a format of it."""

    name = "peoplecues"
    label = "PeopleCues"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, NEEDED) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, NEEDED)
        return _Reader(found.rows, asked, doubts).parsed() if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        above = scene.goals.get(goal.parents[0].id) if goal.key_result and goal.parents else None
        if above is None:
            return None if _measured(goal, scene) else self._objective(goal, scene)
        measure = goal.measure or PERCENT
        return {
            **self._objective(above, scene),
            "Metric_Name": goal.title,
            "Metric_Type": TYPES[measure.unit],
            "Metric_Start_Value": number(measure.start),
            "Metric_Target_Value": number(measure.target),
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        return as_csv(COLUMNS, rows)

    def _objective(self, goal: Goal, scene: Scene) -> dict[str, str]:
        first, last = scene.days(goal)
        return {
            "Objective Title": goal.title,
            "Owner_Email_ID": str(scene.person(goal.owner).get("email", "")),
            "Start_Date": first,
            "Due_Date": last,
            "Description": goal.description or "",
        }


def _measured(goal: Goal, scene: Scene) -> bool:
    """Whether metrics below say the objective's columns."""
    return any(one.key_result and one.parents and one.parents[0].id == goal.id for one in scene.goals.values())


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, rows: list[Row], asked: Asked, doubts: Doubts) -> None:
        self.rows, self.asked, self.doubts = rows, asked, doubts
        dates = [row[name] for row in rows for name in ("Start_Date", "Due_Date")]
        numbers = [row[name] for row in rows for name in ("Metric_Start_Value", "Metric_Target_Value")]
        self.figures = Figures(doubts, decimal_mark(numbers) or ".")
        self.days = Days.of(dates, asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(PeopleCues.name)
        self.objectives: dict[tuple[str, ...], Goal] = {}
        self.metrics: set[tuple[str, str]] = set()
        """The metrics read so far, by objective and name."""

    def parsed(self) -> Parsed:
        goals: list[Goal] = []
        rows: dict[str, Mapping[str, str]] = {}
        for row in self.rows:
            objective, new = self._objective(row)
            goals += [objective] if new else []
            metric = self._metric(row, objective)
            goals += [metric] if metric else []
            rows[(metric or objective).id] = row.cells
        return Parsed(goals, self.periods.cycles(), rows, tuple(self.names.remarks()))

    def _objective(self, row: Row) -> tuple[Goal, bool]:
        """The objective of a row, and whether this row is its first."""
        key = tuple(row[name] for name in ("Objective Title", "Owner_Email_ID", "Start_Date", "Due_Date"))
        present = self.objectives.get(key)
        # A metric that comes again makes an objective of its own that is called the same.
        if present and row["Metric_Name"] and (present.id, row["Metric_Name"]) not in self.metrics:
            return present, False
        title, place = one_line(row["Objective Title"]), row.place
        first, last = (self.days.read(row[name], place, title, name) for name in ("Start_Date", "Due_Date"))
        self.objectives[key] = Goal(
            self.names.made(*key),
            title,
            place,
            description=row["Description"] or None,
            owner=self.owners.one(row["Owner_Email_ID"], place, title),
            cycle=self.periods.name("", first, last, place),
            parents=(),
        )
        return self.objectives[key], True

    def _metric(self, row: Row, objective: Goal) -> Goal | None:
        title = one_line(row["Metric_Name"])
        if not title:
            return None
        self.metrics.add((objective.id, row["Metric_Name"]))
        goal = Goal(
            f"{objective.id}/{self.names.digest(title)}", title, row.place, key_result=True, owner=objective.owner,
            cycle=objective.cycle, parents=(Parent(objective.id),),
        )  # fmt: skip
        goal.measure = self._measure(row, goal)
        return goal

    def _measure(self, row: Row, goal: Goal) -> Measure | None:
        start, target = (
            self._typed(self.figures.read(row[name], row.place, goal.title, name), row)
            for name in ("Metric_Start_Value", "Metric_Target_Value")
        )
        return directional(start, target, self.doubts, row.place, goal.title, goal.id)

    def _typed(self, figure: Figure | None, row: Row) -> Figure | None:
        kind = row["Metric_Type"].casefold()
        if figure is None or kind not in ("percentage", "currency"):
            return figure
        if kind == "percentage":
            return replace(figure, percent=True)
        if figure.currency:
            return figure
        question = "The file has amounts of money and does not say of which currency."
        return replace(
            figure, currency=self.doubts.ask("currency", row.place, row["Metric_Name"], question, ("EUR", "USD"))
        )


PEOPLECUES = Rows(PeopleCues())
