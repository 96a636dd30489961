"""What a file of people keeps for days ahead, and which of the changes kept before it replaces or lets go."""

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.ids import new_id
from chassis.unit import Unit
from services.people.commands.leaving import Omitted
from services.people.commands.people_judging import PeopleJudge
from services.people.commands.person_steps import PersonStep
from services.people.commands.scheduling import ROW, START, Entry, Key, Plan
from services.people.rules.person_rows import holds_from
from services.people.rules.table import Row, Table

Wanted = Mapping[Key, tuple[int, Mapping[str, str]]]
"""Lines and cells to be kept."""


def plan_ahead(
    unit: Unit,
    judge: PeopleJudge,
    steps: list[PersonStep],
    gone: Omitted | None,
    table: Table,
    stored: list[Entry],
    source: str | None,
) -> Plan:
    """What becomes of the stored entries and of the rows that lie ahead; `gone` of a file that is complete."""
    wanted = dict(_wanted(judge, steps))
    by_key = {entry.key: entry for entry in stored}
    outdated = _Outdated(judge, steps, gone, table)
    plan = Plan(dropped=[entry.id for entry in stored if entry.key not in wanted and outdated(entry)])
    for key, (line, cells) in wanted.items():
        entry, (person_id, day, kind) = by_key.get(key), key
        if entry is not None and entry.cells == cells:
            continue
        said = {
            "cells": dict(cells),
            "may_give_roles": judge.given.may_give_roles,
            "source": f"{(source or 'file')[:250]}, line {line}",
            "kept_at": unit.now(),
        }
        if entry is not None:
            plan.replaced.append({"known_id": entry.id, **said})
        else:
            new: dict[str, Any] = {"id": new_id(), "person_id": person_id, "day": day, "kind": kind, "problem": None}
            plan.new.append(new | said)
        if kind == ROW:
            plan.lines.add(line)
    return plan


def _wanted(judge: PeopleJudge, steps: list[PersonStep]) -> Iterator[tuple[Key, tuple[int, Mapping[str, str]]]]:
    lines = {step.id: step.line for step in steps}
    for row, person_id, day in judge.meant.ahead:
        if judge.verdicts.stands(row.line):
            lines.setdefault(person_id, row.line)
            yield (person_id, day, ROW), (row.line, _kept(row))
    for person_id, start in judge.starts.items():
        if start is not None and person_id in lines:
            yield (person_id, start, START), (lines[person_id], {"active": "true"})


def _kept(row: Row) -> dict[str, str]:
    """What is kept of a row; its day stands beside it."""
    return {column: cell for column, cell in row.cells.items() if column != "effective_date"}


class _Outdated:
    """Tells which stored entries a file overrules, if it does not want them itself.

    A first working day is what the newest row makes of it. What got stuck is overruled by a row that holds from that
    day or a later one. A complete file that has days at all names every change ahead, and none of people it omits.
    """

    def __init__(self, judge: PeopleJudge, steps: list[PersonStep], gone: Omitted | None, table: Table) -> None:
        self._starts = judge.starts.keys() & {step.id for step in steps}
        self._ahead = {(person_id, day) for _, person_id, day in judge.meant.ahead}
        self._unnamed = gone.unnamed if gone and not gone.nameless else set()
        self._every_day = gone is not None and any("effective_date" in row.cells for row in table.rows)
        self._outside = {state.id for state in gone.staying} if gone else set()
        self._present = judge.meant.present

    def __call__(self, entry: Entry) -> bool:
        if entry.person_id in self._unnamed or (entry.kind == START and entry.person_id in self._starts):
            return True
        if entry.problem is not None:
            return self._overruled(entry)
        inside = entry.person_id not in self._outside and (entry.person_id, entry.day) not in self._ahead
        return self._every_day and entry.kind == ROW and inside

    def _overruled(self, entry: Entry) -> bool:
        days = (holds_from(row) for row, person_id in self._present if person_id == entry.person_id)
        return any(day is not None and day >= entry.day for day in days)
