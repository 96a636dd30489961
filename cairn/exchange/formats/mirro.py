"""Mirro, import of OKRs: a row an objective, with what is to be done with it and whom it belongs to.

Of the layout only the first six columns are documented; no column for a period is among them, so that is asked, and
every other column is kept as text. Departments and teams are told by codes of a second sheet: a code nobody is called
by is asked.
"""

from collections.abc import Mapping, Sequence

from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.goals import Goal, Scene
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, Table, as_csv, table
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong
from chassis.files import Book

COLUMNS = ("Objective Action", "Objective ID", "Objective Title", "Objective Description", "Objective Type",
           "Objective Type Value")  # fmt: skip
NEEDED = ("Objective Action", "Objective ID", "Objective Title", "Objective Type")
ADD, UPDATE, DELETE = "add", "update", "delete"
INDIVIDUAL = "individual"
PLACE = "row in the file"
"""Kept of each objective, so that they are written in their order."""


class Mirro:
    """The layout; `Rows` makes a format of it."""

    name = "mirro"
    label = "Mirro"
    numbered = PLACE

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, NEEDED) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, NEEDED)
        return _parsed(_wanted(found, doubts), asked, doubts) if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        if goal.key_result:
            return None
        owner, ours = scene.person(goal.owner), goal.id.startswith(f"{self.name}:")
        team = owner.get("kind") == "team"
        return {
            PLACE: scene.numbers[goal.id],
            "Objective Action": UPDATE if ours else ADD,
            "Objective ID": bare(goal.id, self.name) if ours else "",
            "Objective Title": goal.title,
            "Objective Description": goal.description or "",
            "Objective Type": "team" if team else INDIVIDUAL,
            "Objective Type Value": str(owner.get("name" if team else "email") or ""),
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        order = sorted(rows, key=lambda row: int(row[PLACE]))
        return as_csv(COLUMNS, [{name: cell for name, cell in row.items() if name != PLACE} for row in order])


def _wanted(found: Table, doubts: Doubts) -> list[Row]:
    """The rows that are to be imported. Raises Rejected for actions nobody knows."""
    unknown = [row for row in found.rows if row["Objective Action"].casefold() not in ("", ADD, UPDATE, DELETE)]
    if unknown:
        wrong = Wrong("This action is unknown.", "Write add, update or delete.")
        raise Rejected(Rejection(row.place, "Objective Action", wrong) for row in unknown)
    wanted = []
    for row in found.rows:
        if row["Objective Action"].casefold() == DELETE:
            title = row["Objective Title"] or row["Objective ID"]
            doubts.mark("delete", row.place, title, "Rows that ask for a deletion", "are passed over")
        else:
            wanted.append(row)
    return wanted


def _parsed(rows: list[Row], asked: Asked, doubts: Doubts) -> Parsed:
    owners, periods, names = Owners(asked.directory, doubts), Periods(asked.standing, doubts), Names(Mirro.name)
    goals: dict[str, Goal] = {}
    cells = {}
    for number, row in enumerate(rows, 1):
        title, place = one_line(row["Objective Title"]) or "(no title)", row.place
        made = (title, row["Objective Type"], row["Objective Type Value"])
        id = names.own(row["Objective ID"]) if row["Objective ID"] else names.made(*made)
        if id in goals:
            wrong = Wrong("This objective comes twice.", "Keep one row of each Objective ID.")
            raise Rejected([Rejection(place, "Objective ID", wrong)])
        goals[id] = Goal(
            id,
            title,
            place,
            description=row["Objective Description"][:10_000] or None,
            owner=_owner(row, owners, title),
            cycle=periods.name("", None, None, place),
            parents=(),
            attributes={PLACE: str(number)},
        )
        cells[id] = row.cells
    return Parsed(list(goals.values()), periods.cycles(), cells, tuple(names.remarks()))


def _owner(row: Row, owners: Owners, title: str) -> str | None:
    """Whom it belongs to; what belongs to the whole organisation needs somebody to be named."""
    value = row["Objective Type Value"]
    team = owners.team(value) if value and row["Objective Type"].casefold() != INDIVIDUAL else None
    return team or owners.one(value, row.place, title)


MIRRO = Rows(Mirro())
