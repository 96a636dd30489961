"""Engagedly, goals import: a row a goal of one person, without parents; progress is stated later, as a percentage.

The page that documents the layout shows no column for the target of a goal that is counted (`Quantity`), so such a goal
is marked and measured in percent.
"""

from collections.abc import Mapping, Sequence

from cairn.exchange.formats import words
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.goals import PERCENT, Goal, Scene
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, table
from chassis.files import Book

COLUMNS = ("Goal", "Notes", "Goal Identifier", "Start Date", "End Date", "Notification Frequency", "Check-In Type",
           "Status", "Assigner", "Assigner Email ID", "Owner Email ID")  # fmt: skip
NEEDED = ("Goal", "Goal Identifier", "Owner Email ID")
PERCENTAGE = "percentage"


class Engagedly:
    """The layout; `Rows` makes a format of it."""

    name = "engagedly"
    label = "Engagedly"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, NEEDED) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, NEEDED)
        return _parsed(found.rows, asked, doubts) if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        if goal.key_result:
            return None
        first, last = scene.days(goal)
        return {
            "Goal": goal.title,
            "Notes": goal.description or "",
            "Goal Identifier": bare(goal.id, self.name),
            "Start Date": first,
            "End Date": last,
            "Check-In Type": "Percentage",
            "Status": "Completed" if goal.state == "closed" else "",
            "Owner Email ID": str(scene.person(goal.owner).get("email", "")),
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        return as_csv(COLUMNS, rows)


def _parsed(rows: list[Row], asked: Asked, doubts: Doubts) -> Parsed:
    dates = [row[name] for row in rows for name in ("Start Date", "End Date")]
    days, owners = Days.of(dates, asked.dates, doubts), Owners(asked.directory, doubts)
    periods, names = Periods(asked.standing, doubts), Names(Engagedly.name)
    goals = []
    for row in rows:
        title, place = one_line(row["Goal"]), row.place
        first, last = (days.read(row[name], place, title, name) for name in ("Start Date", "End Date"))
        made = (title, row["Owner Email ID"], row["Start Date"], row["End Date"])
        id = names.own(row["Goal Identifier"]) if row["Goal Identifier"] else names.made(*made)
        if row["Check-In Type"].casefold() not in ("", PERCENTAGE):
            question = f"It is checked in as “{row['Check-In Type']}”, and the file has no target for that."
            doubts.mark(f"metric:{id}", place, title, question, "percent")
        goals.append(
            Goal(
                id,
                title,
                place,
                description=row["Notes"] or None,
                owner=owners.one(row["Owner Email ID"], place, title),
                cycle=periods.name("", first, last, place),
                state=words.state(words.read_status(row["Status"], doubts, place, title)),
                parents=(),
                measure=PERCENT,
                rolls_up=False,
            )
        )
    found = {goal.id: row.cells for goal, row in zip(goals, rows, strict=True)}
    return Parsed(goals, periods.cycles(), found, tuple(names.remarks()))


ENGAGEDLY = Rows(Engagedly())
