"""okra's list of key results (Tarides): a row a key result of a team, with its objective by title and its quarter.

A key result here is a piece of work that gets closed; the list holds no figures. Ids are compared without case.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure
from cairn.exchange.formats.goals import Goal, Measure, Scene
from cairn.exchange.formats.measures import current
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods, span_of
from cairn.exchange.formats.tables import Row, as_csv, table
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from chassis.files import Book

COLUMNS = ("id", "title", "objective", "status", "team", "quarter")
OPEN, CLOSED = "In Progress", "Closed"
DONE, UNTOLD = "done", "not told"


class Okra:
    """The layout; `Rows` makes a format of it."""

    name = "okra"
    label = "okra"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, COLUMNS) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, COLUMNS)
        return _Reader(found.rows, asked, doubts).parsed() if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        above = scene.goals.get(goal.parents[0].id) if goal.key_result and goal.parents else None
        if above is None:
            return None
        return {
            "id": bare(goal.id, self.name),
            "title": goal.title,
            "objective": above.title,
            "status": CLOSED if goal.value else OPEN,
            "team": str(scene.person(above.owner).get("name", "")),
            "quarter": above.cycle,
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        return as_csv(COLUMNS, sorted(rows, key=lambda row: (len(row["id"]), row["id"].casefold())))


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, rows: list[Row], asked: Asked, doubts: Doubts) -> None:
        self.rows, self.asked, self.doubts = rows, asked, doubts
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(Okra.name)
        self.goals: dict[str, Goal] = {}

    def parsed(self) -> Parsed:
        rows = {}
        for row in self.rows:
            goal = self._key_result(row, self._objective(row))
            if goal.id in self.goals:
                wrong = Wrong(f"{shortened(row['id'])} comes twice; upper and lower case are the same.", "Keep one.")
                raise Rejected([Rejection(row.place, "id", wrong)])
            self.goals[goal.id] = goal
            rows[goal.id] = row.cells
        return Parsed(list(self.goals.values()), self.periods.cycles(), rows)

    def _objective(self, row: Row) -> Goal:
        """The objective of a row: one for each title, team and quarter."""
        id = self.names.own(f"objective-{self.names.digest(row['objective'], row['team'], row['quarter'])}")
        if id not in self.goals:
            owner = self.owners.team(row["team"]) or self.owners.one(row["team"], row.place, row["objective"])
            title = one_line(row["objective"])
            self.goals[id] = Goal(id, title, row.place, owner=owner, cycle=self._cycle(row), parents=())
        return self.goals[id]

    def _cycle(self, row: Row) -> str:
        # "Q1 2019 - Jan - Mar": the months say the quarter once more, and only the quarter has days.
        named = re.split(r"\s+-\s+", row["quarter"])[0]
        first, last = span_of(named) or (None, None)
        return self.periods.name(row["quarter"], first, last, row.place)

    def _key_result(self, row: Row, objective: Goal) -> Goal:
        goal = Goal(
            self.names.own(row["id"].casefold()), one_line(row["title"]), row.place, key_result=True,
            owner=objective.owner if not (objective.owner or "").startswith("team:") else None,
            cycle=objective.cycle, parents=(Parent(objective.id),), measure=Measure("binary"),
        )  # fmt: skip
        if row["status"].casefold() == CLOSED.casefold() and self._counts_as_done(row):
            days = span_of(re.split(r"\s+-\s+", row["quarter"])[0])
            goal.check_ins.append(current(goal, Figure(Decimal(1)), days[1] if days else None, None, self.asked))
        return goal

    def _counts_as_done(self, row: Row) -> bool:
        question = "Closed does not say whether it was reached. Without an answer nothing is checked in."
        return self.doubts.mark("closed", row.place, row["title"], question, UNTOLD, (DONE, UNTOLD)) == DONE


OKRA = Rows(Okra())
