"""Betterworks, goal upload: a goal's row is followed by the rows of its milestones; progress is always percent."""

from collections.abc import Mapping, Sequence

from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figures
from cairn.exchange.formats.goals import PERCENT, Goal, Scene
from cairn.exchange.formats.measures import current, number
from cairn.exchange.formats.naming import Names, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, table
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong
from chassis.files import Book

COLUMNS = ("name", "type", "progress", "start_date", "end_date", "owner_email", "categories", "description")
NEEDED = ("name", "type", "progress", "owner_email")
GOAL, MILESTONE = "goal", "milestone"
PLACE = "row in the file"
"""Kept of each goal, so that milestones are written below the goal they were read below."""


class Betterworks:
    """The layout; `Rows` makes a format of it."""

    name = "betterworks"
    label = "Betterworks"
    numbered = PLACE

    def recognises(self, book: Book) -> bool:
        found = table(book, COLUMNS, NEEDED)
        return found is not None and {cell.casefold() for cell in found.values("type")} <= {GOAL, MILESTONE}

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, NEEDED)
        return _Reader(found.rows, asked, doubts).parsed() if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        first, last = scene.days(goal)
        milestone = goal.key_result
        return {
            PLACE: scene.numbers[goal.id],
            "name": goal.title,
            "type": MILESTONE if milestone else GOAL,
            "progress": number(goal.value),
            "start_date": first,
            "end_date": last,
            "owner_email": str(scene.person(goal.owner).get("email", "")),
            "description": goal.description or "",
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        order = sorted(rows, key=lambda row: int(row[PLACE]))
        return as_csv(COLUMNS, [{name: cell for name, cell in row.items() if name != PLACE} for row in order])


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, rows: list[Row], asked: Asked, doubts: Doubts) -> None:
        self.rows, self.asked, self.doubts = rows, asked, doubts
        dates = [row[name] for row in rows for name in ("start_date", "end_date")]
        self.figures = Figures(doubts, ".")
        self.days = Days.of(dates, asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(Betterworks.name)

    def parsed(self) -> Parsed:
        goals: list[Goal] = []
        above: Goal | None = None
        following = [*self.rows[1:], None]
        for place, (row, below) in enumerate(zip(self.rows, following, strict=True), 1):
            goal = self._goal(row, above, below, str(place))
            above = above if goal.key_result else goal
            goals.append(goal)
        rows = {goal.id: row.cells for goal, row in zip(goals, self.rows, strict=True)}
        return Parsed(goals, self.periods.cycles(), rows, tuple(self.names.remarks()))

    def _goal(self, row: Row, above: Goal | None, below: Row | None, number: str) -> Goal:
        title, place = one_line(row["name"]), row.place
        milestone = _is_milestone(row)
        if milestone and above is None:
            reason = "A milestone stands here before any goal."
            raise Rejected([Rejection(place, "type", Wrong(reason, "Put it below the goal it belongs to."))])
        first, last = (self.days.read(row[name], place, title, name) for name in ("start_date", "end_date"))
        ids = (above.id if milestone and above else "", title, row["owner_email"], row["start_date"], row["end_date"])
        goal = Goal(
            self.names.made(*ids),
            title,
            place,
            key_result=milestone,
            description=row["description"] or None,
            owner=self.owners.one(row["owner_email"], place, title),
            cycle=self.periods.name("", first, last, place),
            parents=(Parent(above.id),) if milestone and above else (),
            measure=PERCENT if milestone else None,
            attributes={PLACE: number},
        )
        progress = self.figures.read(row["progress"], place, title, "progress")
        if progress is not None:
            # A goal whose progress comes from its milestones needs none of its own.
            goal.measure, goal.rolls_up = goal.measure or PERCENT, None if milestone else _is_milestone(below)
            goal.check_ins.append(current(goal, progress, last, None, self.asked))
        return goal


def _is_milestone(row: Row | None) -> bool:
    return row is not None and row["type"].casefold() == MILESTONE


BETTERWORKS = Rows(Betterworks())
