"""Judging a file of goals as a whole, before anything is written: references, loops, definitions, states."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from cairn.exchange.directory import PERSON, Directory
from cairn.exchange.layouts.links import Parent, Stage
from cairn.exchange.layouts.native import CYCLE, KEY_RESULT, METRICS, MOST_ATTRIBUTES, OBJECTIVE, OKRS
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from cairn.exchange.okrs.register import Node, Register
from services.goals.rules import metrics

SHAPES = {shape.item: shape for shape in OKRS.shapes}
QUANTITIES = ("start", "target", "lower", "upper")
Found = Iterator[tuple[str | None, Wrong]]


def judge(register: Register, directory: Directory) -> list[Node]:
    """Fill in what the nodes refer to; answers objectives with parents before children.

    Raises Rejected with everything that is wrong.
    """
    rejections = [
        Rejection(node.item.place, column, wrong)
        for node in register.nodes
        if node.item is not None
        for column, wrong in _faults(node, register, directory)
    ]
    order, loop = _ordered(register)
    if rejections or loop:
        raise Rejected([*rejections, *loop])
    return order


def _faults(node: Node, register: Register, directory: Directory) -> Found:
    if node.present is None:
        yield from _missing(node)
    if (count := len(node.attributes())) > MOST_ATTRIBUTES:
        yield "attributes", Wrong(f"These are {count} attributes.", f"Keep at most {MOST_ATTRIBUTES}.")
    if node.kind == CYCLE:
        yield from _cycle_faults(node)
    else:
        judges = {OBJECTIVE: _objective_faults, KEY_RESULT: _key_result_faults}
        yield from judges[node.kind](node, register, directory)


def _missing(node: Node) -> Found:
    values = node.item.values if node.item else {}
    for column in SHAPES[node.kind].columns:
        if column.required and column.name not in values:
            what = node.kind.replace("_", " ")
            yield column.name, Wrong(f"This {what} is new and says nothing of it.", f"A new {what} needs it; add it.")


def _cycle_faults(node: Node) -> Found:
    begins, ends = str(node.says("starts_on") or date.min), str(node.says("ends_on") or date.max)
    if ends < begins:
        yield "ends_on", Wrong(f"The cycle would end on {ends}, before it begins on {begins}.", "Mend one of the two.")


def _objective_faults(node: Node, register: Register, directory: Directory) -> Found:
    values = node.item.values if node.item else {}
    if "cycle" in values:
        found = _one(register, CYCLE, values["cycle"])
        if isinstance(found, Wrong):
            yield "cycle", found
        else:
            node.above = found
    if "owner" in values:
        yield from _owner_faults(node, values["owner"], directory)
    yield from _co_owner_faults(node, values.get("co_owners", ()), directory)
    if "parents" in values:
        yield from _parent_faults(node, values["parents"], register)
    yield from _state_faults(node)


def _one(register: Register, kind: str, name: str) -> Node | Wrong:
    found = register.find(kind, name)
    what = kind.replace("_", " ")
    if not found:
        remedy = "Mend the name, or add it to the file; the order does not matter."
        return Wrong(f"There is no {what} “{shortened(name)}”, neither in the file nor in Cairn.", remedy)
    if len(found) > 1:
        return Wrong(f"Several {what}s are called “{shortened(name)}”.", "Write its external id instead.")
    return found[0]


def _owner_faults(node: Node, said: str | None, directory: Directory) -> Found:
    if said is None:
        return
    found = directory.owner(said) if node.kind == OBJECTIVE else directory.person(said)
    if isinstance(found, Wrong):
        yield "owner", found
        return
    node.owner = found if isinstance(found, tuple) else (PERSON, found)
    before = node.present.get("owner_id") if node.present else None
    if before != node.owner[1] and (gone := directory.gone(*node.owner)):
        yield "owner", gone


def _co_owner_faults(node: Node, said: tuple[str, ...], directory: Directory) -> Found:
    before = node.present["co_owner_ids"] if node.present else []
    for name in said:
        found = directory.person(name)
        if isinstance(found, Wrong):
            yield "co_owners", found
        elif found not in before and (gone := directory.gone(PERSON, found)):
            yield "co_owners", gone
        elif found not in node.co_owners:
            node.co_owners.append(found)


def _parent_faults(node: Node, said: tuple[Parent, ...], register: Register) -> Found:
    node.parents = []
    for parent in said:
        found = _parent(parent, register)
        if isinstance(found, Wrong):
            yield "parents", found
        elif any(found is other for _, other in node.parents):
            yield "parents", Wrong(f"“{shortened(parent.id)}” is named twice.", "Keep one of the two.")
        else:
            node.parents.append((parent, found))
    if len(said) > 50:
        yield "parents", Wrong(f"These are {len(said)} parents.", "Name at most 50.")


def _parent(parent: Parent, register: Register) -> Node | Wrong:
    kinds = [parent.of] if parent.of else [OBJECTIVE, KEY_RESULT]
    found = [node for kind in kinds for node in register.find(kind, parent.id)]
    if not found:
        reason = f"There is no objective or key result “{shortened(parent.id)}”, neither in the file nor in Cairn."
        return Wrong(reason, "Mend the external id, or add the parent to the file; the order does not matter.")
    if len(found) > 1:
        remedy = f"Write objective:{parent.id} or key_result:{parent.id}."
        return Wrong(f"“{shortened(parent.id)}” is both an objective and a key result.", remedy)
    return found[0]


def _state_faults(node: Node) -> Found:
    state, before = node.says("state"), node.present["state"] if node.present else None
    if before == "closed" and state != "closed":
        yield "state", Wrong("It is closed in Cairn.", "Reopen it there first, or write closed.")
    if before == "active" and state == "draft":
        yield "state", Wrong("It is in force in Cairn and cannot become a draft again.", "Write active or closed.")
    if state != "closed" and node.item is not None and (node.item["grade"] is not None or node.item["grade_note"]):
        yield "grade", Wrong("Only what is closed has a grade.", "Leave grade and grade_note empty, or write closed.")


def _key_result_faults(node: Node, register: Register, directory: Directory) -> Found:
    values = node.item.values if node.item else {}
    yield from _owner_faults(node, values.get("owner"), directory)
    if "objective" in values:
        found = _one(register, OBJECTIVE, values["objective"])
        if isinstance(found, Wrong):
            yield "objective", found
        elif node.present is not None and node.above is not found:
            was = node.above.title if node.above else "another one"
            remedy = "Name that one, or give this key result an external id of its own."
            yield "objective", Wrong(f"In Cairn this key result belongs to “{shortened(was)}”.", remedy)
        else:
            node.above = found
    if node.says("metric") in METRICS:
        yield from _definition_faults(node)


def _definition_faults(node: Node) -> Found:
    said = _definition(node)
    weight = _number(node.says("weight"))
    defined = metrics.Metric(
        kind=said["metric"],
        unit=said["unit"] or "number",
        currency=said["currency"],
        milestones=tuple(_stage(one) for one in said["milestones"] or ()),
        **{name: _number(said[name]) for name in QUANTITIES},
    )
    faults = metrics.validate(defined)
    for fault in [*faults, *metrics.weight_faults("/weight", Decimal(1) if weight is None else weight)]:
        reason, _, remedy = fault.sentence.partition("; ")
        column = fault.pointer.split("/")[1]
        yield column, Wrong(f"{reason}." if remedy else reason, remedy[:1].upper() + remedy[1:])


def _definition(node: Node) -> dict[str, Any]:
    """What will be measured: another metric drops what the old one took."""
    names = ("metric", "unit", "currency", "milestones", *QUANTITIES)
    said = {name: node.says(name) for name in names}
    if node.present is not None and node.item is not None and node.present["metric"] != said["metric"]:
        dropped = {*QUANTITIES, "milestones"} - set(node.item.values)
        said |= dict.fromkeys(dropped)
    return said


def _number(said: Any) -> Decimal | None:
    return None if said is None else Decimal(said)


def _stage(one: Any) -> metrics.Milestone:
    if isinstance(one, Stage):
        return metrics.Milestone(one.id, one.weight)
    return metrics.Milestone(one["id"], Decimal(one["weight"]))


def _ordered(register: Register) -> tuple[list[Node], list[Rejection]]:
    """Objectives, parents first; or the loop they would close, told by titles."""
    graph: TopologicalSorter[Node] = TopologicalSorter()
    for node in register.nodes:
        if node.kind == OBJECTIVE:
            above = [parent.above if parent.kind == KEY_RESULT else parent for _, parent in node.parents]
            graph.add(node, *(one for one in above if one is not None))
    try:
        return list(graph.static_order()), []
    except CycleError as fault:
        loop: list[Node] = fault.args[1]
    way = " → ".join(f"“{shortened(node.title)}”" for node in reversed(loop))
    filed = next((node.item for node in loop if node.item is not None), None)
    wrong = Wrong(f"These would be above themselves: {way}.", "Take out one of these parents.")
    return [], [Rejection(filed.place if filed else "the file", "parents", wrong)]
