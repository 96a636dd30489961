"""The alignment of a cycle: who contributes to what, with progress, as a tree. Four statements whatever the size."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from chassis.problems import NotFound
from chassis.rows import named as named_rows
from chassis.statements import constant
from chassis.tables import PEOPLE
from gateway.projection.models import CYCLES, KEY_RESULTS, LINKS, OBJECTIVES
from gateway.queries.cards import Card, named, objective_card, objectives, person, titled
from gateway.queries.cycles import cycle, cycle_card
from gateway.queries.tree import DEEPEST, Forest, Line

_PARENT = OBJECTIVES.alias("parent")
_MEASURE = KEY_RESULTS.alias("parent_measure")
_CHILD = OBJECTIVES.alias("child")


def alignment(session: Session, cycle_id: str, today: date, root: str | None = None, depth: int = DEEPEST) -> Card:
    """The whole cycle, or what is below an objective or key result, `depth` levels of objectives deep.

    With the ids it was made `about`, shown or not; no time changes it (`until` is None).
    Raises NotFound for a cycle not heard of, or a root that is not in it.
    """
    chosen = cycle(session, cycle_id, today)
    nodes = {row.id: objective_card(row) for row in named_rows(session.execute(_objectives(), {"cycle_id": cycle_id}))}
    measures = _key_results(session, cycle_id, nodes)
    lines = named_rows(session.execute(_lines(), {"cycle_id": cycle_id}))
    forest = _forest(nodes, measures, lines)
    found = forest.trees(depth) if root is None else [_rooted(forest, root, depth)]
    _name_parents(found, nodes, measures)
    return {
        "as_of": chosen.newest,
        "about": {cycle_id, *nodes, *(one["id"] for ones in measures.values() for one in ones), *_ends(lines)},
        "until": None,
        "cycle": cycle_card(chosen),
        "objective_count": len(nodes),
        "key_result_count": sum(map(len, measures.values())),
        "objectives": found,
    }


@cache
def _objectives() -> Select[Any]:
    return objectives(OBJECTIVES.c.cycle_id == bindparam("cycle_id")).order_by(OBJECTIVES.c.title, OBJECTIVES.c.id)


def _key_results(session: Session, cycle_id: str, nodes: Mapping[str, Card]) -> dict[str, list[Card]]:
    """The key results of each objective that is shown."""
    found: dict[str, list[Card]] = defaultdict(list)
    for row in session.execute(_measures(), {"cycle_id": cycle_id}):
        objective_id, owner_id, owner_name, *shown = row
        if objective_id in nodes:
            card = dict(zip(_SHOWN, shown, strict=True))
            found[objective_id].append(card | {"owner": person(owner_id, owner_name)})
    return found


@cache
def _measures() -> Select[Any]:
    """Only what is shown: a cycle may hold thousands."""
    return (
        select(KEY_RESULTS.c.objective_id, KEY_RESULTS.c.owner_id, PEOPLE.c.display_name)
        .add_columns(*(KEY_RESULTS.c[name] for name in _SHOWN))
        .select_from(KEY_RESULTS)
        .outerjoin(PEOPLE, PEOPLE.c.id == KEY_RESULTS.c.owner_id)
        .where(KEY_RESULTS.c.cycle_id == bindparam("cycle_id"), KEY_RESULTS.c.removed == false())
        .order_by(KEY_RESULTS.c.id)
    )


_SHOWN = ("id", "title", "metric", "unit", "currency", "value", "weight", "progress", "status", "confidence")


@cache
def _lines() -> Select[Any]:
    """Every line with an end in the cycle, with title and cycle of both ends."""
    cycle_id: BindParameter[str] = bindparam("cycle_id")
    above = func.coalesce(_PARENT.c.cycle_id, _MEASURE.c.cycle_id)
    parent_cycle, child_cycle = CYCLES.alias("parent_cycle"), CYCLES.alias("child_cycle")
    return (
        select(
            LINKS,
            func.coalesce(_PARENT.c.title, _MEASURE.c.title).label("parent_title"),
            above.label("parent_cycle_id"),
            parent_cycle.c.name.label("parent_cycle_name"),
            _CHILD.c.title.label("child_title"),
            _CHILD.c.cycle_id.label("child_cycle_id"),
            child_cycle.c.name.label("child_cycle_name"),
        )
        .select_from(LINKS)
        .join(_CHILD, and_(_CHILD.c.id == LINKS.c.objective_id, _CHILD.c.state != constant("deleted")))
        .outerjoin(_PARENT, and_(LINKS.c.parent_kind == "objective", _PARENT.c.id == LINKS.c.parent_id))
        .outerjoin(_MEASURE, and_(LINKS.c.parent_kind == "key_result", _MEASURE.c.id == LINKS.c.parent_id))
        .outerjoin(parent_cycle, parent_cycle.c.id == above)
        .outerjoin(child_cycle, child_cycle.c.id == _CHILD.c.cycle_id)
        .where(or_(_CHILD.c.cycle_id == cycle_id, _PARENT.c.cycle_id == cycle_id, _MEASURE.c.cycle_id == cycle_id))
        .order_by(LINKS.c.objective_id, LINKS.c.parent_id)
    )


def _ends(lines: Sequence[Any]) -> Iterator[str]:
    for line in lines:
        yield line.objective_id
        yield line.parent_id


def _forest(nodes: Mapping[str, Card], measures: Mapping[str, Sequence[Card]], rows: Sequence[Any]) -> Forest:
    """Lines between shown nodes become the tree; those that lead out of it become references."""
    shown = {one["id"] for ones in measures.values() for one in ones} | nodes.keys()
    out: dict[str, Card] = {id_: {"parents_elsewhere": [], "children_elsewhere": []} for id_ in nodes}
    home = {one["id"]: id_ for id_, ones in measures.items() for one in ones} | {id_: id_ for id_ in nodes}
    lines = []
    for row in rows:
        if row.objective_id in nodes and row.parent_id in shown:
            lines.append(Line(row.objective_id, row.parent_id, row.kind, row.weight))
        elif row.objective_id in nodes:
            out[row.objective_id]["parents_elsewhere"].append(_parent_reference(row))
        elif row.parent_id in shown:
            out[home[row.parent_id]]["children_elsewhere"].append(_child_reference(row))
    return Forest({id_: card | out[id_] for id_, card in nodes.items()}, defaultdict(list, measures), lines)


def _parent_reference(row: Any) -> Card:
    kind = row.parent_kind if row.parent_kind == "key_result" else "objective"
    return _reference(kind, row.parent_id, row.parent_title, row.parent_cycle_id, row.parent_cycle_name)


def _child_reference(row: Any) -> Card:
    return _reference("objective", row.objective_id, row.child_title, row.child_cycle_id, row.child_cycle_name)


def _reference(kind: str, id_: str, title: str | None, cycle_id: str | None, cycle_name: str | None) -> Card:
    where = None if cycle_id is None else named("cycle", cycle_id, cycle_name)
    return {"kind": kind, **titled(kind, id_, title), "cycle": where}


def _rooted(forest: Forest, root: str, depth: int) -> Card:
    """The tree below an objective, or below one key result shown within its objective."""
    if root in forest.objectives:
        return forest.tree(root, depth)
    for objective_id, measures in forest.key_results.items():
        only = [one for one in measures if one["id"] == root]
        if only:
            narrow = Forest(
                forest.objectives, defaultdict(list, {**forest.key_results, objective_id: only}), forest.lines
            )
            return narrow.tree(objective_id, depth) | {"objectives": []}
    raise NotFound("The root is no objective or key result of this cycle.")


def _name_parents(trees: list[Card], nodes: Mapping[str, Card], measures: Mapping[str, Sequence[Card]]) -> None:
    """Put titles beside the ids of the other parents."""
    names = {id_: {"kind": "objective", "id": id_, "title": card["title"]} for id_, card in nodes.items()}
    for ones in measures.values():
        names |= {one["id"]: {"kind": "key_result", "id": one["id"], "title": one["title"]} for one in ones}
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        node["also_under"] = [names[id_] for id_ in node["also_under"]]
        waiting += node["objectives"] + [below for one in node["key_results"] for below in one["objectives"]]
