"""Every event becomes rows: the state it carries replaces the row of its aggregate, unless the row is as new.

Nothing here looks at another aggregate or at an earlier event, so any order, any repeat and any gap ends the same.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Select, Table, bindparam, delete, insert, select, text
from sqlalchemy.orm import Session

from chassis import replica
from chassis.guarded import keep, keep_all
from chassis.service import Handler, Together, Told
from chassis.unit import Unit
from contracts import checkins, feedback, goals, notifications, people
from contracts.envelope import Envelope
from contracts.event import Event
from gateway.projection import changes
from gateway.projection.changes import touch
from gateway.projection.folding import folded
from gateway.projection.models import (
    CHECK_INS,
    CYCLES,
    FEEDBACK,
    FRESHNESS,
    KEY_RESULTS,
    LINKS,
    NOTIFICATIONS,
    OBJECTIVES,
    OWNERS,
    SEARCH,
)

NEWEST = "newest event"
"""What handlers mark: the time of their event. Settled once a batch."""
PUBLIC = "public"


def keep_people(unit: Unit, told: Sequence[Told]) -> None:
    _note_time(unit, max(envelope.time for _, envelope in told))
    for event, _ in told:
        touch(unit, event.id, event.manager_id, *event.team_ids)
    replica.keep_people(unit, told)
    keep_all(unit.session, SEARCH, [_findable_person(event) for event, _ in told])


def _findable_person(event: people.PersonState) -> dict[str, Any]:
    return _findable("person", event, event.display_name, event.active, (event.email, event.external_id or ""))


def keep_team(unit: Unit, event: people.TeamState, envelope: Envelope) -> None:
    touch(unit, event.id, event.lead_id)
    replica.keep_team(unit, event, envelope)
    keep(unit.session, SEARCH, _findable("team", event, event.name, not event.archived))


def keep_cycle(unit: Unit, event: goals.CycleState, _envelope: Envelope) -> None:
    """It counts for whatever is in it, and changes seldom."""
    touch(unit, changes.EVERYTHING)
    keep(unit.session, CYCLES, _row(CYCLES, event))


def keep_objective(unit: Unit, event: goals.ObjectiveState, _envelope: Envelope) -> None:
    if not keep(unit.session, OBJECTIVES, _row(OBJECTIVES, event, created_at=born(event.id))):
        return
    above = [link.parent_id for link in event.parents]
    touch(unit, event.id, event.cycle_id, event.owner_id, *event.co_owner_ids, *above)
    _replace_children(unit.session, OWNERS, event.id, _owners(event))
    _replace_children(unit.session, LINKS, event.id, _links(event))
    keep(unit.session, SEARCH, _findable("objective", event, event.title, event.state != "deleted"))


def keep_key_result(unit: Unit, event: goals.KeyResultState, envelope: Envelope) -> None:
    stages = msgspec.to_builtins(event.milestones, str_keys=True)
    row = _row(KEY_RESULTS, event, milestones=stages, opened_at=_opened_at(event, envelope))
    touch(unit, event.id, event.objective_id, event.cycle_id, event.owner_id)
    if keep(unit.session, KEY_RESULTS, row):
        keep(unit.session, SEARCH, _findable("key_result", event, event.title, not event.removed))


def keep_check_in(unit: Unit, event: checkins.CheckInState, _envelope: Envelope) -> None:
    touch(unit, event.id, event.key_result_id)
    keep(unit.session, CHECK_INS, _row(CHECK_INS, event))


def keep_feedback(unit: Unit, event: feedback.FeedbackGiven, _envelope: Envelope) -> None:
    """Private text must never come to rest here, not even where a publisher errs."""
    touch(unit, event.id, event.recipient_id)
    text = event.text if event.visibility == PUBLIC else None
    about_kind, about_id = (event.about.kind, event.about.id) if event.about else (None, None)
    keep(unit.session, FEEDBACK, _row(FEEDBACK, event, text=text, about_kind=about_kind, about_id=about_id))


def keep_notification(unit: Unit, event: notifications.NotificationState, _envelope: Envelope) -> None:
    touch(unit, event.person_id)
    keep(unit.session, NOTIFICATIONS, _row(NOTIFICATIONS, event))


def _opened_at(event: goals.KeyResultState, envelope: Envelope) -> datetime | None:
    """When check-ins were first taken; of an open one that does not say, since it came into being as far as we know."""
    if event.opened_at is not None or not event.open:
        return event.opened_at
    return born(event.id) or envelope.time


def born(id_: str) -> datetime | None:
    """The moment an id was made, which a UUID of version 7 tells; None for any other."""
    try:
        parsed = uuid.UUID(id_)
        return datetime.fromtimestamp((parsed.int >> 80) / 1000, UTC) if parsed.version == 7 else None
    except (ValueError, OverflowError):
        return None


def _row(table: Table, event: Event, **more: Any) -> dict[str, Any]:
    """A value for every column: what is given, else the event's field of that name."""
    return {name: more[name] if name in more else getattr(event, name) for name in table.columns.keys()}  # noqa: SIM118


def _owners(event: goals.ObjectiveState) -> list[dict[str, Any]]:
    roles = dict.fromkeys(event.co_owner_ids, ("person", "co_owner"))
    roles[event.owner_id] = (event.owner_kind, "owner")
    return [
        {"objective_id": event.id, "owner_id": id_, "owner_kind": kind, "role": role}
        for id_, (kind, role) in roles.items()
    ]


def _links(event: goals.ObjectiveState) -> list[dict[str, Any]]:
    links = {link.parent_id: link for link in event.parents}
    return [{"objective_id": event.id, **msgspec.structs.asdict(link)} for link in links.values()]


def _replace_children(session: Session, table: Table, objective_id: str, rows: list[dict[str, Any]]) -> None:
    """Mostly they are what they were: an objective progresses more often than it is aligned anew."""
    known = session.execute(_children(table), {"objective_id": objective_id}).mappings().all()
    if {frozenset(row.items()) for row in known} == {frozenset(row.items()) for row in rows}:
        return
    session.execute(delete(table).where(table.c.objective_id == objective_id))
    if rows:
        session.execute(insert(table), rows)


@cache
def _children(table: Table) -> Select[Any]:
    return select(table).where(table.c.objective_id == bindparam("objective_id"))


def _findable(kind: str, event: Event, title: str, shown: bool, also: Iterable[str] = ()) -> dict[str, Any]:
    plain = folded(title)
    words = " ".join([plain, *map(folded, also)]).strip()
    row = {"id": event.id, "version": event.version, "kind": kind, "title": title, "folded": plain}
    return {**row, "words": words, "shown": shown}


def settle(unit: Unit) -> None:
    """Note the time of the newest event applied, which never goes back, and what has changed."""
    _note_newest(unit)
    changes.write(unit)


def _note_newest(unit: Unit) -> None:
    times = [datetime.fromisoformat(moment) for moment in unit.take_marks(NEWEST)]
    if times:
        unit.session.execute(_KEEP_NEWEST, {"newest": max(times)})


_KEEP_NEWEST = text(
    "INSERT INTO freshness (id, newest) VALUES (1, :newest) "
    "ON CONFLICT (id) DO UPDATE SET newest = excluded.newest WHERE freshness.newest < excluded.newest"
).bindparams(bindparam("newest", type_=FRESHNESS.c.newest.type))


def _note_time(unit: Unit, newest: datetime) -> None:
    unit.mark(NEWEST, newest.astimezone(UTC).isoformat())


def _timed(fold: Callable[[Unit, Any, Envelope], None]) -> Handler:
    """The handler, noting how new its event is."""

    def handle(unit: Unit, event: Event, envelope: Envelope) -> None:
        _note_time(unit, envelope.time)
        fold(unit, event, envelope)

    return handle


_FOLDS: dict[type[Event], Callable[[Unit, Any, Envelope], None]] = {
    people.TeamState: keep_team,
    goals.CycleState: keep_cycle,
    goals.ObjectiveState: keep_objective,
    goals.KeyResultState: keep_key_result,
    checkins.CheckInState: keep_check_in,
    feedback.FeedbackGiven: keep_feedback,
    notifications.NotificationState: keep_notification,
}
_MODULES = (people, goals, checkins, feedback, notifications)

HANDLERS: dict[type[Event], Handler] = {
    kind: _timed(fold)
    for module in _MODULES
    for kind in module.EVENTS
    for state, fold in _FOLDS.items()
    if issubclass(kind, state)
} | dict.fromkeys(replica.PERSON_EVENTS, Together(keep_people))
"""A handler for every event that carries a state; `CheckInFellDue` has none, what is due is computed when asked."""
