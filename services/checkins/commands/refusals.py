"""What stands against making check-ins: each looks at all of a call and names every place that is wrong."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chassis import access
from chassis.problems import Conflict, Denied, Fault, Invalid
from chassis.unit import Unit
from services.checkins.commands.entries import Entry
from services.checkins.commands.statement import closed_fault, confidences, faults_at
from services.checkins.models import CheckIn
from services.checkins.models.standing import Standing
from services.checkins.rules import stating
from services.checkins.rules.stating import Said


def require_permission(unit: Unit, entries: Sequence[Entry]) -> None:
    """Pass where the actor may make every one of them; otherwise raise Denied."""
    standing = Standing(lambda: unit.session, unit.actor)
    for_others = access.allowed(unit.actor, "check_in.write_for_others")
    faults: list[Fault] = []
    for entry in entries:
        if entry.subject and not access.allowed(unit.actor, "check_in.write", standing.thing(entry.subject)):
            who = "owners, their managers and team members check in on it; ask one of them"
            faults.append(Fault(f"{entry.pointer}/key_result_id", f"This key result is not yours: {who}."))
        if not for_others:
            faults += _for_others_faults(unit, entry)
    if faults:
        raise Denied("You may not make all of these check-ins; `errors` says which.", kind="denied", faults=faults)


def _for_others_faults(unit: Unit, entry: Entry) -> Iterator[Fault]:
    if entry.author_id != unit.actor.id:
        yield Fault(
            f"{entry.pointer}/author_id", "Only HR, admins and service accounts speak for others; leave it out."
        )
    if entry.said.submitted_at is not None:
        yield Fault(f"{entry.pointer}/submitted_at", "Only imports say when it was made; leave it out.")


def refuse_invalid(unit: Unit, entries: Sequence[Entry]) -> None:
    """Pass where every field makes sense; otherwise raise Invalid."""
    now = unit.now()
    faults = [fault for entry in entries for fault in _entry_faults(entry, now)] or _note_faults(unit, entries)
    if faults:
        raise Invalid.of(faults)


def _entry_faults(entry: Entry, now: datetime) -> list[Fault]:
    said, pointer = entry.said, entry.pointer
    if entry.existing is not None and entry.existing.fingerprint == entry.print():
        return []  # it was taken once; the key result may have been redefined since
    faults: list[stating.Fault] = []
    if entry.subject is None:
        faults.append(stating.Fault("/key_result_id", "This key result is not known here (yet); check the id."))
    else:
        metric = entry.subject.definition()
        faults += stating.measurement_faults(metric, said.value, said.milestones_done)
    faults += stating.opinion_faults(said.confidence, said.status)
    if said.as_of is not None:
        faults += stating.day_faults(said.as_of, now)
    if said.submitted_at is not None:
        faults += stating.moment_faults(said.submitted_at, now)
    if entry.author_id is None:
        faults.append(stating.Fault("/author_id", "A service account speaks for a person; say for whom."))
    elif entry.zone is None:
        faults.append(stating.Fault("/author_id", "This person is not known here (yet); check the id."))
    return faults_at(pointer, faults)


def _note_faults(unit: Unit, entries: Sequence[Entry]) -> list[Fault]:
    """Persons explain a fall in confidence; what is written for others is history that cannot be asked any more."""
    own = [entry for entry in entries if entry.author_id == unit.actor.id and entry.existing is None]
    if all(entry.said.confidence is None or (entry.said.note or "").strip() for entry in own):
        return []
    now = unit.now()
    history = confidences(unit.session, [entry.said.key_result_id for entry in own])
    placed = [(entry, _placed(entry, now)) for entry in own]
    for entry, said in placed:
        history[entry.said.key_result_id].append(said)
    faults: list[Fault] = []
    for entry, said in placed:
        before = stating.confidence_before(history[entry.said.key_result_id], said)
        faults += faults_at(entry.pointer, stating.drop_faults(before, said.confidence, entry.said.note))
    return faults


def _placed(entry: Entry, now: datetime) -> Said:
    return Said(entry.as_of(now), entry.submitted_at(now), entry.id, entry.said.confidence)


def refuse_conflicts(entries: Sequence[Entry], *, upsert: bool) -> None:
    """Pass where key results are open and external ids are free or the import's own; otherwise raise Conflict."""
    faults = [fault for entry in entries for fault in _conflicts(entry, entries, upsert=upsert)]
    if faults:
        kinds = {fault.pointer.rpartition("/")[2] for fault in faults}
        kind = "key_result_not_open" if kinds == {"key_result_id"} else "external_id_taken"
        raise Conflict(faults[0].detail, kind=kind, faults=faults)


def _conflicts(entry: Entry, entries: Sequence[Entry], *, upsert: bool) -> Iterator[Fault]:
    if entry.existing is None:
        twin = _twin(entry, entries)
        if twin is not None and twin.print() != entry.print():
            yield Fault(f"{entry.pointer}/external_id", "Another check-in of this call has the same external id.")
    elif not entry.repeats(entry.existing):
        reason = _not_corrected(entry.existing, entry, upsert)
        if reason is not None:
            yield Fault(f"{entry.pointer}/external_id", reason)
            return
    else:
        return
    closed = closed_fault(entry.about)
    if closed is not None:
        yield Fault(f"{entry.pointer}/key_result_id", closed)


def _twin(entry: Entry, entries: Sequence[Entry]) -> Entry | None:
    """An earlier statement of the same call with the same external id."""
    if entry.said.external_id is None:
        return None
    return next((other for other in entries[: entry.place] if other.said.external_id == entry.said.external_id), None)


def _not_corrected(existing: CheckIn, entry: Entry, upsert: bool) -> str | None:
    """Why a known check-in is not corrected by this statement, None where it is."""
    if not entry.is_about(existing):
        return "This external id belongs to a check-in of another key result or author; choose another one."
    if existing.withdrawn:
        return "The check-in with this external id was withdrawn; choose another external id to make a new one."
    if not upsert:
        return f"The check-in {existing.id} with this external id says something else; use PATCH to correct it."
    return None
