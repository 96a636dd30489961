"""Foreign events become news: who should be told of what, in one line without private text.

A cause is named by the fact, not by the message that told of it, so a republished event tells nobody again. News may
come before the people it is about: an entry is raised for whoever is not known to have left, and names are filled in
when they arrive.
"""

from collections.abc import Mapping, Sequence

from chassis import replica
from chassis.roster import Roster
from chassis.service import Handler, Together, Told
from chassis.unit import Unit
from contracts.checkins import CheckInFellDue
from contracts.envelope import Envelope
from contracts.event import Event
from contracts.feedback import FeedbackGiven
from contracts.goals import KeyResultFellAtRisk, ObjectiveAssigned
from services.notifications import commands, queries, rules
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
    """Where an owner has left, the nearest manager who is here is told instead."""
    news = News(
        cause=_cause(event),
        cause_event_id=envelope.id,
        kind=rules.KEY_RESULT_AT_RISK,
        subject_kind="key_result",
        subject_id=event.id,
        title=rules.at_risk_title(event.title),
        happened_at=envelope.time,
    )
    roster = Roster(unit.session)
    commands.notify(unit, (heir for owner in event.owner_ids for heir in roster.answerable(owner, None, None)), news)


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


def tell_heirs(unit: Unit, left: Sequence[Told]) -> None:
    """The nearest manager who is here learns who left: one entry a day, however many leave."""
    roster = Roster(unit.session)
    roster.load(event.id for event, _ in left)
    groups: dict[frozenset[str], list[Told]] = {}
    for event, envelope in left:
        groups.setdefault(roster.answerable(event.id, None, None), []).append((event, envelope))
    for heirs, ((event, envelope), *others) in groups.items():
        news = News(
            cause=f"{rules.HAND_OVER}/{envelope.time.date()}",
            cause_event_id=envelope.id,
            kind=rules.HAND_OVER,
            subject_kind="hand_over",
            subject_id=event.id,
            title=rules.left_title(event.display_name, others=bool(others)),
            happened_at=envelope.time,
            named_id=event.id,
        )
        unit.follow(envelope)
        commands.notify_of_leavers(unit, heirs or queries.last_resort(unit.session), news, several=bool(others))


def keep_people(unit: Unit, told: Sequence[Told]) -> None:
    """Keep the people, tell of those who have just left, and name those whom news came before."""
    leaving = {event.id: (event, envelope) for event, envelope in told if not event.active}
    here = queries.among(unit.session, leaving, active=True)
    replica.keep_people(unit, told)
    left = queries.among(unit.session, here, active=False)
    tell_heirs(unit, [leaving[person_id] for person_id in leaving if person_id in left])
    unnamed = commands.unnamed_among(unit, [event.id for event, _ in told])
    for event, envelope in told:
        if event.id in unnamed:
            unit.follow(envelope)
            commands.name_late(unit, event.id, event.display_name)


HANDLERS: Mapping[type[Event], Handler] = {
    **replica.HANDLERS,
    **dict.fromkeys(replica.PERSON_EVENTS, Together(keep_people)),
    FeedbackGiven: tell_recipient,
    CheckInFellDue: tell_who_is_due,
    KeyResultFellAtRisk: tell_owners_of_risk,
    ObjectiveAssigned: tell_new_owners,
}
