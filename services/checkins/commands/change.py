"""Correcting and withdrawing: the check-in says what counts now, its revisions what it said before."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from sqlalchemy import Table

from chassis import access
from chassis.db import plain
from chassis.ids import new_id
from chassis.problems import Conflict, Invalid, NotFound
from chassis.unit import Unit
from contracts.checkins import CheckInCorrected, CheckInWithdrawn
from services.checkins.commands.statement import confidences, faults_at, require_open
from services.checkins.models import CheckIn, CheckInRevision
from services.checkins.models.check_in import as_json
from services.checkins.models.standing import Standing, Subject, subjects
from services.checkins.rules import stating
from services.checkins.rules.stating import Metric, Said

REVISIONS = cast(Table, CheckInRevision.__table__)


class Expectation(Protocol):
    """What the caller takes the version to be: `chassis.http.Expected`."""

    def require(self, thing: Any) -> None:
        """Pass, or raise Stale."""


def correct(
    unit: Unit, check_in_id: str, expected: Expectation, changes: Mapping[str, Any], reason: str | None = None
) -> CheckIn:
    """Change what a check-in says; `changes` holds only fields that change, None takes one back.

    Without a difference nothing happens. Raises NotFound, Stale, Denied, Conflict where it was withdrawn or its key
    result takes no check-ins, and Invalid.
    """
    check_in, subject = _opened(unit, check_in_id, expected)
    if check_in.withdrawn:
        raise Conflict("This check-in was withdrawn; make a new one instead.", kind="withdrawn")
    _refuse_invalid(unit, check_in, subject.definition(), changes)
    content = _stored(subject.definition(), changes)
    if check_in.differs(content):
        revise(unit, check_in, content, reason)
    return check_in


def withdraw(
    unit: Unit, check_in_id: str, expected: Expectation, reason: str | None = None, *, release: bool = False
) -> CheckIn:
    """Take a check-in back, as if it had not been made; one that was withdrawn stays so. Raises as `correct` does.

    Importing it again makes it anew only where its external id is released.
    """
    check_in, _ = _opened(unit, check_in_id, expected)
    if not check_in.withdrawn:
        _keep_revision(unit, check_in, "withdrawn", reason)
        check_in.withdrawn = True
        if release:
            check_in.external_id = check_in.fingerprint = None
        check_in.version += 1
        unit.publish(CheckInWithdrawn(**check_in.state()))
    return check_in


def withdraw_all(
    unit: Unit, wanted: Sequence[tuple[str, Expectation]], reason: str | None = None, *, release: bool = False
) -> list[CheckIn]:
    """Take several back, or none of them. Raises as `withdraw` does for the first that cannot be."""
    if not wanted:
        raise Invalid.at("/check_ins", "Send 1 to 50 check-ins at a time.")
    # locked in one order, whatever order they are named in
    done = {one: withdraw(unit, one, dict(wanted)[one], reason, release=release) for one in sorted(dict(wanted))}
    return [done[one] for one, _ in wanted]


def revise(unit: Unit, check_in: CheckIn, content: Mapping[str, Any], reason: str | None) -> None:
    """Write new content over the old, keep the old as a revision and say so."""
    _keep_revision(unit, check_in, "corrected", reason)
    for name, value in content.items():
        setattr(check_in, name, value)
    check_in.version += 1
    unit.publish(CheckInCorrected(**check_in.state()))


def _opened(unit: Unit, check_in_id: str, expected: Expectation) -> tuple[CheckIn, Subject]:
    """The check-in, locked, once everything that stands against changing it has been looked at."""
    check_in = unit.session.get(CheckIn, check_in_id, with_for_update=True)
    if check_in is None:
        raise NotFound("There is no such check-in.")
    subject = subjects(unit.look_up, [check_in.key_result_id])[check_in.key_result_id]
    standing = Standing(lambda: unit.session, unit.actor)
    access.check(unit.actor, "check_in.write", standing.thing(subject, check_in.author_id))
    expected.require(check_in)
    require_open(subject)
    return check_in, subject


def _refuse_invalid(unit: Unit, check_in: CheckIn, metric: Metric, changes: Mapping[str, Any]) -> None:
    said = {**check_in.content(), **changes}
    faults: list[stating.Fault] = []
    if {"value", "milestones_done"} & changes.keys():
        faults += stating.measurement_faults(metric, said["value"], said["milestones_done"])
    faults += stating.opinion_faults(said["confidence"], said["status"])
    if "as_of" in changes:
        faults += stating.day_faults(said["as_of"], unit.now())
    if not faults and unit.actor.kind == "person" and {"confidence", "note", "as_of"} & changes.keys():
        faults += _note_faults(unit, check_in, said)
    if faults:
        raise Invalid.of(faults_at("", faults))


def _note_faults(unit: Unit, check_in: CheckIn, said: Mapping[str, Any]) -> list[stating.Fault]:
    about = check_in.key_result_id
    others = [one for one in confidences(unit.session, [about])[about] if one.id != check_in.id]
    at = Said(said["as_of"], check_in.submitted_at, check_in.id, said["confidence"])
    return stating.drop_faults(stating.confidence_before(others, at), said["confidence"], said["note"])


def _stored(metric: Metric, changes: Mapping[str, Any]) -> dict[str, Any]:
    content = dict(changes)
    if content.get("value") is not None:
        content["value"] = plain(content["value"])
    if "milestones_done" in content:
        content["milestones_done"] = stating.ticked(metric, content["milestones_done"])
    for words in {"note", "blockers"} & content.keys():
        content[words] = content[words] or None
    return content


def _keep_revision(unit: Unit, check_in: CheckIn, change: str, reason: str | None) -> None:
    row = {
        "id": new_id(),
        "check_in_id": check_in.id,
        "version": check_in.version,
        "change": change,
        "before": as_json(check_in.content()),
        "reason": reason or None,
        "changed_by": unit.actor.id,
        "changed_by_kind": unit.actor.kind,
        "changed_at": unit.now(),
    }
    unit.add(REVISIONS, row)
