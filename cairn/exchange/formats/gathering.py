"""Native items as goals again: a key result is the goal below its objective, a value of its own goes back into it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from cairn.exchange.formats.goals import OWN, Goal, Measure
from cairn.exchange.layouts.links import CONTRIBUTES, SUPPORTS, Parent
from cairn.exchange.layouts.links import OBJECTIVE as ON_OBJECTIVE
from cairn.exchange.layouts.native import KEY_RESULT, OBJECTIVE, Item

_MEASURE = tuple(one.name for one in fields(Measure))


def gathered(okrs: Iterable[Item], check_ins: Iterable[Item]) -> list[Goal]:
    """The goals of native items, each objective before its key results."""
    objectives = {str(item["external_id"]): _objective(item) for item in okrs if item.kind == OBJECTIVE}
    below: dict[str, list[Goal]] = defaultdict(list)
    measured: dict[str, Goal] = {}
    for item in okrs:
        if item.kind != KEY_RESULT:
            continue
        name, above = str(item["external_id"]), objectives.get(str(item["objective"]))
        if above is not None and name == above.id + OWN:
            above.measure, above.rolls_up = _measure(item), item["weight"] == 0
            measured[name] = above
        else:
            measured[name] = _key_result(item, above)
            below[str(item["objective"])].append(measured[name])
    for item in check_ins:
        if (goal := measured.get(str(item["key_result"]))) is not None:
            goal.check_ins.append(item.values)
    return [goal for one in objectives.values() for goal in (one, *below[one.id])]


def _objective(item: Item) -> Goal:
    return Goal(
        id=str(item["external_id"]),
        title=item["title"],
        description=item["description"],
        owner=item["owner"],
        co_owners=tuple(item["co_owners"] or ()),
        cycle=item["cycle"],
        kind=item["kind"],
        state=item["state"] or "active",
        parents=tuple(item["parents"] or ()),
        rolls_up=True,
        grade=item["grade"],
        grade_note=item["grade_note"],
        attributes=dict(item["attributes"] or {}),
    )


def _key_result(item: Item, above: Goal | None) -> Goal:
    weight = Decimal(1) if item["weight"] is None else item["weight"]
    kind = CONTRIBUTES if weight else SUPPORTS
    return Goal(
        id=str(item["external_id"]),
        title=item["title"],
        key_result=True,
        owner=item["owner"] or (above.owner if above else None),
        cycle=above.cycle if above else "",
        parents=(Parent(str(item["objective"]), ON_OBJECTIVE, kind, weight),),
        measure=_measure(item),
        attributes=dict(item["attributes"] or {}),
    )


def _measure(item: Item) -> Measure:
    said: Mapping[str, Any] = {name: item[name] for name in _MEASURE if item[name] is not None}
    return Measure(**said)
