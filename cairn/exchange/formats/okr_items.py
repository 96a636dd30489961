"""OKR histories as published handbooks hold them: a list of items with results in words, and notes made later.

`okr_items.csv` alone, or a ZIP of it and `check_ins.csv`. A result closes an objective with a grade; of a key result it
is the last check-in, beyond 100 % too. Owners are functions: teams here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from cairn.exchange.formats import words
from cairn.exchange.formats.archives import zipped
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days, when
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure, Figures
from cairn.exchange.formats.goals import PERCENT, Goal, Measure, Scene
from cairn.exchange.formats.histories import history
from cairn.exchange.formats.json_rows import text
from cairn.exchange.formats.measures import by_id, directional, number
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, table
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from chassis.files import Book

COLUMNS = ("source", "cycle", "cycle_start", "cycle_end", "item_id", "parent_id", "depth", "kind", "owner",
           "owner_type", "team", "priority", "title", "from_value", "to_value", "unit", "result_raw", "score", "status",
           "raw_section")  # fmt: skip
NEEDED = ("cycle", "item_id", "parent_id", "kind", "title", "result_raw", "score")
NOTES = ("source", "item_id", "at", "value_raw", "value", "projected_raw", "projected", "status", "note", "author")
NOTES_NEEDED = ("item_id", "at", "value_raw")
NOTED = "check_ins.csv"
"""Holds the rows of that file beside those of an item."""
RESULT = "@result"
"""Ends the id of the check-in that a result is."""
CONFIDENTIAL = "N"
AS_MEASURED, AS_SHARE = "the value as measured", "the share of the way"


class OkrItems:
    """The layout; `Rows` makes a format of it."""

    name = "okr-items"
    label = "a list of OKR items with results"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return table(book, COLUMNS, NEEDED) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found, notes = table(book, COLUMNS, NEEDED), table(book, NOTES, NOTES_NEEDED)
        if found is None:
            return Parsed([], [], {})
        parsed = _Reader(found.rows, notes.rows if notes else [], asked, doubts).parsed()
        return replace(parsed, remarks=(*parsed.remarks, *_others(book)))

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        first, last = scene.days(goal)
        measure = goal.measure if goal.measure and goal.measure != PERCENT else None
        owner = scene.person(goal.owner)
        above = next((one.id for one in goal.parents or ()), "")
        ended = goal.last or {}
        notes = [_noted(one, goal, self.name) for one in by_id(goal) if one["external_id"] != goal.id + RESULT]
        return {
            "cycle": goal.cycle,
            "cycle_start": first,
            "cycle_end": last,
            "item_id": bare(goal.id, self.name),
            "parent_id": bare(above, self.name),
            "depth": str(len(list(_above(goal, scene)))),
            "kind": "key_result" if goal.key_result else "objective",
            "owner": str(owner.get("name") or owner.get("display_name") or ""),
            "title": goal.title,
            "from_value": number(measure.start) if measure else "",
            "to_value": number(measure.target) if measure else "",
            "unit": "%" if measure and measure.unit == "percent" else "",
            "result_raw": goal.grade_note or str(ended.get("note") or ""),
            "score": number(goal.grade if goal.grade is not None else _share(goal.value, goal.measure)),
            NOTED: text(notes) if notes else "",
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        notes = [one for row in rows for one in _history(row, scene)]
        order = sorted(rows, key=lambda row: row["item_id"])
        items = as_csv(COLUMNS, [{name: cell for name, cell in row.items() if name != NOTED} for row in order])
        return zipped({"okr_items.csv": items, NOTED: as_csv(NOTES, notes)}) if notes else items


def _others(book: Book) -> Iterator[str]:
    """What to tell people of files that are neither items nor notes."""
    for sheet in book.sheets:
        alone = replace(book, sheets=(sheet,))
        if table(alone, COLUMNS, NEEDED) is None and table(alone, NOTES, NOTES_NEEDED) is None:
            yield f"{sheet.name} holds no goals; it is left out"


def _history(row: Mapping[str, str], scene: Scene) -> list[Mapping[str, str]]:
    id = Names(OkrItems.name).own(row["item_id"])
    return history(row, NOTED, id, scene, key=lambda one: when(one["at"]), unread=lambda one: not one.get("value"))


def _above(goal: Goal, scene: Scene) -> Iterator[Goal]:
    """The goals from its parent to the top."""
    seen = {goal.id}
    while (up := next((one.id for one in goal.parents or ()), "")) in scene.goals and up not in seen:
        seen.add(up)
        goal = scene.goals[up]
        yield goal


def _share(value: Decimal | None, measure: Measure | None) -> Decimal | None:
    """A value as results are told: 1 is all of it."""
    if value is None or measure is None:
        return None
    if measure.unit == "percent":
        return value / 100
    if measure.start is None or measure.target is None:
        return value
    return ((value - measure.start) / (measure.target - measure.start)).quantize(Decimal("1e-9"))


def _noted(one: Mapping[str, Any], goal: Goal, name: str) -> dict[str, str]:
    made = one.get("submitted_at")
    return {
        "item_id": bare(goal.id, name),
        "at": made.isoformat() if made else str(one["as_of"]),
        "value_raw": str(one.get("note") or ""),
        "value": number(_share(one["value"], goal.measure)),
        "note": str(one.get("note") or ""),
    }


class _Reader:
    """Reads the items of one file."""

    def __init__(self, rows: list[Row], notes: list[Row], asked: Asked, doubts: Doubts) -> None:
        self.rows, self.asked, self.doubts = rows, asked, doubts
        self.notes: dict[str, list[Row]] = defaultdict(list)
        for note in notes:
            self.notes[note["item_id"]].append(note)
        dates = [row[name] for row in rows for name in ("cycle_start", "cycle_end")]
        self.figures = Figures(doubts, ".")
        self.days = Days.of(dates, asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.names = Names(OkrItems.name)
        self.ids = {row["item_id"] for row in rows}

    def parsed(self) -> Parsed:
        goals = [self._goal(row) for row in self.rows]
        found: dict[str, Mapping[str, str]] = {}
        for goal, row in zip(goals, self.rows, strict=True):
            if goal.id in found:
                wrong = Wrong(f"{shortened(row['item_id'])} comes twice.", "Give every item its own item_id.")
                raise Rejected([Rejection(row.place, "item_id", wrong)])
            notes = [dict(note.cells) for note in self.notes.get(row["item_id"], ())]
            found[goal.id] = {**row.cells, NOTED: text(notes)} if notes else row.cells
        return Parsed(goals, self.periods.cycles(), found, tuple(self._stray()))

    def _stray(self) -> Iterable[str]:
        stray = sum(len(rows) for id, rows in self.notes.items() if id not in self.ids)
        if stray:
            yield f"{stray} rows of {NOTED} are about items the file has not got; they are left out"

    def _goal(self, row: Row) -> Goal:
        title, place = one_line(row["title"]) or "(no title)", row.place
        first, last = (self.days.read(row[name], place, title, name) for name in ("cycle_start", "cycle_end"))
        measures = row["kind"].casefold().replace(" ", "_") == "key_result"
        goal = Goal(
            self.names.own(row["item_id"]) if row["item_id"] else self.names.made(title, row["owner"], row["cycle"]),
            title,
            place,
            key_result=measures,
            owner=self.owners.team(row["owner"]) or self.owners.one(row["owner"], place, title),
            cycle=self.periods.name(row["cycle"], first, last, place),
            parents=tuple(self._parents(row, title)),
        )
        score = self._score(row, goal)
        if measures:
            goal.measure = self._measure(row, goal)
            goal.check_ins += self._check_ins(row, goal, score, last)
        elif score is not None:
            goal.state, goal.grade = "closed", min(max(score, Decimal(0)), Decimal(1))
            goal.grade_note = row["result_raw"][:10_000] or None
        return goal

    def _parents(self, row: Row, title: str) -> Iterator[Parent]:
        said = row["parent_id"]
        if said and (said in self.ids or self.asked.has(self.names.own(said))):
            yield Parent(self.names.own(said))
        elif said:
            question = f"Its parent {shortened(said)} is neither in the file nor in Cairn."
            self.doubts.mark(f"parent:{said}", row.place, title, question, "imported without it")

    def _score(self, row: Row, goal: Goal) -> Decimal | None:
        """The result as a share: the number the file has, else what the words say."""
        read, said = words.result(row["result_raw"]), self.figures.read(row["score"], goal.place, goal.title, "score")
        if said is None:
            return read
        score = said.value / 100 if said.percent else said.value
        if read is not None and round(read, 4) != round(score, 4):
            question = f"“{shortened(row['result_raw'])}” reads like {number(round(read, 4))}."
            taken = f"{number(score)}, the score of the file"
            answer = self.doubts.mark(f"score:{bare(goal.id, OkrItems.name)}", goal.place, goal.title, question, taken)
            return score if answer == taken else words.grade(answer)
        return score

    def _measure(self, row: Row, goal: Goal) -> Measure:
        start, target = (self._figure(row, goal, name) for name in ("from_value", "to_value"))
        found = directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        return found or PERCENT

    def _figure(self, row: Row, goal: Goal, name: str) -> Figure | None:
        if row[name] == CONFIDENTIAL:
            question = "Confidential numbers are written N. Without them a key result is measured in percent."
            self.doubts.mark("number:N", goal.place, goal.title, question, "no number")
            return None
        found = self.figures.read(row[name], goal.place, goal.title, name)
        return Figure(found.value, found.percent or row["unit"] == "%", found.currency) if found else None

    def _check_ins(self, row: Row, goal: Goal, score: Decimal | None, last: date | None) -> Iterator[Mapping[str, Any]]:
        """What was noted with a value, then the result where it says more. What notes say without one is kept as text.

        A note is true for no later day than the cycle's last, however late it was written down.
        """
        ended: Decimal | None = None
        for note in sorted(self.notes.get(row["item_id"], ()), key=lambda note: note["at"]):
            day, made = when(note["at"])
            said = self.figures.read(note["value"], note.place, goal.title, "value")
            on = min(filter(None, (day, last)), default=self.asked.today)
            if said is not None:
                ended = said.value
                yield self._check_in(goal, f"@{note['at']}", on, said.value, note) | {
                    "submitted_at": made,
                    "author": self.owners.known(note["author"]) if note["author"] else None,
                    "note": note["note"][:10_000] or None,
                }
        if score is not None and score != ended:
            yield self._check_in(goal, RESULT, last or self.asked.today, score, row) | {
                "note": row["result_raw"][:10_000] or None
            }

    def _check_in(self, goal: Goal, mark: str, on: date, share: Decimal, row: Row) -> dict[str, Any]:
        status = words.read_status(row["status"], self.doubts, row.place, goal.title)
        return {
            "external_id": f"{goal.id}{mark}",
            "as_of": min(on, self.asked.today),
            "value": self._value(goal, share),
            "status": words.check_in_status(status),
        }

    def _value(self, goal: Goal, share: Decimal) -> Decimal:
        """A result as its key result counts. Of one that goes from 46 % to 60 %, 58.3 % is where it stands."""
        measure = goal.measure or PERCENT
        if measure == PERCENT or measure.start is None or measure.target is None:
            return share * 100
        way = (measure.start + (measure.target - measure.start) * share).quantize(Decimal("1e-6"))
        if measure.unit != "percent":
            return way
        question = f"Is its result, {number(share * 100)} %, the value as measured or the share of the way?"
        id, choices = f"result:{bare(goal.id, OkrItems.name)}", (AS_MEASURED, AS_SHARE)
        taken = self.doubts.mark(id, goal.place, goal.title, question, AS_MEASURED, choices)
        return way if taken == AS_SHARE else share * 100


OKR_ITEMS = Rows(OkrItems())
