"""Any other table of goals, by a column map somebody wrote: which header holds which of our fields.

    cairn import okrs okrs.xlsx --format table --map "title=Key result,objective=Goal,owner=Who,target=Target"

A row is a goal; `parent` names another by id or title. Where `objective` is mapped, a row is a key result of the
objective of that title, which is made where no row has it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cairn.exchange.formats import words
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import SYMBOLS, Figure, Figures, decimal_mark
from cairn.exchange.formats.goals import PERCENT, Goal, Measure, Scene
from cairn.exchange.formats.measures import CHOICES, current, directional, measured_as, number, threshold
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import FIRST_OWNER, Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, cells_of
from cairn.exchange.layouts.links import CONTRIBUTES, SUPPORTS, Parent
from cairn.exchange.layouts.values import write_quantity
from cairn.exchange.layouts.wrong import refusal, shortened
from chassis.files import Book
from chassis.files.columns import ColumnMap, Mismapped
from chassis.files.headers import normalised

FIELDS = (
    "id", "item", "title", "objective", "parent", "weight", "owner", "co_owners", "description", "cycle", "starts_on",
    "ends_on", "kind", "status", "metric", "unit", "start", "target", "value", "as_of", "grade",
)  # fmt: skip
NUMBERS, DATES = ("start", "target", "value", "weight"), ("starts_on", "ends_on", "as_of")
KEY_RESULTS = ("key result", "key_result", "kr", "metric", "kpi", "outcome", "milestone")
MADE = "made of a column"
"""Marks an objective that no row of the file is about."""
_METRICS = {"stay_above": CHOICES[0], "stay_below": CHOICES[1], "binary": CHOICES[2]}


class Spreadsheet:
    """The layout; `Rows` makes a format of it."""

    name = "table"
    label = "a table with a column map"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return _own(book) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        columns = asked.columns or _own(book)
        if columns is None:
            remedy = f'Give --map "title=Header,…"; it may name {", ".join(FIELDS)}.'
            raise refusal("the file", "A table needs a column map.", remedy)
        unknown = [name for name in columns.sources if name not in FIELDS]
        if unknown or "title" not in columns.sources:
            reason = f"There is no field “{shortened(unknown[0])}”." if unknown else "The map does not say title."
            raise refusal("the map", reason, f"The fields are {', '.join(FIELDS)}; title is needed.")
        try:
            return _Reader(_mapped(book, columns), asked, doubts).parsed()
        except Mismapped as fault:
            raise refusal("the map", fault.wrong.reason, fault.wrong.remedy) from fault

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str] | None:
        if MADE in goal.attributes:
            return None
        measure = goal.measure or Measure("")
        first, last = scene.days(goal)
        parents = [one for one in goal.parents or () if not _made(one, scene)]
        weights = [one.weight if one.kind == CONTRIBUTES else Decimal(0) for one in parents]
        made = next((scene.goals[one.id].title for one in goal.parents or () if _made(one, scene)), "")
        status = (goal.last or {}).get("status")
        return {
            "id": bare(goal.id, self.name),
            "item": "key result" if goal.key_result else "objective",
            "title": goal.title,
            "objective": made,
            "parent": "|".join(bare(one.id, self.name) for one in parents),
            "weight": "|".join(map(write_quantity, weights)),
            "owner": _called(goal.owner, scene),
            "co_owners": "|".join(_called(one, scene) for one in goal.co_owners or ()),
            "description": goal.description or "",
            "cycle": goal.cycle,
            "starts_on": first,
            "ends_on": last,
            "kind": goal.kind or "",
            "status": "closed" if goal.state == "closed" else words.spelt(status).lower(),
            "metric": measure.metric,
            "unit": measure.currency or {"percent": "%"}.get(measure.unit, ""),
            "start": number(measure.start),
            "target": number(measure.target),
            "value": number(goal.value),
            "as_of": str((goal.last or {}).get("as_of", "")),
            "grade": number(goal.grade),
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        return as_csv(FIELDS, rows)


def _made(parent: Parent, scene: Scene) -> bool:
    above = scene.goals.get(parent.id)
    return above is not None and MADE in above.attributes


def _called(owner: str | None, scene: Scene) -> str:
    return str(scene.person(owner).get("email") or owner or "")


def _own(book: Book) -> ColumnMap | None:
    """The map of a table that has our own fields for headers, as exports have."""
    header = {normalised(cell) for cell in book.sheets[0].records[0].cells} if book.sheets else set()
    found = [name for name in FIELDS if normalised(name) in header]
    return ColumnMap({name: name for name in found}) if {"title", "item", "parent"} <= set(found) else None


def _mapped(book: Book, columns: ColumnMap) -> list[Row]:
    """The rows by our fields; columns the map does not name keep their headers. Raises Mismapped, Rejected."""
    if not book.sheets:
        raise refusal("the file", "It holds no table.", "Save it as CSV or XLSX.")
    header, *records = book.sheets[0].records
    used = {place for places in columns.headers(header.cells).values() for place in places}
    found = []
    for record in records:
        every = cells_of(header.cells, record.cells)
        others = {name: text for name, (place, text) in every.items() if place not in used}
        found.append(Row(f"line {record.number}", {**others, **columns.apply(header.cells, record.cells)}))
    return [row for row in found if row["title"]]


@dataclass(frozen=True, slots=True)
class _Named:
    """A row with the id it gets."""

    row: Row
    id: str
    cycle: str


class _Reader:
    """Reads the mapped rows of one file."""

    def __init__(self, rows: list[Row], asked: Asked, doubts: Doubts) -> None:
        self.asked, self.doubts = asked, doubts
        self.figures = Figures(doubts, decimal_mark([row[name] for row in rows for name in NUMBERS]))
        self.days = Days.of([row[name] for row in rows for name in DATES], asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(Spreadsheet.name)
        self.rows = [_Named(row, self._id(row), self._cycle(row)) for row in rows]
        self.ids = {name: one.id for one in self.rows for name in (one.row["title"], one.row["id"]) if name}
        self.made: dict[str, Goal] = {}

    def parsed(self) -> Parsed:
        goals = [self._goal(one) for one in self.rows]
        rows = {one.id: one.row.cells for one in self.rows}
        return Parsed([*self.made.values(), *goals], self.periods.cycles(), rows, tuple(self.names.remarks()))

    def _id(self, row: Row) -> str:
        own = (row["title"], row["objective"], row["owner"], row["cycle"] or row["starts_on"])
        return self.names.own(row["id"]) if row["id"] else self.names.made(*own)

    def _cycle(self, row: Row) -> str:
        first, last = (self.days.read(row[name], row.place, row["title"], name) for name in ("starts_on", "ends_on"))
        return self.periods.name(row["cycle"], first, last, row.place)

    def _goal(self, named: _Named) -> Goal:
        row, title, place = named.row, one_line(named.row["title"]), named.row.place
        status = words.read_status(row["status"], self.doubts, place, title)
        goal = Goal(
            named.id,
            title,
            place,
            key_result=bool(row["objective"]) or row["item"].casefold() in KEY_RESULTS,
            description=row["description"] or None,
            owner=self.owners.one(row["owner"], place, title),
            co_owners=tuple(self.owners.several(row["co_owners"], "|", place, title)) or None,
            cycle=named.cycle,
            kind=next((kind for kind in ("committed", "aspirational") if kind in row["kind"].casefold()), None),
            state=words.state(status),
        )
        goal.parents = tuple(self._parents(goal, row))
        goal.measure = self._measure(goal, row)
        value = self._figure(goal, row, "value")
        if value is not None and goal.measure is not None:
            as_of = self.days.read(row["as_of"] or row["ends_on"], place, title, "as_of")
            goal.check_ins.append(current(goal, value, as_of, words.check_in_status(status), self.asked))
        grade = words.grade(row["grade"])
        if goal.state == "closed" and grade is not None:
            goal.grade, goal.grade_note = min(max(grade, Decimal(0)), Decimal(1)), "As it was in the imported table."
        return goal

    def _parents(self, goal: Goal, row: Row) -> Iterator[Parent]:
        if row["objective"]:
            yield Parent(self.ids.get(row["objective"]) or self._objective(goal, row["objective"]))
        weights = row["weight"].split("|")
        for place, said in enumerate(filter(None, map(str.strip, row["parent"].split("|")))):
            weight = self.figures.read(weights[place] if place < len(weights) else "", row.place, goal.title, "weight")
            share = (weight.value / 100 if weight.percent else weight.value) if weight else Decimal(1)
            id = self.ids.get(said) or self.names.own(said)
            if id in self.ids.values() or self.asked.has(id):
                yield Parent(id, None, CONTRIBUTES if share else SUPPORTS, share)
            else:
                question = f"Its parent “{shortened(said)}” is neither in the file nor in Cairn."
                self.doubts.mark(f"parent:{said}", row.place, goal.title, question, "imported without it")

    def _objective(self, goal: Goal, said: str) -> str:
        """An objective of the column `objective`; whoever owns its first key result owns it."""
        key = f"{said}\n{goal.cycle}"
        if key not in self.made:
            question = f"No row says who owns “{shortened(said)}”."
            answer = self.doubts.mark(f"owner of:{said}", goal.place, said, question, FIRST_OWNER)
            owner = goal.owner if answer == FIRST_OWNER else self.owners.one(answer, goal.place, said)
            id = self.names.own(f"o-{self.names.digest(said, goal.cycle)}")
            self.made[key] = Goal(
                id, one_line(said), goal.place, owner=owner, cycle=goal.cycle, attributes={MADE: "yes"}
            )
        return self.made[key].id

    def _measure(self, goal: Goal, row: Row) -> Measure | None:
        start, target = (self._figure(goal, row, name) for name in ("start", "target"))
        word = re.sub(r"\s+", "_", row["metric"].strip().casefold())
        if word in _METRICS and (target or word == "binary"):
            return measured_as(_METRICS[word], target or Figure(Decimal(1)), self.doubts, goal.id)
        found = directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        if found is None and (goal.key_result or row["value"]) and not self.doubts.waits(f"metric:{goal.id}"):
            return PERCENT
        return threshold(found, goal.title, self.doubts, goal.place, goal.title, goal.id)

    def _figure(self, goal: Goal, row: Row, name: str) -> Figure | None:
        found, unit = self.figures.read(row[name], goal.place, goal.title, name), row["unit"].strip()
        if found is None:
            return None
        currency = found.currency or SYMBOLS.get(unit) or (unit if re.fullmatch("[A-Z]{3}", unit) else None)
        return Figure(found.value, found.percent or unit == "%", currency)


TABLE = Rows(Spreadsheet())
