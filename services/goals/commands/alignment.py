"""An objective's lines upward: checked as a whole, replaced as a whole, and never closing a loop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.problems import Conflict, Fault
from chassis.statements import listed
from chassis.unit import Unit
from services.goals import graph
from services.goals.commands.telling import of_rules, refuse
from services.goals.graph import KEY_RESULTS, LINKS, OBJECTIVES
from services.goals.models import CLOSED, DELETED, KEY_RESULT, OBJECTIVE, Objective, ObjectiveLink
from services.goals.rules.alignment import Link, link_faults, loop_fault


@dataclass(frozen=True, slots=True)
class Parent:
    """What there is to know of a parent before aligning something to it."""

    kind: str
    state: str
    """Of the objective, or of a key result's objective; deleted where the key result was removed."""


def align(unit: Unit, objective: Objective, given: Sequence[Mapping[str, Any]]) -> bool:
    """Replace an objective's parents by those given; False where they are the same. The graph lock must be held.

    Raises Invalid, naming a loop by its titles.
    """
    links = [Link(**parent) for parent in given]
    before = {link.parent_id: link for link in objective.parents}
    refuse(_faults(unit.session, objective, links, known=frozenset(before)))
    after = {link.parent_id: link for link in links}
    touched = [
        (before.get(parent_id) or after[parent_id])
        for parent_id in {**before, **after}
        if _said(before.get(parent_id)) != _said(after.get(parent_id))
    ]
    for link in touched:
        unit.mark(link.parent_kind, link.parent_id)
        _replace(objective, before.get(link.parent_id), after.get(link.parent_id))
    return bool(touched)


def refuse_aligned(session: Session, parent_ids: Sequence[str], what: str) -> None:
    """Raise Conflict where objectives are aligned to any of these, so that none is left hanging."""
    children = (
        select(OBJECTIVES.c.title)
        .join(LINKS, LINKS.c.child_id == OBJECTIVES.c.id)
        .where(LINKS.c.parent_id.in_(listed(session, parent_ids)))
        .order_by(OBJECTIVES.c.id)
    )
    titles = session.execute(children.limit(5)).scalars().all()
    if titles:
        named = ", ".join(f"“{title}”" for title in titles)
        raise Conflict(f"Objectives are aligned to {what}: {named}. Align them elsewhere first.", kind="aligned")


def _said(link: Link | ObjectiveLink | None) -> tuple[Any, ...] | None:
    return None if link is None else (link.parent_kind, link.kind, link.weight)


def _replace(objective: Objective, old: ObjectiveLink | None, new: Link | None) -> None:
    if old is not None and new is not None:
        old.kind, old.weight = new.kind, new.weight
    elif old is not None:
        objective.parents.remove(old)
    elif new is not None:
        made = ObjectiveLink(parent_id=new.parent_id, parent_kind=new.parent_kind, kind=new.kind, weight=new.weight)
        objective.parents.append(made)


def _faults(session: Session, objective: Objective, links: Sequence[Link], known: frozenset[str]) -> list[Fault]:
    own = [key_result.id for key_result in objective.key_results]
    faults = of_rules(link_faults(objective.id, own, links))
    parents = _parents(session, [link.parent_id for link in links])
    for place, link in enumerate(links):
        wrong = _wrong(link, parents.get(link.parent_id), link.parent_id in known)
        faults += [Fault(f"/parents/{place}/parent_id", wrong)] if wrong else []
    return faults or _loops(session, objective, links, known)


def _parents(session: Session, ids: Sequence[str]) -> dict[str, Parent]:
    if not ids:
        return {}
    objectives = select(OBJECTIVES.c.id, OBJECTIVES.c.state).where(OBJECTIVES.c.id.in_(listed(session, ids)))
    key_results = (
        select(KEY_RESULTS.c.id, KEY_RESULTS.c.removed, OBJECTIVES.c.state)
        .join(OBJECTIVES, OBJECTIVES.c.id == KEY_RESULTS.c.objective_id)
        .where(KEY_RESULTS.c.id.in_(listed(session, ids)))
    )
    found = {row.id: Parent(OBJECTIVE, row.state) for row in session.execute(objectives)}
    for row in session.execute(key_results):
        found[row.id] = Parent(KEY_RESULT, DELETED if row.removed else row.state)
    return found


def _wrong(link: Link, parent: Parent | None, known: bool) -> str | None:
    what = link.parent_kind.replace("_", " ")
    if parent is None or parent.state == DELETED:
        return f"There is no such {what}; check the id."
    if parent.kind != link.parent_kind:
        return f"There is no {what} with this id, but there is one of the other kind; change parent_kind."
    if parent.state == CLOSED and not known:
        return f"This {what} is closed, nothing counts towards it any more; choose one that is open."
    return None


def _loops(session: Session, objective: Objective, links: Sequence[Link], known: frozenset[str]) -> list[Fault]:
    faults: list[Fault] = []
    for place, link in enumerate(links):
        loop = None if link.parent_id in known else graph.loop_through(session, objective.id, link.parent_id)
        if loop is not None:
            fault = loop_fault(f"/parents/{place}/parent_id", loop, graph.titles(session, loop))
            faults += of_rules([fault])
    return faults
