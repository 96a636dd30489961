"""Quantive (Gtmhub), workbook: sheets of key results with session and objective, of tasks, and of users.

Objectives have no row: title and session make one. Tasks stand below an objective without counting for it. Users are
read for their names only; people go their own way.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figures, decimal_mark
from cairn.exchange.formats.goals import Goal, Measure, Scene
from cairn.exchange.formats.measures import CHOICES, directional, measured_as, number
from cairn.exchange.formats.naming import Names, one_line
from cairn.exchange.formats.people import FIRST_OWNER, Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, cell, table
from cairn.exchange.layouts.links import SUPPORTS, Parent
from cairn.exchange.layouts.wrong import shortened
from chassis.files import Book, write_xlsx

OKRS = ("Session", "objective", "keyResultName", "owner", "initialValue", "targetValue", "type")
TASKS = ("objective", "taskName", "owner")
USERS = ("email", "firstName", "language", "lastName")
PLACE = "row in the file"
"""Kept of key results and tasks, so that they are written in their order."""
OWNER = "Users: "
"""Begins the names under which the cells of an owner's row stand beside those of a goal."""
DIRECTIONS = {"increase": "should increase to", "decrease": "should decrease to", "stay_above": "should stay above",
              "stay_below": "should stay below", "binary": "should be done"}  # fmt: skip
THRESHOLDS = {DIRECTIONS["stay_above"]: CHOICES[0], "at_least": CHOICES[0], DIRECTIONS["stay_below"]: CHOICES[1],
              "at_most": CHOICES[1], DIRECTIONS["binary"]: CHOICES[2]}  # fmt: skip
FROM_START = "from start to target"
_FROM_START = ("", "should increase to", "should decrease to", "should reach", FROM_START)


class Quantive:
    """The layout; `Rows` makes a format of it."""

    name = "quantive"
    label = "Quantive (Gtmhub)"
    numbered = PLACE

    def recognises(self, book: Book) -> bool:
        return table(book, OKRS, ("objective", "keyResultName", "initialValue", "targetValue")) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        return _Reader(book, asked, doubts).parsed()

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        above = next((scene.goals[one.id] for one in goal.parents or () if one.id in scene.goals), None)
        if not goal.key_result and not _is_task(goal):
            return None
        owner = scene.person(goal.owner)
        row = {PLACE: scene.numbers[goal.id], "owner": _called(owner), "objective": above.title if above else ""}
        user = _user(owner)
        if not goal.key_result:
            return {**row, **user, "taskName": goal.title}
        measure = goal.measure or Measure("binary")
        return {
            **row,
            **user,
            "Session": goal.cycle,
            "keyResultName": goal.title,
            "initialValue": number(measure.start),
            "targetValue": number(measure.target),
            "type": DIRECTIONS.get(measure.metric, ""),
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        order = sorted(rows, key=lambda row: int(row[PLACE]))
        tasks = [row for row in order if row.get("taskName")]
        okrs = [row for row in order if not row.get("taskName")]
        users = {row["owner"]: {"email": row["owner"], **_user_of(row)} for row in order if "@" in row["owner"]}
        return write_xlsx([_sheet("Users", USERS, users.values()), _sheet("OKRs", OKRS, okrs),
                           _sheet("Tasks", TASKS, tasks)])  # fmt: skip


def _sheet(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> tuple[str, Sequence[str], Any]:
    """A sheet of these columns, then those only rows have: the sheet's own."""
    rows = list(rows)
    ours = {PLACE, *OKRS, *TASKS, *USERS}
    more = [one for one in dict.fromkeys(column for row in rows for column in row) if one not in ours]
    names = [*columns, *(one for one in more if not one.startswith(OWNER))]
    return name, names, [[cell(row.get(one, "")) for one in names] for row in rows]


def _user(person: Mapping[str, Any]) -> dict[str, str]:
    first, _, last = str(person.get("display_name", "")).partition(" ")
    return {OWNER + "firstName": first, OWNER + "lastName": last}


def _user_of(row: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(OWNER): text for name, text in row.items() if name.startswith(OWNER)}


def _called(person: Mapping[str, Any]) -> str:
    return str(person.get("email") or person.get("name") or "")


def _is_task(goal: Goal) -> bool:
    return ":task-" in goal.id


class _Reader:
    """Reads the sheets of one workbook."""

    def __init__(self, book: Book, asked: Asked, doubts: Doubts) -> None:
        self.asked, self.doubts = asked, doubts
        self.okrs, self.tasks = (_rows(book, *one) for one in ((OKRS, OKRS[1:3]), (TASKS, TASKS[:2])))
        self.users = {row["email"].casefold(): row for row in _rows(book, USERS, ("email", "firstName", "lastName"))}
        numbers = [row[name] for row in self.okrs for name in ("initialValue", "targetValue")]
        self.figures = Figures(doubts, decimal_mark(numbers) or ".")
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(Quantive.name)
        self.objectives: dict[tuple[str, str], Goal] = {}

    def parsed(self) -> Parsed:
        below = [self._key_result(row) for row in self.okrs]
        below += [self._task(row) for row in self.tasks]
        rows = {}
        for place, (goal, row) in enumerate(zip(below, [*self.okrs, *self.tasks], strict=True), 1):
            goal.attributes[PLACE] = str(place)
            rows[goal.id] = {**row.cells, **self._user(row)}
        remarks = (*self.names.remarks(), *self._idle())
        return Parsed([*self.objectives.values(), *below], self.periods.cycles(), rows, remarks)

    def _user(self, row: Row) -> dict[str, str]:
        found = self.users.get(row["owner"].casefold())
        return {OWNER + name: text for name, text in found.cells.items() if name != "email"} if found else {}

    def _idle(self) -> Iterable[str]:
        idle = len(self.users.keys() - {row["owner"].casefold() for row in [*self.okrs, *self.tasks]})
        if idle:
            yield f"{idle} users own nothing here; people are imported on their own, and an export leaves these out"

    def _objective(self, row: Row, owner: str | None) -> Goal:
        """The objective of a row; whoever owns its first key result owns it."""
        said, session = row["objective"], row["Session"]
        if (said, session) not in self.objectives:
            question = f"No row says who owns “{shortened(said)}”."
            answer = self.doubts.mark(f"owner of:{said}", row.place, said, question, FIRST_OWNER)
            owner = owner if answer == FIRST_OWNER else self.owners.one(answer, row.place, said)
            id = self.names.own(f"objective-{self.names.digest(said, session)}")
            cycle = self.periods.name(session, None, None, row.place)
            self.objectives[said, session] = Goal(
                id, one_line(said) or "(no title)", row.place, owner=owner, cycle=cycle, parents=()
            )
        return self.objectives[said, session]

    def _key_result(self, row: Row) -> Goal:
        title = one_line(row["keyResultName"]) or "(no title)"
        owner = self.owners.one(row["owner"], row.place, title)
        above = self._objective(row, owner)
        goal = Goal(
            self.names.made(row["Session"], row["objective"], row["keyResultName"]), title, row.place,
            key_result=True, owner=owner, cycle=above.cycle, parents=(Parent(above.id),),
        )  # fmt: skip
        goal.measure = self._measure(row, goal)
        return goal

    def _measure(self, row: Row, goal: Goal) -> Measure | None:
        start, target = (
            self.figures.read(row[name], goal.place, goal.title, name) for name in ("initialValue", "targetValue")
        )
        said = row["type"].casefold()
        word = THRESHOLDS.get(said) or (FROM_START if said in _FROM_START else None)
        if word == CHOICES[2]:
            return Measure("binary")
        if word is None and target is not None:
            question = f"How is “{shortened(row['type'])} {target.value}” measured?"
            choices = (FROM_START, *CHOICES)
            word = self.doubts.ask(f"metric:{goal.id}", goal.place, goal.title, question, choices)
        if target is None or word is None:
            return None
        if word == FROM_START:
            return directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        return measured_as(word, target, self.doubts, goal.id)

    def _task(self, row: Row) -> Goal:
        title = one_line(row["taskName"]) or "(no title)"
        owner = self.owners.one(row["owner"], row.place, title)
        above = self._above(row, title)
        made = self.names.made("task", row["objective"], row["taskName"], row["owner"])
        return Goal(
            self.names.own(f"task-{made.removeprefix(f'{Quantive.name}:')}"),
            title,
            row.place,
            owner=owner,
            cycle=above.cycle if above else self.periods.name("", None, None, row.place),
            parents=(Parent(above.id, None, SUPPORTS),) if above else (),
            rolls_up=False,
            measure=Measure("binary"),
        )

    def _above(self, row: Row, title: str) -> Goal | None:
        """The objective a task names by its title; of the same title in several sessions the last one."""
        named = [goal for (said, _), goal in self.objectives.items() if said == row["objective"]]
        if len(named) == 1:
            return named[0]
        said = shortened(row["objective"])
        if not named:
            question = f"Its objective “{said}” is not in the file."
            self.doubts.mark(f"parent:{row['objective']}", row.place, title, question, "imported without it")
            return None
        by_session = {goal.cycle: goal for goal in named}
        question = f"The objective “{said}” stands in {len(named)} sessions: which one is the task for?"
        taken = self.doubts.ask(f"parent:{row['objective']}", row.place, title, question, tuple(by_session))
        return by_session.get(taken or "", named[-1])


def _rows(book: Book, columns: Sequence[str], needed: Iterable[str]) -> list[Row]:
    found = table(book, columns, needed)
    return found.rows if found else []


QUANTIVE = Rows(Quantive())
