"""Culture Amp, goals import: a row a goal of one person, its key results side by side in the columns of the row.

Completion is a share from 0 to 1. Its four statuses say more of a check-in than of an end: only `accomplished` closes.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure, Figures
from cairn.exchange.formats.goals import PERCENT, Goal, Scene
from cairn.exchange.formats.measures import current
from cairn.exchange.formats.naming import Names, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, table
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.values import write_quantity
from chassis.files import Book

COLUMNS = ("email", "name", "description", "visibility", "individual_emails", "due_at", "created_at", "priority",
           "status", "completion")  # fmt: skip
NEEDED = ("email", "name", "due_at", "completion")
_TITLE = re.compile(r"key_result_(\d+)_title")
STATUSES = {"blocked": "at_risk"}
ACCOMPLISHED = "accomplished"


class CultureAmp:
    """The layout; `Rows` makes a format of it."""

    name = "culture-amp"
    label = "Culture Amp"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, NEEDED) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, NEEDED)
        return _Reader(found.rows, found.columns, asked, doubts).parsed() if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        if goal.key_result:
            return None
        first, last = scene.days(goal)
        row = {
            "email": str(scene.person(goal.owner).get("email", "")),
            "name": goal.title,
            "description": goal.description or "",
            "due_at": last,
            "created_at": first,
            "status": ACCOMPLISHED if goal.state == "closed" else "ongoing",
            "completion": _share(goal.value),
        }
        for number, below in enumerate(_below(goal, scene), 1):
            row[f"key_result_{number}_title"] = below.title
            row[f"key_result_{number}_completion"] = _share(below.value)
        return row

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        most = max((int(found[1]) for row in rows for name in row if (found := _TITLE.fullmatch(name))), default=0)
        pairs = [f"key_result_{number}_{what}" for number in range(1, most + 1) for what in ("title", "completion")]
        return as_csv([*COLUMNS, *pairs], rows)


def _below(goal: Goal, scene: Scene) -> list[Goal]:
    """Its key results, those of the file in their places, others behind them."""
    found = [one for one in scene.goals.values() if one.key_result and one.parents and one.parents[0].id == goal.id]
    places = {one.id: one.id.removeprefix(f"{goal.id}/") for one in found}
    return sorted(found, key=lambda one: int(places[one.id]) if places[one.id].isdecimal() else len(found) + 1)


def _share(value: Decimal | None) -> str:
    return "" if value is None else write_quantity(value / 100)


class _Reader:
    """Reads the rows of one file."""

    def __init__(self, rows: list[Row], columns: Sequence[str], asked: Asked, doubts: Doubts) -> None:
        self.rows, self.asked, self.doubts = rows, asked, doubts
        self.numbers = [found[1] for name in columns if (found := _TITLE.fullmatch(name))]
        dates = [row[name] for row in rows for name in ("created_at", "due_at")]
        self.figures = Figures(doubts, ".")
        self.days = Days.of(dates, asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(CultureAmp.name)

    def parsed(self) -> Parsed:
        goals: list[Goal] = []
        rows: dict[str, Mapping[str, str]] = {}
        for row in self.rows:
            goal, last = self._goal(row)
            rows[goal.id] = row.cells
            goals += [goal, *self._key_results(row, goal, last)]
        return Parsed(goals, self.periods.cycles(), rows, tuple(self.names.remarks()))

    def _goal(self, row: Row) -> tuple[Goal, date | None]:
        title, place = one_line(row["name"]), row.place
        first, last = (self.days.read(row[name], place, title, name) for name in ("created_at", "due_at"))
        goal = Goal(
            self.names.made(title, row["email"], row["created_at"], row["due_at"]),
            title,
            place,
            description=row["description"] or None,
            owner=self.owners.one(row["email"], place, title),
            cycle=self.periods.name("", first, last, place),
            state="closed" if row["status"] == ACCOMPLISHED else "active",
            parents=(),
        )
        if self._measured(goal, row, "completion", last):
            goal.rolls_up = any(row[f"key_result_{number}_title"] for number in self.numbers)
            if goal.state == "closed" and goal.value is not None:
                goal.grade = min(max(goal.value / 100, Decimal(0)), Decimal(1))
                goal.grade_note = "As it stood in Culture Amp when it was accomplished."
        return goal, last

    def _key_results(self, row: Row, goal: Goal, last: date | None) -> list[Goal]:
        found = []
        for number in self.numbers:
            title = one_line(row[f"key_result_{number}_title"])
            if not title:
                continue
            below = Goal(
                f"{goal.id}/{number}", title, row.place, key_result=True, owner=goal.owner, cycle=goal.cycle,
                parents=(Parent(goal.id),), measure=PERCENT,
            )  # fmt: skip
            self._measured(below, row, f"key_result_{number}_completion", last)
            found.append(below)
        return found

    def _measured(self, goal: Goal, row: Row, column: str, last: date | None) -> bool:
        share = self.figures.read(row[column], row.place, goal.title, column)
        if share is None:
            return False
        percent = share if share.percent else Figure(share.value * 100, True, None)
        goal.measure = PERCENT
        goal.check_ins.append(current(goal, percent, last, STATUSES.get(row["status"]), self.asked))
        return True


CULTURE_AMP = Rows(CultureAmp())
