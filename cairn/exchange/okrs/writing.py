"""Writing a plan through the API: cycles, then objectives with their key results, parents first; closing last.

Every write is noted in the import's journal, with what was there before.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cairn.exchange.client import ApiFailure, Client, fitting
from cairn.exchange.layouts.native import CYCLE, KEY_RESULT, OBJECTIVE
from cairn.exchange.okrs.planning import CREATED, UNCHANGED, Plan, Step, desired
from cairn.exchange.okrs.register import Node
from cairn.exchange.records.journal import CHANGE, CLOSE, CREATE, PUBLISH, Journal, as_made

AT_ONCE = 50
"""As many key results as the API takes together with their objective."""
PATHS = {CYCLE: "cycles", OBJECTIVE: "objectives", KEY_RESULT: "key-results"}
DEFINITION = ("metric", "unit", "currency", "start", "target", "lower", "upper", "milestones")
"""What a change of the metric changes together."""


class Interrupted(Exception):
    """Writing stopped at `place`; what was written before stands. Running again goes on from there."""

    def __init__(self, done: int, place: str, cause: ApiFailure) -> None:
        super().__init__(f"{place}: {cause}")
        self.done, self.place, self.cause = done, place, cause


class Writer:
    """Takes the steps of one plan. `advance` is told of every item that is done."""

    def __init__(self, client: Client, journal: Journal, reason: str, advance: Callable[[int], None]) -> None:
        self._client, self._journal, self._reason, self._advance = client, journal, reason, advance
        self._done = 0

    def write(self, plan: Plan) -> None:
        """Take all steps. Raises Interrupted."""
        for node, act in self._acts(plan):
            try:
                act()
            except ApiFailure as cause:
                raise Interrupted(self._done, _place(node), cause) from cause

    def _acts(self, plan: Plan) -> Iterator[tuple[Node, Callable[[], None]]]:
        for step in plan.cycles:
            yield step.node, partial(self._cycle, step)
        for own, below in plan.objectives:
            node = own.node if own else below[0].node.above
            if node is not None:
                yield node, partial(self._objective, node, own, below)
        for node in plan.publishing:
            yield node, partial(self._move, PUBLISH, node)
        for node in plan.closing:
            yield node, partial(self._close, node)
        for node in plan.closing_cycles:
            yield node, partial(self._close_cycle, node)

    def _cycle(self, step: Step) -> None:
        if step.what == CREATED:
            step.node.id = self._post(step.node, "cycles", desired(step.node))["id"]
        elif step.what != UNCHANGED:
            self._change(step)
        self._count(1)

    def _objective(self, node: Node, step: Step | None, below: Sequence[Step]) -> None:
        nested: Sequence[Step] = ()
        if step is not None and step.what == CREATED:
            nested = below[: next(fitting([_fields(one) for one in below], AT_ONCE), 0)]
            self._create(node, nested)
        elif step is not None and step.what != UNCHANGED:
            self._change(step)
        self._count(len(nested) + (step is not None))
        for one in below[len(nested) :]:
            self._key_result(node, one)

    def _create(self, node: Node, nested: Sequence[Step]) -> None:
        state = "draft" if node.item and node.item["state"] == "draft" else "active"
        body = {**desired(node), "state": state, "key_results": [_fields(step) for step in nested]}
        made = self._post(node, "objectives", body)
        node.id = made["id"]
        ids = {one["external_id"]: one["id"] for one in made["key_results"]}
        for step in nested:
            step.node.id = ids[step.node.name]

    def _key_result(self, objective: Node, step: Step) -> None:
        if step.what == CREATED:
            step.node.id = self._post(step.node, f"objectives/{objective.id}/key-results", _fields(step))["id"]
        elif step.what != UNCHANGED:
            self._change(step)
        self._count(1)

    def _change(self, step: Step) -> None:
        wanted = desired(step.node)
        body: dict[str, Any] = {name: wanted[name] for name in step.fields}
        reason = {"reason": self._reason} if step.node.kind == KEY_RESULT else {}
        self._patch(step.node, {**body, **reason}, _tag(step.node))

    def _post(self, node: Node, path: str, body: Mapping[str, Any]) -> Any:
        return self._journal.write(
            _intent(CREATE, node), lambda: self._client.post(path, body), lambda answer: as_made(node.kind, answer)
        )

    def _patch(self, node: Node, body: Mapping[str, Any], tag: str) -> None:
        intent = {**_intent(CHANGE, node), "before": _before(node, body)}
        path = f"{PATHS[node.kind]}/{node.id}"
        self._journal.write(
            intent, lambda: self._client.patch(path, body, tag=tag), lambda answer: as_made(node.kind, answer)
        )

    def _move(self, how: str, node: Node, body: Mapping[str, Any] | None = None) -> None:
        path = f"objectives/{node.id}/{how}"
        self._journal.write(
            _intent(how, node), lambda: self._client.post(path, body), lambda answer: as_made(OBJECTIVE, answer)[:1]
        )

    def _close(self, node: Node) -> None:
        grade = node.item["grade"] if node.item else None
        body = {} if grade is None else {"grade": float(grade)}
        if node.item and node.item["grade_note"]:
            body["grade_note"] = node.item["grade_note"]
        self._move(CLOSE, node, body)
        self._count(1)

    def _close_cycle(self, node: Node) -> None:
        self._patch(node, {"state": "closed"}, "*")
        self._count(1)

    def _count(self, items: int) -> None:
        self._done += items
        self._advance(items)


def _intent(do: str, node: Node) -> dict[str, Any]:
    present = node.present or {}
    about = {"id": node.id, "edition": present.get("edition", present.get("version"))} if node.id else {}
    return {"do": do, "of": node.kind, "name": node.name, "title": node.title, **about}


def _before(node: Node, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields of a change hold now, as the API takes it back."""
    present = node.present or {"state": "active"}
    names = {*body, *(DEFINITION if {*body} & {*DEFINITION} else ())} - {"reason"}
    return {name: present[name] for name in sorted(names)}


def _tag(node: Node) -> str:
    """The ETag of what was read: the edition, where there is one, says that nobody else has edited it since."""
    present = node.present or {}
    edition = f"{present['edition']}." if "edition" in present else ""
    return f'"{edition}{present["version"]}"'


def _fields(step: Step) -> dict[str, Any]:
    """A new key result as the API takes it: without what is not said."""
    return {name: value for name, value in desired(step.node).items() if value not in (None, [], {})}


def _place(node: Node) -> str:
    return f"{node.item.place}, {node.kind.replace('_', ' ')} {node.name}" if node.item else node.name
