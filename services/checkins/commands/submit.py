"""Making check-ins: one or several at once, all or nothing.

What was imported under an external id is recognised: the same again changes nothing, even after somebody corrected
it here, and something else is refused, or corrects it where the import says so.
"""

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import Table, select

from chassis import access
from chassis.ids import new_id
from chassis.problems import Invalid, NotFound
from chassis.unit import Unit
from contracts.checkins import CheckInSubmitted
from services.checkins.commands.change import revise
from services.checkins.commands.entries import Entry, entries_of, entry_of
from services.checkins.commands.refusals import refuse_conflicts, refuse_invalid, require_permission
from services.checkins.commands.statement import Statement
from services.checkins.models import CheckIn
from services.checkins.models.check_in import imported_id

MOST = 50
CHECK_INS = cast(Table, CheckIn.__table__)


def submit_one(unit: Unit, statement: Statement) -> CheckIn:
    """Make one check-in. Raises as `submit` does, and NotFound where the key result is not known."""
    entry = entry_of(unit, statement)
    if entry is None:
        raise NotFound("There is no such key result, or it has not arrived here yet; try again shortly.")
    return _judged(unit, [entry], upsert=False)[0]


def submit(unit: Unit, statements: Sequence[Statement], *, upsert: bool = False) -> list[CheckIn]:
    """Make 1 to 50 check-ins and return them in the order given.

    With `upsert`, what is known by its external id and says something else now is corrected. Raises Invalid, Denied
    or Conflict with the place of everything that is wrong; then none is made.
    """
    if not 1 <= len(statements) <= MOST:
        raise Invalid.at("/check_ins", f"Send 1 to {MOST} check-ins at a time.")
    if upsert:
        access.check(unit.actor, "check_in.write_for_others")
    pointers = [f"/check_ins/{place}" for place in range(len(statements))]
    return _judged(unit, entries_of(unit, statements, pointers), upsert=upsert)


def _judged(unit: Unit, entries: Sequence[Entry], *, upsert: bool) -> list[CheckIn]:
    require_permission(unit, entries)
    refuse_invalid(unit, entries)
    refuse_conflicts(entries, upsert=upsert)
    return _write(unit, entries)


def _write(unit: Unit, entries: Sequence[Entry]) -> list[CheckIn]:
    made: dict[str, CheckIn] = {}
    taken = _taken(unit, entries)
    written = []
    for entry in entries:
        check_in = entry.existing or made.get(entry.said.external_id or "")
        if check_in is None:
            check_in = _make(unit, entry, taken)
        elif not entry.repeats(check_in):
            revise(unit, check_in, entry.content(check_in.as_of), "imported anew")
        if entry.existing is not None:
            entry.existing.fingerprint = entry.print()
        made[check_in.external_id or check_in.id] = check_in
        written.append(check_in)
    return written


def _taken(unit: Unit, entries: Sequence[Entry]) -> set[str]:
    """Ids that withdrawn check-ins keep, whose external ids were released."""
    ids = [imported_id(entry.said.external_id) for entry in entries if entry.said.external_id and not entry.existing]
    return set(unit.session.scalars(select(CheckIn.id).where(CheckIn.id.in_(ids)))) if ids else set()


def _make(unit: Unit, entry: Entry, taken: Collection[str]) -> CheckIn:
    now = unit.now()
    external_id = entry.said.external_id
    id = new_id() if external_id is None else imported_id(external_id)
    row = {
        "id": new_id() if id in taken else id,
        "version": 1,
        "external_id": external_id,
        "fingerprint": entry.print() if external_id else None,
        "key_result_id": entry.said.key_result_id,
        "objective_id": entry.about.objective_id,
        "author_id": entry.author_id,
        "submitted_at": entry.submitted_at(now),
        "withdrawn": False,
        **entry.content(entry.as_of(now)),
    }
    unit.add(CHECK_INS, row)
    check_in = CheckIn(**row)
    unit.publish(CheckInSubmitted(**check_in.state()))
    return check_in
