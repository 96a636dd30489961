"""The OKR tracker of the City of Oslo: its Firestore collections as JSON files in one ZIP.

Objectives belong to a product, a department or an organisation, which are teams here; they are not aligned. KPIs are
series of figures without a target and stay behind. An objective's row holds the documents it refers to, so that they
are written again: people go their own way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from cairn.exchange.formats.archives import zipped
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days, when
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure, Figures
from cairn.exchange.formats.goals import Goal, Measure, Scene
from cairn.exchange.formats.histories import history
from cairn.exchange.formats.json_rows import dumped, text, value, word
from cairn.exchange.formats.measures import by_id, current, directional, is_current
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.layouts.links import CONTRIBUTES, SUPPORTS, Parent
from cairn.exchange.layouts.wrong import refusal
from chassis.files import Book

Document = Mapping[str, Any]
OBJECTIVES, KEY_RESULTS, PROGRESS, PERIODS = "objectives", "keyResults", "keyResults__progress", "periods"
UNITS = ("departments", "products", "organizations")
WHOLE = "whole "
"""Begins the names of cells that hold whole documents: those a goal refers to, and its progress."""
PERCENT = ("%", "prosent", "percent")
LEFT_OUT, TAKEN = "left out", "imported"
_NIGHT = timedelta(hours=2)
"""A day of Oslo begins at 22:00 or 23:00 UTC of the day before."""


class Oslo:
    """The layout; `Rows` makes a format of it."""

    name = "oslo-okr-tracker"
    label = "OKR tracker of the City of Oslo"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return any(_documents(book, name) for name in (OBJECTIVES, KEY_RESULTS))

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        if not _documents(book, OBJECTIVES):
            raise refusal("the file", "It holds no objectives.", "Put objectives.json into the ZIP as well.")
        return _Reader(book, asked, doubts).parsed()

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        owner = scene.person(goal.owner)
        path = _path(goal.id, KEY_RESULTS if goal.key_result else OBJECTIVES)
        said = {"_path": path, "name": goal.title, "archived": False}
        if not goal.key_result:
            return _cells({**said, "description": goal.description or "", **_around(goal, owner, scene)})
        measure = goal.measure or Measure("binary")
        parent = (goal.parents or ())[0]
        progress = [_progress(one, f"{path}/progress", scene) for one in by_id(goal) if not is_current(goal, one)]
        return _cells(
            {
                **said,
                "objective": {"ref": _path(parent.id, OBJECTIVES)},
                "weight": parent.weight,
                "startValue": measure.start,
                "targetValue": measure.target,
                "unit": "%" if measure.unit == "percent" else measure.currency or "",
                "currentValue": goal.value,
                WHOLE + PROGRESS: progress or None,
            }
        )

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        collections: dict[str, dict[str, Document]] = defaultdict(dict)
        for row in rows:
            progress = _history(row, scene) if row.get(WHOLE + PROGRESS) else []
            document = {name: value(cell) for name, cell in row.items() if cell and name != WHOLE + PROGRESS}
            whole = [document.pop(name) for name in list(document) if name.startswith(WHOLE)]
            for one in (document, *whole, *progress):
                collections[_collection(one)].setdefault(one["_path"], one)
        return zipped({f"{name}.json": dumped([*found.values()]) for name, found in collections.items()})


def _history(row: Mapping[str, str], scene: Scene) -> list[Document]:
    id = Names(Oslo.name).own(value(row["_path"]))
    return history(row, WHOLE + PROGRESS, id, scene, key=lambda one: one["_path"], unread=lambda one: not _counts(one))


def _counts(progress: Document) -> bool:
    return progress.get("archived") is not True and progress.get("value") is not None


def _documents(book: Book, collection: str) -> list[tuple[str, Document]]:
    """The documents of a collection, each with its place."""
    return [
        (f"{name} {place}", one)
        for name, found in book.documents.items()
        if name.rsplit("/", 1)[-1] == f"{collection}.json" and isinstance(found, list)
        for place, one in enumerate(found, 1)
        if isinstance(one, Mapping) and "_path" in one
    ]


def _collection(document: Document) -> str:
    """`keyResults__progress` of `keyResults/1/progress/2`."""
    return "__".join(str(document["_path"]).split("/")[::2])


def _cells(document: Document) -> dict[str, str]:
    """The fields as cells; what is not said has none."""
    return {name: text(found) for name, found in document.items() if found is not None}


def _raw(document: Document) -> dict[str, str]:
    """The fields of a document that was read; null is something else than a field it has not got."""
    return {name: "null" if found is None else text(found) for name, found in document.items()}


def _ref(document: Document, name: str) -> str:
    """What a field refers to; empty where it refers to nothing, or holds but text."""
    found = document.get(name)
    return word(found.get("ref")) if isinstance(found, Mapping) else ""


def _path(id: str, within: str) -> str:
    """The path of a document the tracker has, or a new one in this collection."""
    plain = bare(id, Oslo.name)
    return plain if plain != id else f"{within}/{plain.replace('/', '-')}"


def _around(goal: Goal, owner: Mapping[str, Any], scene: Scene) -> Document:
    """Period and unit of an objective that is new to the tracker."""
    first, last = scene.days(goal)
    names = Names(Oslo.name)
    period = {"_path": f"{PERIODS}/{names.digest(goal.cycle)}", "name": goal.cycle, "archived": False}
    unit = {"_path": f"{UNITS[0]}/{names.digest(str(owner.get('id', '')))}", "name": owner.get("name")}
    return {
        "period": {"ref": period["_path"]},
        WHOLE + "period": {**period, "startDate": f"{first}T00:00:00.000Z", "endDate": f"{last}T21:59:59.999Z"},
        "parent": {"ref": unit["_path"]},
        WHOLE + "parent": {**unit, "archived": False},
    }


def _progress(one: Mapping[str, Any], within: str, scene: Scene) -> Document:
    made = one.get("submitted_at")
    by = scene.person(one.get("author")).get("email")
    return {
        "_path": _path(str(one["external_id"]), within),
        "archived": False,
        "createdBy": {"ref": f"users/{by}"} if by else None,
        "created": f"{made:%Y-%m-%dT%H:%M:%S}.{made.microsecond // 1000:03}Z" if made else None,
        "comment": one.get("note") or "",
        "value": one["value"],
        "timestamp": f"{one['as_of']}T12:00:00.000Z",
    }


class _Reader:
    """Reads the collections of one export."""

    def __init__(self, book: Book, asked: Asked, doubts: Doubts) -> None:
        self.asked, self.doubts = asked, doubts
        self.objectives, self.key_results = _documents(book, OBJECTIVES), _documents(book, KEY_RESULTS)
        self.progress: dict[str, list[Document]] = defaultdict(list)
        for _, one in _documents(book, PROGRESS):
            self.progress["/".join(str(one["_path"]).split("/")[:2])].append(one)
        around = [one for name in (PERIODS, *UNITS) for _, one in _documents(book, name)]
        self.around = {str(one["_path"]): one for one in around}
        self.kpis = [len(_documents(book, name)) for name in ("kpis", "kpis__progress")]
        self.figures, self.days = Figures(doubts), Days(doubts)
        self.owners, self.periods = Owners(asked.directory, doubts), Periods(asked.standing, doubts)
        self.names = Names(Oslo.name)
        self.ends: dict[str, date | None] = {}

    def parsed(self) -> Parsed:
        rows: dict[str, Mapping[str, str]] = {}
        above: dict[str, Goal] = {}
        for place, one in self._standing(self.objectives):
            goal = above[word(one["_path"])] = self._objective(place, one)
            rows[goal.id] = {**_raw(one), **_raw(dict(self._whole(one)))}
        below = []
        for place, one in self._standing(self.key_results):
            if (objective := above.get(_ref(one, "objective"))) is not None:
                below.append(self._key_result(place, one, objective))
                progress = self.progress.get(word(one["_path"]))
                rows[below[-1].id] = {**_raw(one), **_cells({WHOLE + PROGRESS: progress})}
        return Parsed([*above.values(), *below], self.periods.cycles(), rows, tuple(self._left(len(below))))

    def _standing(self, documents: Iterable[tuple[str, Document]]) -> Iterator[tuple[str, Document]]:
        """The documents without those the tracker calls archived or deleted, unless these are wanted."""
        for place, one in documents:
            question = "The tracker archives what is deleted. What is archived there"
            gone = one.get("archived") is True or one.get("deleted") is True
            if gone and self._said_of("archived", place, one, question, LEFT_OUT, (LEFT_OUT, TAKEN)) == LEFT_OUT:
                continue
            yield place, one

    def _said_of(
        self, id: str, place: str, one: Document, question: str, taken: str, choices: tuple[str, ...] = ()
    ) -> str:
        return self.doubts.mark(id, place, one_line(word(one.get("name"))), question, taken, choices)

    def _whole(self, one: Document) -> Iterator[tuple[str, Document]]:
        """The documents an objective refers to: its period, its unit, and what that is part of."""
        for name in ("period", "parent"):
            if found := self.around.get(_ref(one, name)):
                yield WHOLE + name, found
        unit: Document = self.around.get(_ref(one, "parent"), {})
        for name in ("department", "organization"):
            if found := self.around.get(_ref(unit, name)):
                yield WHOLE + name, found

    def _left(self, below: int) -> Iterator[str]:
        if self.kpis[0]:
            yield f"{self.kpis[0]} KPIs with {self.kpis[1]} values are series without a target, no goals: left out"
        missing = sum(1 for _ in self._standing(self.key_results)) - below
        if missing:
            yield f"{missing} key results stand below objectives that are not imported; they are left out"

    def _objective(self, place: str, one: Document) -> Goal:
        title = one_line(word(one.get("name"))) or "(no title)"
        period = self.around.get(_ref(one, "period"), {})
        first = self._day(period, "startDate", place, title, _NIGHT)
        last = self._day(period, "endDate", place, title, timedelta())
        goal = Goal(
            self.names.own(word(one["_path"])),
            title,
            place,
            description=word(one.get("description"))[:10_000],
            owner=self._owner(one, place, title),
            # Units name their periods as they like, the same name for other days: the days name the cycle.
            cycle=self.periods.name("", first, last, place),
            parents=(),
        )
        self.ends[goal.id] = last
        return goal

    def _day(self, period: Document, name: str, place: str, title: str, later: timedelta) -> date | None:
        said = word(period.get(name))
        _, found = when(said)
        return (found + later).date() if found else self.days.read(said, place, title, name)

    def _owner(self, one: Document, place: str, title: str) -> str | None:
        """The team of its unit's name; whoever is named for it where there is none."""
        ref = _ref(one, "parent")
        unit = word(self.around.get(ref, {}).get("name")) or ref
        return self.owners.team(unit) or self.owners.one(unit, place, title)

    def _key_result(self, place: str, one: Document, above: Goal) -> Goal:
        title = one_line(word(one.get("name"))) or "(no title)"
        weight = self._figure(one, "weight", place, title)
        share = weight.value if weight else Parent("").weight
        goal = Goal(
            self.names.own(word(one["_path"])), title, place, key_result=True, cycle=above.cycle,
            parents=(Parent(above.id, None, CONTRIBUTES if share else SUPPORTS, share),),
        )  # fmt: skip
        start, target = (self._figure(one, name, place, title) for name in ("startValue", "targetValue"))
        goal.measure = directional(start, target, self.doubts, place, title, goal.id)
        if goal.measure is None:
            return goal
        goal.check_ins += self._check_ins(goal, one)
        value = self._figure(one, "currentValue", place, title)
        if not goal.check_ins and value is not None:
            goal.check_ins.append(current(goal, value, self.ends[above.id], None, self.asked))
        if goal.owner is None and above.owner and not above.owner.startswith("team:"):
            goal.owner = above.owner
        return goal

    def _figure(self, one: Document, name: str, place: str, title: str) -> Figure | None:
        found = self.figures.read(word(one.get(name)), place, title, name)
        percent = word(one.get("unit")).casefold() in PERCENT and name != "weight"
        return Figure(found.value, found.percent or percent, found.currency) if found else None

    def _check_ins(self, goal: Goal, one: Document) -> Iterator[Mapping[str, Any]]:
        """Progress as it was recorded; what was archived of it is kept and counts for nothing."""
        for said in self.progress.get(word(one["_path"]), ()):
            value = self._figure(said, "value", goal.place, goal.title)
            on = self._day(said, "timestamp", goal.place, goal.title, _NIGHT)
            if value is None or on is None or not _counts(said):
                continue
            yield {
                "external_id": self.names.own(word(said["_path"])),
                "as_of": on,
                "submitted_at": when(word(said.get("created")))[1],
                "value": value.value,
                "note": word(said.get("comment"))[:10_000] or None,
                "author": self.owners.known(_ref(said, "createdBy").removeprefix("users/") or "?"),
            }


OSLO = Rows(Oslo())
