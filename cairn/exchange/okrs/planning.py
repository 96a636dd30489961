"""What an import will do: every item of the file compared with what Cairn has, as the fields that differ."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cairn.exchange.layouts.native import CYCLE, KEY_RESULT, OBJECTIVE
from cairn.exchange.layouts.values import write_quantity
from cairn.exchange.layouts.wrong import Rejected, Rejection, Wrong, shortened
from cairn.exchange.okrs.register import Node, Register

PLAIN = {
    CYCLE: ("external_id", "name", "starts_on", "ends_on", "state"),
    OBJECTIVE: ("external_id", "title", "description", "kind"),
    KEY_RESULT: (
        "external_id", "title", "metric", "unit", "currency",
        "start", "target", "lower", "upper", "milestones", "weight",
    ),
}  # fmt: skip
"""Columns that are fields of the same name."""
CREATED, CHANGED, UNCHANGED = "created", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Step:
    """One item: what becomes of it. `fields` are those that differ, as the API takes them; all of a new one."""

    node: Node
    what: str
    fields: tuple[str, ...] = ()

    def line(self) -> str:
        """The step for people to read."""
        place = self.node.item.place if self.node.item else ""
        changes = ": " + ", ".join(map(self._change, self.fields)) if self.what == CHANGED else ""
        kind = self.node.kind.replace("_", " ")
        return f"  {place}: {self.what} {kind} {self.node.name} “{shortened(self.node.title)}”{changes}"

    def told(self) -> dict[str, Any]:
        """The step for programs to read."""
        before, after = self.node.present or {}, desired(self.node)
        return {
            "place": self.node.item.place if self.node.item else "",
            "what": self.what,
            "item": self.node.kind,
            "external_id": self.node.name,
            "title": self.node.title,
            "fields": [{"field": one, "before": before.get(one), "after": after.get(one)} for one in self.fields],
        }

    def _change(self, name: str) -> str:
        before, after = (self.node.present or {}).get(name), desired(self.node).get(name)
        if name == "attributes" and isinstance(before, dict) and isinstance(after, dict):
            return f"attributes {', '.join(sorted(one for one, _ in before.items() ^ after.items()))}"
        if isinstance(before, list | dict) or isinstance(after, list | dict):
            return name
        return f"{name} {_short(before)} → {_short(after)}"


@dataclass
class Plan:
    """The steps in the order they are taken, and what is closed after them, children first."""

    cycles: list[Step] = field(default_factory=list)
    objectives: list[tuple[Step | None, list[Step]]] = field(default_factory=list)
    """An objective and its key results; None where the file only has key results of it."""
    publishing: list[Node] = field(default_factory=list)
    closing: list[Node] = field(default_factory=list)
    closing_cycles: list[Node] = field(default_factory=list)
    left_open: int = 0
    """How many the file calls closed that stay open."""

    def steps(self) -> list[Step]:
        """All of them."""
        of_objectives = [step for one, below in self.objectives for step in ([one] if one else []) + below]
        return [*self.cycles, *of_objectives]


def plan(register: Register, order: Sequence[Node], *, close: bool) -> Plan:
    """Compare a judged file with what is there. Raises Rejected for changes to what is closed."""
    made = Plan(cycles=[_step(node) for node in register.filed(CYCLE)])
    below = register.key_results()
    for node in order:
        own = _step(node) if node.item is not None else None
        steps = [_step(key_result) for key_result in below.get(node, ())]
        if own or steps:
            made.objectives.append((own, steps))
    _refuse_closed(made)
    over = [node for node in order if _to_close(node)]
    over_cycles = [node for node in register.filed(CYCLE) if _to_close(node)]
    made.publishing = [node for node in order if _to_publish(node, close)]
    if close:
        made.closing, made.closing_cycles = over[::-1], over_cycles
    else:
        made.left_open = len(over) + len(over_cycles)
    return made


def _step(node: Node) -> Step:
    wanted = desired(node)
    if node.present is None:
        return Step(node, CREATED, tuple(wanted))
    differing = tuple(name for name, value in wanted.items() if not _same(value, node.present.get(name)))
    return Step(node, CHANGED if differing else UNCHANGED, differing)


def _to_close(node: Node) -> bool:
    return node.item is not None and node.item["state"] == "closed" and (node.present or {}).get("state") != "closed"


def _to_publish(node: Node, close: bool) -> bool:
    before = node.present["state"] if node.present else None
    wanted = node.item["state"] if node.item else None
    return before == "draft" and (wanted == "active" or (close and wanted == "closed"))


def _refuse_closed(made: Plan) -> None:
    wrong = Wrong("It is closed in Cairn and stays as it is.", "Reopen it there first, or leave it out.")
    rejections = []
    for step in made.steps():
        objective = step.node.above if step.node.kind == KEY_RESULT else step.node
        closed = objective and objective.kind == OBJECTIVE and (objective.present or {}).get("state") == "closed"
        if closed and step.what != UNCHANGED and step.node.item is not None:
            rejections.append(Rejection(step.node.item.place, None, wrong))
        elif closed and _regraded(step.node) and step.node.item is not None:
            rejections.append(Rejection(step.node.item.place, "grade", wrong))
    if rejections:
        raise Rejected(rejections)


def _regraded(node: Node) -> bool:
    said = node.item["grade"] if node.item and node.kind == OBJECTIVE else None
    return said is not None and node.present is not None and float(said) != node.present.get("grade")


def desired(node: Node) -> dict[str, Any]:
    """What the file wants, as the fields of the API; ids of what is yet to be created are None."""
    values = node.item.values if node.item else {}
    wanted = {name: _sent(values[name]) for name in PLAIN[node.kind] if name in values}
    if "attributes" in values:
        wanted["attributes"] = node.attributes()
    if node.kind == CYCLE:
        return _cycle(wanted, node)
    if values.get("external_id") == node.id:
        del wanted["external_id"]  # Cairn's own id stands for an external id that is not there
    if node.kind == KEY_RESULT:
        owner = {"owner_id": node.owner[1] if node.owner else None} if "owner" in values else {}
        return {**wanted, **owner}
    return {**wanted, **_references(node, values)}


def _cycle(wanted: dict[str, Any], node: Node) -> dict[str, Any]:
    if wanted.get("external_id") in (None, node.id):
        wanted.pop("external_id", None)
    if wanted.get("state") == "closed":
        # What is over is closed last: a closed cycle takes no new objectives.
        wanted["state"] = node.present["state"] if node.present else "active"
    return wanted


def _references(node: Node, values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "cycle" in values and node.above is not None:
        found["cycle_id"] = node.above.id
    if node.owner is not None:
        found |= {"owner_kind": node.owner[0], "owner_id": node.owner[1]}
    if "co_owners" in values:
        found["co_owner_ids"] = node.co_owners
    if "parents" in values:
        found["parents"] = [
            {"parent_kind": node.kind, "parent_id": node.id, "kind": link.kind, "weight": write_quantity(link.weight)}
            for link, node in node.parents
        ]
    return found


def _sent(value: Any) -> Any:
    """A value of the file as the API takes it."""
    if isinstance(value, Decimal):
        return write_quantity(value)
    if isinstance(value, tuple):
        return [{"id": one.id, "title": one.title, "weight": write_quantity(one.weight)} for one in value]
    return value if value is None or isinstance(value, str) else str(value)


def _same(wanted: Any, present: Any) -> bool:
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], dict) and "parent_id" in wanted[0]:
        return _as_set(wanted) == _as_set(present)
    return (wanted or None) == (present or None)


def _as_set(links: Iterable[Mapping[str, Any]]) -> set[tuple[Any, ...]]:
    return {(one["parent_kind"], one["parent_id"], one["kind"], Decimal(one["weight"])) for one in links}


def _short(value: Any) -> str:
    return "-" if value is None else shortened(str(value), 30)
