"""Goals as native items: which of them are objectives, which key results, and where their values stand.

- A goal that measures its one parent is a key result of it. Objectives below a key result contribute to it: what is
  measured there counts before what is inferred.
- A key result without exactly one objective above it (none in sight, several, another key result, another cycle)
  becomes an objective, and so does everything else.
- An objective with a measure of its own holds it as a key result of the same title. Where the goal rolls up, that one
  has weight 0 and moves nothing; where it does not, what stands below supports without contributing.
- What Cairn has already stays what it is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.goals import OWN, PERCENT, Goal, Measure
from cairn.exchange.formats.people import Owners
from cairn.exchange.layouts.links import SUPPORTS, Parent
from cairn.exchange.layouts.native import CHECK_IN, KEY_RESULT, OBJECTIVE, Item
from cairn.exchange.okrs.register import Standing

_UNSAID = ("description", "kind", "grade", "grade_note", "co_owners")


def shaped(
    goals: Sequence[Goal], standing: Standing, owners: Owners, authors: Mapping[str, str], label: str
) -> tuple[list[Item], list[Item]]:
    """Objectives with their key results, and check-ins; `authors` made the check-ins there are, by external id."""
    shapes = _Shapes(goals, standing)
    okrs: list[Item] = []
    check_ins: list[Item] = []
    for goal in goals:
        if shapes.is_key_result(goal):
            okrs.append(_key_result(goal, goal.id, _weight(goal, shapes), goal.attributes))
        else:
            okrs.append(_objective(_closable(goal, shapes, owners.doubts, label), shapes, owners))
            if goal.measure is not None:
                okrs.append(_key_result(goal, goal.id + OWN, Decimal(0 if goal.rolls_up else 1), {}))
        check_ins += _check_ins(goal, shapes, owners.doubts, authors)
    return okrs, check_ins


class _Shapes:
    """The goals by id, what is below each, and which are key results."""

    def __init__(self, goals: Sequence[Goal], standing: Standing) -> None:
        self.goals = {goal.id: goal for goal in goals}
        self.below: dict[str, list[Goal]] = defaultdict(list)
        for goal in goals:
            for parent in goal.parents or ():
                self.below[parent.id].append(goal)
        for goal in goals:
            self._settle(goal)
        self._known = _kinds(standing)
        self._cycles = {cycle["id"]: cycle["name"] for cycle in standing.cycles}
        self._decided: dict[str, bool] = {}

    def _settle(self, goal: Goal) -> None:
        """Whether it rolls up, where the file does not say; what does and was never checked in has no own value."""
        if goal.rolls_up is None:
            links = [one for child in self.below[goal.id] for one in child.parents or () if one.id == goal.id]
            goal.rolls_up = not goal.key_result and any(one.kind != SUPPORTS and one.weight for one in links)
            if goal.rolls_up and not goal.check_ins:
                goal.measure = None

    def is_key_result(self, goal: Goal) -> bool:
        if goal.id not in self._decided:
            self._decided[goal.id] = False  # what is above itself is no key result
            self._decided[goal.id] = self._measures_its_parent(goal)
        return self._decided[goal.id]

    def _measures_its_parent(self, goal: Goal) -> bool:
        wanted = self._known.get(goal.id, KEY_RESULT if goal.key_result else OBJECTIVE) == KEY_RESULT
        if not wanted or len(goal.parents or ()) != 1:
            return False
        above = self.goals.get((goal.parents or ())[0].id)
        if above is None:
            return self._known.get((goal.parents or ())[0].id) == OBJECTIVE
        return above.cycle == goal.cycle and not self.is_key_result(above)

    def measured_alone(self, id: str) -> bool:
        """Whether an objective moves by its own value and not by what is below it."""
        goal = self.goals.get(id)
        return goal is not None and not self.is_key_result(goal) and goal.measure is not None and not goal.rolls_up

    def is_measured(self, goal: Goal, above: frozenset[str] = frozenset()) -> bool:
        """Whether anything that counts for a goal has a value; `above` are those asked already, should they loop."""
        if goal.check_ins and not goal.rolls_up:
            return True
        asked = above | {goal.id}
        return any(
            self.is_measured(child, asked)
            for child in self.below[goal.id]
            if child.id not in asked
            for parent in child.parents or ()
            if parent.id == goal.id and self.contributes(child, parent)
        )

    def contributes(self, goal: Goal, parent: Parent) -> bool:
        return parent.kind != SUPPORTS and parent.weight != 0 and not self.measured_alone(parent.id)


def _kinds(standing: Standing) -> Mapping[str, str]:
    found = {str(one["external_id"]): OBJECTIVE for one in standing.objectives}
    below = (one for objective in standing.objectives for one in objective["key_results"])
    return found | {str(one["external_id"]): KEY_RESULT for one in below}


def _weight(goal: Goal, shapes: _Shapes) -> Decimal:
    parent = (goal.parents or ())[0]
    return parent.weight if shapes.contributes(goal, parent) else Decimal(0)


def _closable(goal: Goal, shapes: _Shapes, doubts: Doubts, label: str) -> Goal:
    """The goal as it can be closed: without a score, and without anything measured that counts, it stays open.

    To close it all the same would grade it 0, which nobody said.
    """
    if goal.state != "closed" or goal.grade is not None or shapes.is_measured(goal):
        return goal
    said = f"{label} calls it closed, without a score, and nothing that counts for it was measured."
    taken = doubts.mark(f"closed:{goal.id}", goal.place, goal.title, said, "active", ("active", "0", "0.5", "1"))
    if taken == "active":
        return replace(goal, state="active")
    return replace(goal, grade=Decimal(taken), grade_note="Given when it was imported.")


def _objective(goal: Goal, shapes: _Shapes, owners: Owners) -> Item:
    values: dict[str, Any] = {
        "external_id": goal.id,
        "cycle": goal.cycle,
        "title": goal.title,
        "owner": goal.owner or owners.unsaid(goal.place, goal.title),
        "state": goal.state,
        "attributes": goal.attributes,
    }
    if goal.parents is not None:
        values["parents"] = tuple(_link(goal, parent, shapes) for parent in goal.parents)
    said = {name: getattr(goal, name) for name in _UNSAID if getattr(goal, name) is not None}
    return Item(
        OBJECTIVE,
        {**values, **{name: value or None if value == "" else value for name, value in said.items()}},
        goal.place,
    )


def _link(goal: Goal, parent: Parent, shapes: _Shapes) -> Parent:
    return parent if shapes.contributes(goal, parent) else replace(parent, kind=SUPPORTS)


def _key_result(goal: Goal, id: str, weight: Decimal, attributes: Mapping[str, str]) -> Item:
    measure = goal.measure or PERCENT
    values: dict[str, Any] = {
        "external_id": id,
        "objective": goal.id if id.endswith(OWN) else (goal.parents or ())[0].id,
        "title": goal.title,
        **{one.name: getattr(measure, one.name) for one in fields(Measure)},
        "weight": weight,
        "attributes": attributes,
    }
    if goal.owner is not None and not goal.owner.startswith("team:"):
        values["owner"] = goal.owner
    return Item(KEY_RESULT, values, goal.place)


def _check_ins(goal: Goal, shapes: _Shapes, doubts: Doubts, authors: Mapping[str, str]) -> list[Item]:
    """What was checked in; where the file does not say by whom, in the name of the owner."""
    key_result = shapes.is_key_result(goal)
    if not key_result and goal.measure is None:
        return []
    target = {"key_result": goal.id if key_result else goal.id + OWN}
    items = []
    for one in goal.check_ins:
        author = one.get("author") or authors.get(one["external_id"]) or _owner(goal, doubts)
        items.append(Item(CHECK_IN, {**one, **target, "author": author}, goal.place))
    return items


def _owner(goal: Goal, doubts: Doubts) -> str | None:
    """The person who owns a goal; for a team's, whoever is named."""
    if goal.owner is not None and not goal.owner.startswith("team:"):
        return goal.owner
    question = "No person owns it: in whose name are its values recorded? Answer with an external id or e-mail."
    return doubts.ask("author", goal.place, goal.title, question)
