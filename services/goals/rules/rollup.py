"""Progress and status from the leaves up: the weighted mean of what contributes, each node once per batch.

Load the affected nodes (everything above what changed) and all lines that end in them, then call `recompute`
once. The stored standing on a line is used for children that are not affected, one by one or taken together as a
`Sum`; for affected ones it is superseded by the new one. Because every node is computed from the present state of its
children, never from differences, repeats and reordering change nothing.

A closed objective keeps what it had: leave it out of the nodes, and its stored standing still counts above.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import NamedTuple

from services.goals.rules.measuring import Measured
from services.goals.rules.metrics import Metric
from services.goals.rules.pace import DEFAULT_BANDS, NOT_STARTED, Bands, key_result_status, objective_status
from services.goals.rules.ratio import ONE, ZERO, mean, weighted_sum

CONTRIBUTES = "contributes"
COUNTED_STATES = frozenset({"active", "closed"})
"""States of a child that counts. A removed key result and a draft or deleted objective do not."""


class Standing(NamedTuple):
    """Progress within 0 and 1, None where nothing contributes, and status."""

    progress: Decimal | None = None
    status: str = NOT_STARTED


class Node(NamedTuple):
    """An objective or key result to compute."""

    id: str
    kind: str = "objective"
    """objective or key_result."""
    measured: Standing | None = None
    """What check-ins say of a key result; it wins over any objective linked to it."""


class Contribution(NamedTuple):
    """One line upward: a key result to its objective, or an objective to an objective or key result."""

    parent_id: str
    child_id: str
    weight: Decimal = ONE
    standing: Standing = Standing()
    link: str = CONTRIBUTES
    """contributes or supports; a key result always contributes to its objective."""
    child_state: str = "active"
    """Of an objective its state; of a key result active, or removed."""

    @property
    def counts(self) -> bool:
        """Whether it takes part in the roll-up. With weight 0 it does, but only as a status."""
        return self.link == CONTRIBUTES and self.child_state in COUNTED_STATES


class Sum(NamedTuple):
    """What several lines into one node come to together: all that a mean and a status need of them."""

    weight: Decimal = ZERO
    """Of those whose child has progress."""
    progress: Decimal = ZERO
    """Each progress times its weight."""
    statuses: frozenset[str] = frozenset()
    """At least the most worrying."""


NOTHING = Sum()


def measured_standing(
    metric: Metric, measured: Measured, starts_on: date, ends_on: date, bands: Bands = DEFAULT_BANDS
) -> Standing | None:
    """What check-ins say of a key result, as `Node.measured` wants it: None before the first."""
    if not measured.started:
        return None
    return Standing(measured.progress, key_result_status(metric, measured, starts_on, ends_on, bands))


class LoopFound(Exception):
    """The nodes contribute to themselves; `path` goes upward and ends where it began."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(f"contributions form a loop: {' -> '.join(path)}")
        self.path = path


def recompute(
    nodes: Iterable[Node], contributions: Iterable[Contribution], others: Mapping[str, Sum] = MappingProxyType({})
) -> dict[str, Standing]:
    """The new standing of every node given, changed or not. Lines into other nodes are ignored.

    `others` has, by node, the sum of lines that are not among the contributions; no child of theirs may be a node.
    Raises LoopFound where no order from the leaves up exists.
    """
    by_id = {node.id: node for node in nodes}
    lines: dict[str, list[Contribution]] = {node_id: [] for node_id in by_id}
    for line in contributions:
        if line.counts and line.parent_id in lines:
            lines[line.parent_id].append(line)
    computed: dict[str, Standing] = {}
    for node_id in _bottom_up(lines):
        children = [(line.weight, computed.get(line.child_id, line.standing)) for line in lines[node_id]]
        computed[node_id] = _standing(by_id[node_id], children, others.get(node_id, NOTHING))
    return computed


def roll_up(children: Iterable[tuple[Decimal, Standing]], others: Sum = NOTHING) -> Standing:
    """The standing of a parent from (weight, standing) of its counting children, and the sum of others.

    A child without progress or with weight 0 adds none, but its status is seen: such a key result is a guardrail.
    """
    whole = _added(others, children)
    return Standing(mean(whole.weight, whole.progress), objective_status(whole.statuses))


def summed(contributions: Iterable[Contribution]) -> dict[str, Sum]:
    """The lines that count, taken together by the node they end in."""
    lines: dict[str, list[tuple[Decimal, Standing]]] = {}
    for line in contributions:
        if line.counts:
            lines.setdefault(line.parent_id, []).append((line.weight, line.standing))
    return {parent: _added(NOTHING, children) for parent, children in lines.items()}


def _added(before: Sum, children: Iterable[tuple[Decimal, Standing]]) -> Sum:
    statuses, progressed = set(before.statuses), []
    for weight, child in children:
        statuses.add(child.status)
        if child.progress is not None:
            progressed.append((weight, child.progress))
    return Sum(*weighted_sum(progressed, before.weight, before.progress), frozenset(statuses))


def _standing(node: Node, children: list[tuple[Decimal, Standing]], others: Sum) -> Standing:
    if node.measured is not None:
        return node.measured
    rolled = roll_up(children, others)
    if node.kind == "key_result" and rolled.progress is None:
        return Standing(ZERO)
    return rolled


def _bottom_up(lines: Mapping[str, list[Contribution]]) -> list[str]:
    graph = {parent: [line.child_id for line in own if line.child_id in lines] for parent, own in lines.items()}
    above = defaultdict(list)
    for parent, below in graph.items():
        for child in below:
            above[child].append(parent)
    waiting = {parent: len(below) for parent, below in graph.items()}
    order = [node for node, number in waiting.items() if not number]
    for node in order:  # which grows meanwhile
        for parent in above.get(node, ()):
            waiting[parent] -= 1
            if not waiting[parent]:
                order.append(parent)
    if len(order) < len(graph):
        raise LoopFound(_loop(graph))
    return order


def _loop(graph: Mapping[str, list[str]]) -> tuple[str, ...]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    raise AssertionError("what has no order has a loop")
