"""The shape of alignment as a tree for reading, made of a graph in which a node may have several parents. Pure.

A node stands under each of its parents. What is below it is written out where it comes first and only referred to
afterwards, so a graph of many diamonds stays as small as its lines. What leads to no top, such as a circle seen in a
passing state, is shown at the top rather than lost.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DEEPEST = 30
"""Levels of objectives; what lies deeper is counted, not shown."""

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of alignment between two nodes that are shown."""

    child_id: str
    parent_id: str
    kind: str
    weight: Any


@dataclass
class Forest:
    """Objectives in the order they should be shown, the key results of each, and the lines between them."""

    objectives: Mapping[str, Node]
    key_results: Mapping[str, Sequence[Node]]
    lines: Sequence[Line]
    _below: defaultdict[str, list[Line]] = field(init=False)
    _above: defaultdict[str, list[Line]] = field(init=False)
    _written: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        order = {id_: place for place, id_ in enumerate(self.objectives)}
        self._below, self._above = defaultdict(list), defaultdict(list)
        for line in sorted(self.lines, key=lambda line: order[line.child_id]):
            self._below[line.parent_id].append(line)
            self._above[line.child_id].append(line)

    def trees(self, depth: int) -> list[Node]:
        """Everything, `depth` levels of objectives deep."""
        return [self.tree(id_, depth) for id_ in self._tops()]

    def tree(self, objective_id: str, depth: int, line: Line | None = None) -> Node:
        """One objective and what is below it; `line` is the one it hangs on, None at the top."""
        node = self.objectives[objective_id] | {
            "alignment": line and {"kind": line.kind, "weight": line.weight},
            "also_under": [up.parent_id for up in self._above[objective_id] if up != line],
        }
        repeated = objective_id in self._written
        cut = repeated or depth <= 1
        if not cut:
            self._written.add(objective_id)
        return node | {
            "repeated": repeated,
            "hidden": len(self.below(objective_id)) if cut else 0,
            "key_results": [] if repeated else [self._measure(one, depth) for one in self.key_results[objective_id]],
            "objectives": [] if cut else self._under(objective_id, depth),
        }

    def _measure(self, key_result: Node, depth: int) -> Node:
        return key_result | {"objectives": [] if depth <= 1 else self._under(key_result["id"], depth)}

    def _under(self, parent_id: str, depth: int) -> list[Node]:
        return [self.tree(line.child_id, depth - 1, line) for line in self._below[parent_id]]

    def below(self, objective_id: str) -> set[str]:
        """The objectives directly under an objective or one of its key results."""
        parents = [objective_id, *(one["id"] for one in self.key_results[objective_id])]
        return {line.child_id for parent in parents for line in self._below[parent]}

    def _tops(self) -> Iterable[str]:
        """Those without a parent here, then one of every circle that nothing else leads to."""
        reached: set[str] = set()
        for wanted in (lambda id_: not self._above[id_], lambda _: True):
            yield from self._unreached(wanted, reached)

    def _unreached(self, wanted: Callable[[str], bool], reached: set[str]) -> Iterable[str]:
        for id_ in self.objectives:
            if id_ not in reached and wanted(id_):
                self._reach(id_, reached)
                yield id_

    def _reach(self, objective_id: str, reached: set[str]) -> None:
        waiting = [objective_id]
        while waiting:
            id_ = waiting.pop()
            if id_ not in reached:
                reached.add(id_)
                waiting += self.below(id_)
