"""Who leaves by a file: by its rows, or by not being named in a complete one; and what keeps too many from leaving."""

from collections.abc import Collection
from dataclasses import dataclass, field

from contracts.people import PersonState
from services.people.commands.directory import Directory
from services.people.commands.filing import Guard
from services.people.commands.people_matching import Meant
from services.people.commands.person_steps import PersonStep
from services.people.rules import guarding
from services.people.rules.person_rows import names_nobody
from services.people.rules.table import Table

NAMES_KEPT = 10
REMEDY = (
    "See whether the file is whole. If they really leave, send it again with accept_leavers=true; "
    "if it does not name everybody, send it without complete=true."
)


@dataclass(slots=True)
class Omitted:
    """Whom a complete file does not name."""

    leaving: list[PersonStep] = field(default_factory=list)
    unnamed: set[str] = field(default_factory=set)
    """All whom the file speaks for and does not name, those who had left before too."""
    staying: list[PersonState] = field(default_factory=list)
    """Active people the file does not speak for."""
    nameless: int = 0
    """Rows that name nobody who can be told. While there are any, nobody leaves: such a row may be theirs."""


def omitted(directory: Directory, table: Table, meant: Meant, actor_id: str) -> Omitted:
    """Whom no row names, whether or not the rows can be applied.

    A file that carries external ids comes from a system of record and speaks only for people who have one. Whoever
    sends the file stays, and so do admins without an external id, who were made to run Cairn.
    """
    found = Omitted(nameless=_nameless(table))
    numbered = any(row.cells.get("external_id") for row in table.rows)
    named = {person_id for _, person_id in meant.present} | {person_id for _, person_id, _ in meant.ahead}
    for state in directory.people.values():
        if state.id in named:
            continue
        outside = state.external_id is None and (numbered or "admin" in state.roles)
        if not (outside or state.id == actor_id):
            found.unnamed.add(state.id)
            if state.active and not found.nameless:
                found.leaving.append(PersonStep(0, state.id, state, {"active": False}))
        elif state.active:
            found.staying.append(state)
    return found


def _nameless(table: Table) -> int:
    lines = {row.line for row in table.rows}
    unread = {one.row for one in table.rejected} - lines
    return len(unread) + sum(map(names_nobody, table.rows))


def guard(directory: Directory, leaving: Collection[str]) -> Guard | None:
    """What stops a file by which these active people would leave, now or later; None where nothing does."""
    if not leaving:
        return None
    above = {state.id: state.manager_id for state in directory.people.values() if state.active}
    root = guarding.root(above)
    root_name = directory.people[root].display_name if root in leaving and root is not None else None
    many = guarding.too_many(len(leaving), len(above))
    if not many and root_name is None:
        return None
    names = [directory.people[one].display_name for one in leaving]
    reasons = []
    if many:
        share = guarding.share(len(leaving), len(above))
        reasons.append(
            f"{len(leaving):,} of {len(above):,} active people ({share}) would leave: {guarding.named(names)}."
        )
    if root_name is not None:
        reasons.append(f"{root_name}, at the top of the organisation, would leave.")
    return Guard(" ".join(reasons), REMEDY, len(leaving), len(above), names[:NAMES_KEPT], root_name)


def left_behind(directory: Directory, steps: Collection[PersonStep]) -> int:
    """How many active people will report to somebody who leaves now."""
    leavers = {step.id for step in steps if step.leaves}
    if not leavers:
        return 0
    after = directory.above() | {step.id: step.get("manager_id") for step in steps}
    active = {state.id for state in directory.people.values() if state.active}
    for step in steps:
        (active.add if step.get("active") else active.discard)(step.id)
    return sum(manager in leavers and one in active for one, manager in after.items())
