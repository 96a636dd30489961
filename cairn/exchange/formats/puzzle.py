"""Puzzle OKR: tables of objectives, key results and check-ins in one ZIP.

Metric key results go from baseline to stretch goal. Ordinal ones report a zone; the zones COMMIT, TARGET and STRETCH
are milestones, reached one after the other, that make 0.3, 0.7 and 1 of the goal, as Puzzle scores them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

from cairn.exchange.formats import words
from cairn.exchange.formats.archives import zipped
from cairn.exchange.formats.contract import Asked, Parsed, Rows
from cairn.exchange.formats.days import Days, when
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figures
from cairn.exchange.formats.goals import Goal, Measure, Scene
from cairn.exchange.formats.histories import history
from cairn.exchange.formats.json_rows import text
from cairn.exchange.formats.measures import by_id, directional, number
from cairn.exchange.formats.naming import Names, bare, one_line
from cairn.exchange.formats.people import Owners
from cairn.exchange.formats.periods import Periods
from cairn.exchange.formats.tables import Row, as_csv, table
from cairn.exchange.layouts.links import Parent, Stage
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, refusal, shortened
from chassis.files import Book

OBJECTIVES = ("objective_id", "cycle", "cycle_start", "cycle_end", "team", "state", "created_at", "modified_at",
              "title_length", "has_description")  # fmt: skip
KEY_RESULTS = ("key_result_id", "objective_id", "type", "baseline", "stretch_goal", "unit", "owner", "created_at",
               "modified_at", "title_length", "has_zone_texts")  # fmt: skip
CHECK_INS = ("check_in_id", "key_result_id", "created_at", "modified_at", "type", "value", "zone", "confidence_0_10",
             "author", "comment_length", "initiatives_length")  # fmt: skip
REPORTED = "check_ins.csv"
"""Holds the rows of that file beside those of a key result."""
METRIC, ORDINAL = "metric", "ordinal"
MISSED = "FAIL"
ZONES = (("COMMIT", "0.3"), ("TARGET", "0.4"), ("STRETCH", "0.3"))
STAGES = tuple(Stage(zone, zone.title(), Decimal(weight)) for zone, weight in ZONES)
STATES = {"draft": words.DRAFT, "successful": words.CLOSED, "notsuccessful": words.CLOSED, "ongoing": words.OPEN}


class Puzzle:
    """The layout; `Rows` makes a format of it."""

    name = "puzzle-okr"
    label = "Puzzle OKR"
    numbered = None

    def recognises(self, book: Book) -> bool:
        return table(book, KEY_RESULTS, ("key_result_id", "objective_id", "type", "stretch_goal")) is not None

    def parse(self, book: Book, asked: Asked, doubts: Doubts) -> Parsed:
        if table(book, OBJECTIVES, OBJECTIVES[:2]) is None:
            raise refusal("the file", "The table of objectives is missing.", "Put objectives.csv into the ZIP as well.")
        return _Reader(book, asked, doubts).parsed()

    def cells(self, goal: Goal, scene: Scene) -> Mapping[str, str]:
        owner = scene.person(goal.owner)
        called = str(owner.get("name") or owner.get("display_name") or "")
        if not goal.key_result:
            first, last = scene.days(goal)
            return {
                "objective_id": bare(goal.id, self.name),
                "title": _titled(goal.title, f"Objective {bare(goal.id, self.name)}"),
                "cycle": goal.cycle,
                "cycle_start": first,
                "cycle_end": last,
                "team": called,
                "state": _state(goal),
            }
        measure = goal.measure or Measure("binary")
        reported = [_reported(one, goal, scene) for one in by_id(goal)]
        return {
            "key_result_id": bare(goal.id, self.name),
            "title": _titled(goal.title, f"Key result {bare(goal.id, self.name)}"),
            "objective_id": bare((goal.parents or ())[0].id, self.name),
            "type": ORDINAL if measure.metric == "milestones" else METRIC,
            "baseline": number(measure.start),
            "stretch_goal": number(measure.target),
            "owner": called,
            REPORTED: text(reported) if reported else "",
        }

    def pack(self, rows: Sequence[Mapping[str, str]], scene: Scene) -> bytes:
        measured = [row for row in rows if "key_result_id" in row]
        reported = [one for row in measured for one in _history(row, scene)]
        above = [row for row in rows if "key_result_id" not in row]
        return zipped(
            {
                "objectives.csv": _file(OBJECTIVES, above, "objective_id"),
                "key_results.csv": _file(KEY_RESULTS, measured, "key_result_id"),
                REPORTED: _file(CHECK_INS, reported, "check_in_id"),
            }
        )


def _history(row: Mapping[str, str], scene: Scene) -> list[Mapping[str, str]]:
    id = Names(Puzzle.name).own(row["key_result_id"])
    return history(row, REPORTED, id, scene, key=lambda one: one["check_in_id"])


def _file(columns: Sequence[str], rows: Iterable[Mapping[str, str]], key: str) -> bytes:
    """A table of these columns; titles only where any row has one."""
    plain = [{name: text for name, text in row.items() if name != REPORTED} for row in rows]
    if not any(row.get("title") for row in plain):
        plain = [{name: text for name, text in row.items() if name != "title"} for row in plain]
    return as_csv(columns, sorted(plain, key=lambda row: row[key]))


def _titled(title: str, made: str) -> str:
    """A title; none where it was made of the id because the file had none."""
    return "" if title == made else title


def _state(goal: Goal) -> str:
    """The state; of what is closed what the file said of it, and else what the grade says."""
    if goal.state == "closed":
        good = goal.grade is None or goal.grade >= Decimal("0.7")
        return goal.attributes.get("state") or ("SUCCESSFUL" if good else "NOTSUCCESSFUL")
    return "DRAFT" if goal.state == "draft" else "ONGOING"


def _reported(one: Mapping[str, Any], goal: Goal, scene: Scene) -> dict[str, str]:
    made, measure = one.get("submitted_at"), goal.measure
    stages = measure.milestones if measure and measure.metric == "milestones" else ()
    confidence = one.get("confidence")
    return {
        "check_in_id": bare(str(one["external_id"]), Puzzle.name),
        "key_result_id": bare(goal.id, Puzzle.name),
        "created_at": made.strftime("%Y-%m-%d %H:%M:%S.%f") if made else str(one["as_of"]),
        "type": ORDINAL if stages else METRIC,
        "value": number(one["value"]),
        "zone": _zone(stages, one.get("milestones_done") or ()) if stages else "",
        "confidence_0_10": "" if confidence is None else number(Decimal(str(confidence)) * 10),
        "author": str(scene.person(one.get("author")).get("display_name", "")),
    }


def _zone(stages: Sequence[Stage], done: Collection[str]) -> str:
    """The zone that the milestones done so far reach by their weight."""
    whole = sum(stage.weight for stage in stages)
    part = sum(stage.weight for stage in stages if stage.id in done)
    edges = accumulate(stage.weight for stage in STAGES)
    reached = [stage.id for stage, edge in zip(STAGES, edges, strict=True) if part >= edge * whole]
    return reached[-1] if reached and part else MISSED


class _Reader:
    """Reads the tables of one ZIP."""

    def __init__(self, book: Book, asked: Asked, doubts: Doubts) -> None:
        self.asked, self.doubts = asked, doubts
        self.objectives = _rows(book, OBJECTIVES, ("objective_id", "cycle", "state"))
        self.key_results = _rows(book, KEY_RESULTS, ("key_result_id", "objective_id", "type"))
        self.reported: dict[str, list[Row]] = defaultdict(list)
        for row in _rows(book, CHECK_INS, ("check_in_id", "key_result_id")):
            self.reported[row["key_result_id"]].append(row)
        dates = [row[name] for row in self.objectives for name in ("cycle_start", "cycle_end")]
        self.figures, self.days = Figures(doubts, "."), Days.of(dates, asked.dates, doubts)
        self.owners, self.periods = Owners(asked.directory, doubts), Periods(asked.standing, doubts)
        self.names = Names(Puzzle.name)

    def parsed(self) -> Parsed:
        self._single()
        above = {row["objective_id"]: self._objective(row) for row in self.objectives}
        below = [self._key_result(row, above.get(row["objective_id"])) for row in self.key_results]
        rows: dict[str, Mapping[str, str]] = {}
        rows |= {goal.id: row.cells for goal, row in zip(above.values(), self.objectives, strict=True)}
        for goal, row in zip(below, self.key_results, strict=True):
            reported = [dict(one.cells) for one in self.reported.get(row["key_result_id"], ())]
            rows[goal.id] = {**row.cells, REPORTED: text(reported)} if reported else row.cells
        return Parsed([*above.values(), *below], self.periods.cycles(), rows, tuple(self._stray()))

    def _single(self) -> None:
        """Raises Rejected for ids that come twice."""
        for rows, name in ((self.objectives, "objective_id"), (self.key_results, "key_result_id")):
            seen: set[str] = set()
            for row in rows:
                if row[name] in seen:
                    wrong = Wrong(f"“{shortened(row[name])}” comes twice.", "Keep one row of each.")
                    raise Rejected([Rejection(row.place, name, wrong)])
                seen.add(row[name])

    def _stray(self) -> Iterable[str]:
        stray = self.reported.keys() - {row["key_result_id"] for row in self.key_results}
        if stray:
            found = sum(len(self.reported[id]) for id in stray)
            yield f"{found} check-ins are about key results the file has not got; they are left out"

    def _objective(self, row: Row) -> Goal:
        title, place = one_line(row["title"]) or f"Objective {row['objective_id']}", row.place
        first, last = (self.days.read(row[name], place, title, name) for name in ("cycle_start", "cycle_end"))
        status = STATES.get(row["state"].casefold()) or words.read_status(row["state"], self.doubts, place, title)
        return Goal(
            self.names.own(row["objective_id"]),
            title,
            place,
            owner=self.owners.team(row["team"]) or self.owners.one(row["team"], place, title),
            cycle=self.periods.name(row["cycle"], first, last, place),
            state=words.state(status),
            parents=(),
            attributes={"state": row["state"]} if status == words.CLOSED else {},
        )

    def _key_result(self, row: Row, above: Goal | None) -> Goal:
        title, place = one_line(row["title"]) or f"Key result {row['key_result_id']}", row.place
        goal = Goal(
            self.names.own(row["key_result_id"]), title, place, key_result=True,
            owner=self.owners.one(row["owner"], place, title), parents=(Parent(above.id),) if above else (),
            cycle=above.cycle if above else self.periods.name("", None, None, place),
        )  # fmt: skip
        if above is None:
            question = f"Its objective {shortened(row['objective_id'])} is not in the file."
            self.doubts.mark(f"parent:{row['objective_id']}", place, title, question, "imported without it")
        goal.measure = self._measure(row, goal)
        for one in self.reported.get(row["key_result_id"], ()):
            said = self._said(one, goal)
            if said is not None and goal.measure is not None:
                goal.check_ins.append(said)
        return goal

    def _measure(self, row: Row, goal: Goal) -> Measure | None:
        if row["type"].casefold() == ORDINAL:
            return Measure("milestones", milestones=STAGES)
        start, target = (
            self.figures.read(row[name], goal.place, goal.title, name) for name in ("baseline", "stretch_goal")
        )
        return directional(start, target, self.doubts, goal.place, goal.title, goal.id)

    def _said(self, row: Row, goal: Goal) -> Mapping[str, Any] | None:
        """A check-in; None where it says nothing. A zone nobody knows is asked about."""
        on, made = when(row["created_at"])
        on = on or self.days.read(row["created_at"], row.place, goal.title, "created_at")
        if on is None:
            return None
        sure = self.figures.read(row["confidence_0_10"], row.place, goal.title, "confidence_0_10")
        return {
            "external_id": self.names.own(row["check_in_id"]),
            "as_of": on,
            "submitted_at": made,
            "confidence": sure.value / 10 if sure else None,
            "author": self._author(row, goal),
            **self._measured(row, goal),
        }

    def _measured(self, row: Row, goal: Goal) -> Mapping[str, Any]:
        if goal.measure is None or goal.measure.metric != "milestones":
            figure = self.figures.read(row["value"], row.place, goal.title, "value")
            return {"value": figure.value if figure else Decimal(0)}
        zones, zone = [one for one, _ in ZONES], row["zone"].upper()
        if zone not in (*zones, MISSED):
            question = f"Which zone is “{shortened(row['zone'])}”?"
            id = f"zone:{row['zone']}"
            zone = (self.doubts.ask(id, row.place, goal.title, question, (MISSED, *zones)) or MISSED).upper()
            if zone not in (*zones, MISSED):
                self.doubts.unfit(id, f"“{shortened(zone)}” is none of the choices.")
        reached = zones[: zones.index(zone) + 1] if zone in zones else []
        return {"value": None, "milestones_done": tuple(reached)}

    def _author(self, row: Row, goal: Goal) -> str | None:
        found = self.owners.known(row["author"]) if row["author"] else None
        if row["author"] and found is None:
            question = (
                f"Nobody in Cairn, or more than one, is called “{shortened(row['author'])}”. Check-ins of that name"
            )
            taken = "are recorded in the owner's name"
            answer = self.doubts.mark(f"author:{row['author']}", row.place, goal.title, question, taken)
            return self.owners.known(answer)
        return found


def _rows(book: Book, columns: Sequence[str], needed: Iterable[str]) -> list[Row]:
    found = table(book, columns, needed)
    return found.rows if found else []


PUZZLE = Rows(Puzzle())
