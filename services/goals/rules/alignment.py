"""Which links upward an objective may have: none twice, none to itself, and none that closes a loop.

The graph holds objectives and key results; its edges go from child to parent, and each key result has an implied
edge to its own objective. Supporting links are edges too: one may be turned into a contributing one at any time.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.goals.rules.faults import Fault
from services.goals.rules.metrics import weight_faults

PARENT_KINDS = ("objective", "key_result")
LINK_KINDS = ("contributes", "supports")


@dataclass(frozen=True, slots=True)
class Link:
    """One line of alignment from an objective up to a parent."""

    parent_kind: str
    parent_id: str
    kind: str = "contributes"
    weight: Decimal = Decimal(1)


def link_faults(objective_id: str, own_key_results: Collection[str], links: Sequence[Link]) -> list[Fault]:
    """What is wrong with an objective's links as such; loops through others are found by `would_cycle`."""
    faults: list[Fault] = []
    seen: set[tuple[str, str]] = set()
    for place, link in enumerate(links):
        pointer = f"/parents/{place}"
        faults += [*_kind_faults(pointer, link), *weight_faults(f"{pointer}/weight", link.weight)]
        if (link.parent_kind, link.parent_id) in seen:
            faults.append(Fault(f"{pointer}/parent_id", "This parent is linked already; keep one of the two links."))
        if link.parent_id == objective_id:
            faults.append(Fault(f"{pointer}/parent_id", "An objective cannot be its own parent; choose another."))
        if link.parent_id in own_key_results:
            sentence = "This key result belongs to the objective itself; choose one of another objective."
            faults.append(Fault(f"{pointer}/parent_id", sentence))
        seen.add((link.parent_kind, link.parent_id))
    return faults


def would_cycle(edges: Iterable[tuple[str, str]], child: str, parent: str) -> tuple[str, ...] | None:
    """The shortest loop that an edge from `child` to `parent` would close, from child upward back to child.

    `edges` are (child, parent) pairs; all edges above `parent` suffice. Several new links of one child can be
    asked about one by one, since a loop leaves the child only once. None where the graph stays free of loops.
    """
    above: dict[str, list[str]] = defaultdict(list)
    for lower, upper in edges:
        above[lower].append(upper)
    came_from = {parent: child}
    waiting = deque([parent])
    while waiting:
        node = waiting.popleft()
        if node == child:
            return _path_back(came_from, child)
        for upper in above.get(node, ()):
            if upper not in came_from:
                came_from[upper] = node
                waiting.append(upper)
    return None


def loop_fault(pointer: str, path: Iterable[str], titles: Mapping[str, str]) -> Fault:
    """The refusal of a link for the loop it would close. Give only titles the reader may see."""
    way = " → ".join(titles.get(node, node) for node in path)
    return Fault(pointer, f"This link would close a loop: {way}. Remove another link of the loop first.")


def _kind_faults(pointer: str, link: Link) -> list[Fault]:
    faults: list[Fault] = []
    if link.parent_kind not in PARENT_KINDS:
        faults.append(Fault(f"{pointer}/parent_kind", f"A parent is one of {', '.join(PARENT_KINDS)}; use one."))
    if link.kind not in LINK_KINDS:
        faults.append(Fault(f"{pointer}/kind", f"A link is one of {', '.join(LINK_KINDS)}; use one."))
    return faults


def _path_back(came_from: Mapping[str, str], child: str) -> tuple[str, ...]:
    path = [child]
    while len(path) == 1 or path[-1] != child:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))
