"""Viva Goals, export of an Explorer view (CSV or XLSX), in the columns of 2023 to 2025; any of them may be missing."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cairn.exchange.formats import viva_check_ins, words
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import SYMBOLS, Figure, Figures, decimal_mark
from cairn.exchange.formats.goals import PERCENT, Goal, Scene
from cairn.exchange.formats.measures import current, directional, threshold
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, Table, as_csv, table
from cairn.exchange.formats.viva_check_ins import CheckIns, measured, quantity
from cairn.exchange.layouts.links import CONTRIBUTES, SUPPORTS, Parent
from cairn.exchange.layouts.values import write_quantity
from cairn.exchange.layouts.wrong import shortened
from chassis.files import Book
from chassis.files.headers import normalised

PREFIX = "viva"
"""Of external ids: both exports of Viva Goals use the same ids."""
ALIGNED, LAST_NOTE, CHECK_INS = "Aligned To (weight, Objective ID)", "Last Check-in Note", viva_check_ins.COLUMN
COLUMNS = (
    "Id", "Title", "Team", "Creator", "Owner", "Period", "Start Date", "End Date", "Description", ALIGNED,
    "Metric Name", "Unit", "Target", "Object Type", "Goal Type", "Start", "Created At", "Last Check-in", "Progress %",
    "Actual Progress", "Status", LAST_NOTE, "Score", CHECK_INS,
)  # fmt: skip
TELLING = (ALIGNED, "Object Type", "Goal Type", "Metric Name", "Last Check-in", LAST_NOTE, "Progress %", CHECK_INS)
KINDS = {"committed": "Committed Goal", "aspirational": "Aspirational Goal"}
_LINK = re.compile(r"\(weight:\s*(?P<weight>[0-9.]+)\s*%,\s*Id:\s*(?P<id>[^\s()]+)\)\s*(?=$|[,;|\n])")


class Explorer:
    """The layout; `Rows` makes a format of it."""

    name = "viva-goals"
    label = "Viva Goals (Explorer view)"
    numbered = None

    def recognises(self, book: Book) -> bool:
        found = table(book, COLUMNS, ("Title",))
        return found is not None and len(set(TELLING) & set(found.columns)) >= 3

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        found = table(book, COLUMNS, ("Title",))
        return _Reader(found, asked, doubts).parsed() if found else Parsed([], [], {})

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        measure = goal.measure or PERCENT
        last = goal.last or {}
        first_day, last_day = scene.days(goal)
        return {
            "Id": bare(goal.id, PREFIX),
            "Title": goal.title,
            "Owner": ", ".join(_called(owner, scene) for owner in scene.owners(goal)),
            "Period": goal.cycle,
            "Start Date": first_day,
            "End Date": last_day,
            "Description": goal.description or "",
            ALIGNED: ", ".join(_aligned(parent, scene) for parent in goal.parents or ()),
            "Unit": measure.currency or {"percent": "%"}.get(measure.unit, ""),
            "Target": quantity(measure.target, measure),
            "Object Type": "Key result" if goal.key_result else "Objective",
            "Goal Type": KINDS.get(goal.kind or "", ""),
            "Start": quantity(measure.start, measure),
            "Last Check-in": str(last.get("as_of", "")),
            "Progress %": _progress(goal),
            "Actual Progress": quantity(goal.value, measure),
            "Status": "Closed" if goal.state == "closed" else words.spelt(last.get("status")),
            LAST_NOTE: last.get("note") or "",
            "Score": "" if goal.grade is None else write_quantity(goal.grade),
            CHECK_INS: _joined(viva_check_ins.written(goal, scene)),
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        rows = sorted(rows, key=lambda row: (len(plain_id(row["Id"])), plain_id(row["Id"])))
        texts = [_separated(row.get(CHECK_INS, "")) for row in rows]
        most = max(map(len, texts), default=0)
        more = [f"{CHECK_INS} {number}" for number in range(2, most + 1)]
        spread = [
            {**row, CHECK_INS: (said or [""])[0], **dict(zip(more, said[1:], strict=False))}
            for row, said in zip(rows, texts, strict=True)
        ]
        own = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
        return as_csv([*COLUMNS[:-1], *own, CHECK_INS, *more], spread, unnamed=more)


def _called(owner: str, scene: Scene) -> str:
    person = scene.person(owner)
    return str(person.get("display_name") or person.get("name") or owner)


def _aligned(parent: Parent, scene: Scene) -> str:
    above = scene.goals.get(parent.id)
    weight = write_quantity(parent.weight * 100) if parent.kind == CONTRIBUTES else "0"
    return f"{above.title if above else ''}(weight: {weight}%, Id: {bare(parent.id, PREFIX)})"


def _progress(goal: Goal) -> str:
    """The way from start to target in percent, of what is measured."""
    measure = goal.measure
    if goal.value is None or measure is None or measure.start is None or measure.target in (None, measure.start):
        return ""
    share = (goal.value - measure.start) / ((measure.target or 0) - measure.start) * 100
    return f"{write_quantity(share.quantize(Decimal('0.01')))}%"


def _joined(texts: Sequence[str]) -> str:
    """All check-ins of a row as one text, whatever they hold."""
    return json.dumps(texts, ensure_ascii=False) if texts else ""


def _separated(text: str) -> list[str]:
    return list(json.loads(text)) if text else []


@dataclass(frozen=True, slots=True)
class _Link:
    """What `Aligned To` says of one parent; the weight as a share."""

    title: str
    id: str
    weight: Decimal


def links(text: str) -> list[_Link]:
    """The parents of a row. Titles hold commas and brackets of their own: only what ends a link divides."""
    found, start = [], 0
    for mark in _LINK.finditer(text):
        title = text[start : mark.start()].lstrip(",;| \n")
        found.append(_Link(title.strip(), mark["id"], Decimal(mark["weight"]) / 100))
        start = mark.end()
    return found


def plain_id(text: str) -> str:
    """The id of a cell that may hold a link too: `=HYPERLINK("https://…/1","1")`, `"https://…/1" "1"`, or `1`."""
    quoted = re.findall(r'"([^"]*)"', text)
    return quoted[-1].strip() if quoted else text.strip()


class _Reader:
    """Reads the rows of one view."""

    def __init__(self, found: Table, asked: Asked, doubts: Doubts) -> None:
        self.found, self.asked, self.doubts = found, asked, doubts
        self.figures = Figures(doubts, decimal_mark(found.values("Target", "Start", "Actual Progress")) or ".")
        self.days = Days.of(found.values("Start Date", "End Date"), asked.dates, doubts)
        self.owners = Owners(asked.directory, doubts)
        self.periods = Periods(asked.standing, doubts)
        self.check_ins = CheckIns(self.figures, self.days, self.owners)
        self.names = Names(PREFIX)
        self.ids = [self._id(row) for row in found.rows]
        self.titles = {row["Title"].strip(): id for row, id in zip(found.rows, self.ids, strict=True)}
        self.parents = [tuple(self._parents(row)) for row in found.rows]
        self.above = {parent.id for parents in self.parents for parent in parents if parent.kind == CONTRIBUTES}

    def parsed(self) -> Parsed:
        numbered = zip(self.found.rows, self.ids, self.parents, strict=True)
        goals = [self._goal(row, id, parents) for row, id, parents in numbered]
        rows = {goal.id: _whole(row) for goal, row in zip(goals, self.found.rows, strict=True)}
        return Parsed(goals, self.periods.cycles(), rows, tuple(self.names.remarks()))

    def _id(self, row: Row) -> str:
        if id := plain_id(row["Id"]):
            return self.names.own(id)
        return self.names.made(row["Title"], row["Owner"], row["Period"], row["Object Type"])

    def _parents(self, row: Row) -> Iterator[Parent]:
        for link in links(row[ALIGNED]):
            id = self.names.own(link.id)
            if id not in self.ids and not self.asked.has(id):
                id = self.titles.get(link.title, "") if "Id" not in self.found.columns else ""
            if id:
                yield Parent(id, None, CONTRIBUTES if link.weight else SUPPORTS, link.weight)
            else:
                question = f"Its parent {link.id} “{shortened(link.title)}” is neither in the file nor in Cairn."
                self.doubts.mark(f"parent:{link.id}", row.place, row["Title"], question, "imported without it")

    def _goal(self, row: Row, id: str, parents: tuple[Parent, ...]) -> Goal:
        title, place = one_line(row["Title"]) or "(no title)", row.place
        owners = self.owners.several(row["Owner"], ",", place, title)
        first, last = (self.days.read(row[name], place, title, name) for name in ("Start Date", "End Date"))
        status = words.read_status(row["Status"], self.doubts, place, title)
        goal = Goal(
            id,
            title,
            place,
            key_result=row["Object Type"].casefold() not in ("", "objective", "big rock"),
            description=row["Description"][:10_000] or None,
            owner=owners[0] if owners else self._team(row),
            co_owners=tuple(owners[1:]) or None,
            cycle=self.periods.name(row["Period"], first, last, place),
            kind=next((kind for kind in KINDS if row["Goal Type"].casefold().startswith(kind)), None),
            state=words.state(status),
            parents=parents if ALIGNED in self.found.columns else None,
            attributes={"Metric Name": row["Metric Name"]} if row["Metric Name"] else {},
        )
        self._measure(goal, row)
        self._stand(goal, row, words.check_in_status(status))
        self._grade(goal, row)
        return goal

    def _team(self, row: Row) -> str | None:
        """A goal without an owner is its team's, where it names one."""
        return None if row["Owner"] or ";" in row["Team"] else self.owners.team(row["Team"])

    def _measure(self, goal: Goal, row: Row) -> None:
        start, target = (self._figure(goal, row, name) for name in ("Start", "Target"))
        found = directional(start, target, self.doubts, goal.place, goal.title, goal.id)
        goal.rolls_up = goal.id in self.above and not goal.key_result
        text = f"{goal.title} {row['Metric Name']}"
        if found is not None and not goal.rolls_up:
            found = threshold(found, text, self.doubts, goal.place, goal.title, goal.id)
        goal.measure = found or (None if self.doubts.waits(f"metric:{goal.id}") else PERCENT)

    def _figure(self, goal: Goal, row: Row, name: str) -> Figure | None:
        """A number in the unit of its row."""
        found, unit = self.figures.read(row[name], goal.place, goal.title, name), row["Unit"].strip()
        if found is None:
            return None
        currency = found.currency or SYMBOLS.get(unit) or (unit if re.fullmatch("[A-Z]{3}", unit) else None)
        return replace(found, percent=found.percent or unit == "%", currency=currency)

    def _stand(self, goal: Goal, row: Row, status: str | None) -> None:
        """Check-ins; where there are none, the progress as it stands. What rolls up has no value of its own."""
        said = list(viva_check_ins.told(_texts(row), self.doubts, goal.place, goal.title))
        goal.check_ins += self.check_ins.read(goal, said)
        value = self._value(goal, row)
        if not goal.check_ins and value is not None and not goal.rolls_up:
            last = self.days.read(row["Last Check-in"], goal.place, goal.title, "Last Check-in")
            ends = last or self.days.read(row["End Date"], goal.place, goal.title, "End Date")
            goal.check_ins.append(current(goal, value, ends, status, self.asked))
        if goal.rolls_up and not goal.check_ins:
            goal.measure = None

    def _value(self, goal: Goal, row: Row) -> Figure | None:
        percent = self.figures.read(row["Progress %"], goal.place, goal.title, "Progress %")
        actual = self._figure(goal, row, "Actual Progress")
        found = actual or (replace(percent, percent=True) if percent else None)
        value = measured(found, goal.measure)
        return None if value is None else Figure(value)

    def _grade(self, goal: Goal, row: Row) -> None:
        """A closed goal ends with its score; without one, what rolled up ends with the progress it had."""
        if goal.state != "closed":
            return
        grade = words.grade(row["Score"])
        if grade is None and goal.rolls_up and row["Progress %"]:
            grade = words.grade(row["Progress %"] if "%" in row["Progress %"] else row["Progress %"] + "%")
        if grade is not None:
            goal.grade = min(max(grade, Decimal(0)), Decimal(1))
            goal.grade_note = "As it was closed in Viva Goals."


def _texts(row: Row) -> list[str]:
    """The cells of check-ins: the named column, unnamed ones, and what stands beyond the header."""
    unnamed = (text for name, text in row.cells.items() if normalised(name).startswith("column "))
    return [text for text in (row[CHECK_INS], *unnamed, *row.rest) if text]


def _whole(row: Row) -> dict[str, str]:
    """The cells of a row as `cells` writes them."""
    named = {name: text for name, text in row.cells.items() if not normalised(name).startswith("column ")}
    return {**named, CHECK_INS: _joined(_texts(row))} if _texts(row) else named


VIVA_EXPLORER = Rows(Explorer())
