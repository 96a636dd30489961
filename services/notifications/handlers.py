"""Foreign events become news: who should be told of what, in one line without private text.

A cause is named by the fact, not by the message that told of it, so a republished event tells nobody again. News may
come before the people it is about: an entry is raised for whoever is not known to have left, and names are filled in
when they arrive.
"""

from collections.abc import Mapping

from chassis import replica
from chassis.service import Handler
from chassis.unit import Unit
from contracts import people
from contracts.checkins import CheckInFellDue
from contracts.envelope import Envelope
from contracts.event import Event
from contracts.feedback import FeedbackGiven
from contracts.goals import KeyResultFellAtRisk, ObjectiveAssigned
from services.notifications import commands, rules
from services.notifications.commands import News


def _cause(event: Event) -> str:
    return f"{event.TYPE}/{event.id}/{event.version}"


def tell_recipient(unit: Unit, event: FeedbackGiven, envelope: Envelope) -> None:
    """The recipient learns that there is something, and from whom; never what it says."""
    if event.giver_id == event.recipient_id:
        return
    kind = rules.PRAISE_RECEIVED if event.kind == "praise" else rules.FEEDBACK_RECEIVED
    giver = replica.person(unit.session, event.giver_id)
    news = News(
        cause=_cause(event),
        cause_event_id=envelope.id,
        kind=kind,
        subject_kind="feedback",
        subject_id=event.id,
        title=rules.received_title(kind, giver.display_name if giver else None),
        happened_at=event.given_at,
        named_id=event.giver_id,
        unnamed=giver is None,
    )
    commands.notify(unit, [event.recipient_id], news)


def tell_who_is_due(unit: Unit, event: CheckInFellDue, envelope: Envelope) -> None:
    """One entry for all that is due; it points at the key result where there is only one."""
    waiting = event.key_result_ids
    if not waiting:
        return
    news = News(
        cause=_cause(event),
        cause_event_id=envelope.id,
        kind=rules.CHECK_IN_DUE,
        subject_kind="key_result" if len(waiting) == 1 else "check_in",
        subject_id=waiting[0] if len(waiting) == 1 else event.id,
        title=rules.due_title(len(waiting)),
        happened_at=envelope.time,
    )
    commands.notify(unit, [event.person_id], news)


def tell_owners_of_risk(unit: Unit, event: KeyResultFellAtRisk, envelope: Envelope) -> None:
    news = News(
        cause=_cause(event),
        cause_event_id=envelope.id,
        kind=rules.KEY_RESULT_AT_RISK,
        subject_kind="key_result",
        subject_id=event.id,
        title=rules.at_risk_title(event.title),
        happened_at=envelope.time,
    )
    commands.notify(unit, event.owner_ids, news)


def tell_new_owners(unit: Unit, event: ObjectiveAssigned, envelope: Envelope) -> None:
    """Whoever took it on themselves knows already."""
    news = News(
        cause=_cause(event),
        cause_event_id=envelope.id,
        kind=rules.BECAME_OWNER,
        subject_kind="objective",
        subject_id=event.id,
        title=rules.owner_title(event.title),
        happened_at=envelope.time,
    )
    commands.notify(unit, set(event.assignee_ids) - {envelope.actor}, news)


def keep_person(unit: Unit, event: people.PersonState, envelope: Envelope) -> None:
    """Keep the person, and name them where news about them came first."""
    replica.keep_person(unit, event, envelope)
    commands.name_late(unit, event.id, event.display_name)


HANDLERS: Mapping[type[Event], Handler] = replica.HANDLERS | {
    people.PersonRegistered: keep_person,
    people.PersonChanged: keep_person,
    people.PersonDeactivated: keep_person,
    people.PersonReactivated: keep_person,
    FeedbackGiven: tell_recipient,
    CheckInFellDue: tell_who_is_due,
    KeyResultFellAtRisk: tell_owners_of_risk,
    ObjectiveAssigned: tell_new_owners,
}
