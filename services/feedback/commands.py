"""Giving praise and feedback. There is no command to change or take it back: it is fixed when written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from chassis import access, replica
from chassis.problems import Conflict, Fault, Invalid
from chassis.unit import Unit
from contracts.feedback import Subject
from services.feedback import queries, rules
from services.feedback.models import Feedback

CHUNK = 500
MOST = 50
"""Pieces that may be brought together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What somebody wants to say. `giver_id` and `given_at` are for imports; they default to the actor and now."""

    kind: str
    recipient_id: str
    text: str
    visibility: str | None = None
    about: Subject | None = None
    giver_id: str | None = None
    given_at: datetime | None = None
    external_id: str | None = None


def give_feedback(unit: Unit, words: Words) -> Feedback:
    """Write it down and tell of it. The same `external_id` with the same words again is the one already there.

    Raises Denied, Invalid, or Conflict where the `external_id` is taken by other words.
    """
    importing = access.allowed(unit.actor, "feedback.give_for_others")
    giver_id = _giver(unit, words, importing)
    known = _known_already(unit, words, giver_id) if importing else None
    if known is not None:
        return known
    feedback = _write(unit, words, giver_id, importing)
    try:
        with unit.session.begin_nested():
            unit.session.add(feedback)
    except IntegrityError:
        # Another import with this external_id committed between our look and our insert.
        known = _known_already(unit, words, giver_id)
        if known is None:
            raise
        return known
    unit.publish(feedback.given())
    return feedback


def give_together(unit: Unit, several: Sequence[Words]) -> list[Feedback]:
    """Write down what an import brings, all or none, in the order given.

    Raises Denied for whoever may not speak for others, Invalid and Conflict with the place of all that is wrong.
    """
    access.check(unit.actor, "feedback.give_for_others")
    if not 1 <= len(several) <= MOST:
        raise Invalid.at("/feedback", f"Send 1 to {MOST} pieces at a time.")
    given: list[Feedback] = []
    faults: list[Fault] = []
    taken: list[Fault] = []
    for place, words in enumerate(several):
        try:
            given.append(give_feedback(unit, words))
        except Invalid as wrong:
            faults += [Fault(f"/feedback/{place}{fault.pointer}", fault.detail) for fault in wrong.faults]
        except Conflict as other:
            taken.append(Fault(f"/feedback/{place}/external_id", other.detail))
    if faults:
        raise Invalid.of(faults)
    if taken:
        raise Conflict(taken[0].detail, kind="fixed-when-written", faults=taken)
    return given


def _giver(unit: Unit, words: Words, importing: bool) -> str:
    access.check(unit.actor, "feedback.give")
    giver_id = words.giver_id or unit.actor.id
    if giver_id != unit.actor.id:
        access.check(unit.actor, "feedback.give_for_others")
    if importing and replica.person(unit.session, giver_id) is None:
        raise Invalid.at("/giver_id", "This person is not known here (yet); name the person who gave it.")
    if words.external_id is not None and not importing:
        raise Invalid.at("/external_id", "Only a service account imports under an external id; leave it out.")
    return giver_id


def _known_already(unit: Unit, words: Words, giver_id: str) -> Feedback | None:
    if words.external_id is None:
        return None
    found = unit.session.scalar(select(Feedback).where(Feedback.external_id == words.external_id))
    if found is not None and not _same(found, words, giver_id):
        raise Conflict(
            f"Other words were already imported as {words.external_id}, and feedback is fixed when written; "
            "import these under an external id of their own.",
            kind="fixed-when-written",
        )
    return found


def _same(found: Feedback, words: Words, giver_id: str) -> bool:
    visibility = words.visibility or rules.default_visibility(words.kind)
    wanted = (words.kind, visibility, giver_id, words.recipient_id, words.about, words.text)
    there = (found.kind, found.visibility, found.giver_id, found.recipient_id, found.about, found.text)
    return wanted == there and words.given_at in (None, found.given_at)


def _known(row: Row[Any] | None) -> rules.Known | None:
    return None if row is None else rules.Known(active=row.active, manager_id=row.manager_id)


def _write(unit: Unit, words: Words, giver_id: str, importing: bool) -> Feedback:
    visibility = words.visibility or rules.default_visibility(words.kind)
    recipient = replica.person(unit.session, words.recipient_id)
    manager_id = recipient.manager_id if recipient is not None else None
    manager = replica.person(unit.session, manager_id) if manager_id else None
    complaints = rules.about_wording(words.text)
    complaints += rules.about_recipient(giver_id, words.recipient_id, _known(recipient), importing)
    complaints += rules.about_moment(words.given_at, unit.now(), importing)
    if recipient is not None:
        complaints += rules.about_manager(visibility, manager_id, _known(manager))
    if complaints:
        raise Invalid.of([Fault(pointer, sentence) for pointer, sentence in complaints])
    return Feedback(
        external_id=words.external_id,
        kind=words.kind,
        visibility=visibility,
        giver_id=giver_id,
        recipient_id=words.recipient_id,
        manager_id=manager_id if visibility == rules.RECIPIENT_AND_MANAGER else None,
        about_kind=words.about.kind if words.about else None,
        about_id=words.about.id if words.about else None,
        text=words.text,
        given_at=words.given_at or unit.now(),
        version=1,
    )


def refuse_change(unit: Unit, feedback_id: str) -> NoReturn:
    """Say why not: Conflict to those who may read it, NotFound to everybody else."""
    queries.feedback(unit.session, unit.actor, feedback_id)
    raise Conflict(
        "Feedback is fixed when written: neither its words nor who may read them can change; give new feedback.",
        kind="fixed-when-written",
    )


def republish(unit: Unit) -> None:
    """Publish everything ever given, as it is, for those who rebuild a copy."""
    for feedback in unit.session.scalars(select(Feedback).order_by(Feedback.id).execution_options(yield_per=CHUNK)):
        unit.publish(feedback.given())
