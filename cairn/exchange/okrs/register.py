"""Every cycle, objective and key result of the file and of Cairn as one node, and which node a name means."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cairn.exchange.client import Client
from cairn.exchange.layouts.links import Parent
from cairn.exchange.layouts.native import CYCLE, KEY_RESULT, OBJECTIVE, Item
from cairn.exchange.layouts.wrong import Rejection, Wrong, shortened

Present = Mapping[str, Any]


@dataclass(eq=False)
class Node:
    """One item: in Cairn, in the file, or in both. References are filled in by judging the file."""

    kind: str
    present: Present | None = None
    item: Item | None = None
    id: str | None = None
    """Cairn's id; None until it is created."""
    above: "Node | None" = None
    """The cycle of an objective, the objective of a key result."""
    parents: list[tuple[Parent, "Node"]] = field(default_factory=list)
    owner: tuple[str, str] | None = None
    co_owners: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What people call it."""
        column = "name" if self.kind == CYCLE else "title"
        said = self.item[column] if self.item else None
        return str(said or (self.present[column] if self.present else ""))

    @property
    def name(self) -> str:
        """What files call it."""
        if self.item is not None:
            return str(self.item["external_id"] or self.item["name"])
        return name_of(self.present or {})

    def says(self, column: str) -> Any:
        """What will hold after the import: the file's word, or what is there already."""
        if self.item is not None and column in self.item.values:
            return self.item.values[column]
        return self.present.get(column) if self.present else None

    def attributes(self) -> dict[str, str]:
        """Those that will hold: what is there, and over it what the file says; an empty text takes one away."""
        present, said = (self.present or {}).get("attributes"), self.item["attributes"] if self.item else None
        return {name: text for name, text in {**(present or {}), **(said or {})}.items() if text}


def name_of(present: Present) -> str:
    """The external id of something in Cairn; its own id where it has none."""
    return str(present.get("external_id") or present["id"])


def _nameless(node: Node) -> bool:
    return node.item is None and node.present is not None and not node.present.get("external_id")


@dataclass
class Standing:
    """What Cairn has: all cycles, and all objectives with their key results."""

    cycles: list[Present] = field(default_factory=list)
    objectives: list[Present] = field(default_factory=list)

    @classmethod
    def read(cls, client: Client) -> "Standing":
        return cls(list(client.items("cycles")), list(client.items("objectives")))


class Register:
    """All nodes, found by kind and name."""

    def __init__(self, standing: Standing) -> None:
        self.nodes: list[Node] = []
        self._named: dict[tuple[str, str], list[Node]] = defaultdict(list)
        self._by_id: dict[str, Node] = {}
        for cycle in standing.cycles:
            self._stand(Node(CYCLE, cycle, id=cycle["id"]), cycle.get("external_id"), cycle["name"])
        for objective in standing.objectives:
            node = self._stand(Node(OBJECTIVE, objective, id=objective["id"]), objective["external_id"])
            node.above = self._by_id.get(objective["cycle_id"])
            for key_result in objective["key_results"]:
                below = self._stand(Node(KEY_RESULT, key_result, id=key_result["id"]), key_result["external_id"])
                below.above = node
        for node in self.nodes:
            self._link(node)

    def _stand(self, node: Node, *names: str | None) -> Node:
        self.nodes.append(node)
        self._by_id[str(node.id)] = node
        for name in dict.fromkeys([*names, node.id]):
            if name:
                self._named[node.kind, name].append(node)
        return node

    def _link(self, node: Node) -> None:
        if node.kind == OBJECTIVE and node.present is not None:
            known = [self._by_id.get(one["parent_id"]) for one in node.present["parents"]]
            node.parents = [(Parent(parent.name, parent.kind), parent) for parent in known if parent is not None]

    def take(self, items: Iterable[Item]) -> list[Rejection]:
        """Lay a file over what is there; answers the items that come twice."""
        rejections = []
        for item in items:
            name = str(item["external_id"] or item["name"] or "")
            node = self._match(item, name)
            if node is None:
                node = Node(item.kind, item=item)
                self.nodes.append(node)
                self._know(node, name)
            elif node.item is not None:
                wrong = Wrong(f"“{shortened(name)}” comes twice, first at {node.item.place}.", "Keep one of the two.")
                rejections.append(Rejection(item.place, "external_id", wrong))
                continue
            node.item = item
            self._know(node, str(item["name"] or ""))
        return rejections

    def _know(self, node: Node, name: str) -> None:
        if name and node not in self._named[node.kind, name]:
            self._named[node.kind, name].append(node)

    def _match(self, item: Item, name: str) -> Node | None:
        """The node with the item's external id, or id; of cycles also the one with its name and no external id."""
        for node in self._named.get((item.kind, name), ()):
            if name in (node.name, node.id):
                return node
        if item.kind != CYCLE:
            return None
        named = self._named.get((CYCLE, str(item["name"])), ())
        return next((node for node in named if _nameless(node) or item["external_id"] is None), None)

    def find(self, kind: str, name: str) -> list[Node]:
        """The nodes of a kind that bear a name."""
        return self._named.get((kind, name), [])

    def filed(self, *kinds: str) -> Iterator[Node]:
        """What the file holds, in its order."""
        return (node for node in self.nodes if node.item is not None and node.kind in kinds)

    def key_results(self) -> dict[Node, list[Node]]:
        """The key results of the file by their objective."""
        found: dict[Node, list[Node]] = defaultdict(list)
        for node in self.filed(KEY_RESULT):
            if node.above is not None:
                found[node.above].append(node)
        return found
