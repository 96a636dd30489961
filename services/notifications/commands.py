"""Telling people, marking what they have read, and what they want by e-mail."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis import access
from chassis.access import Thing
from chassis.ids import new_id
from chassis.problems import NotFound
from chassis.statements import among
from chassis.tables import PEOPLE
from chassis.unit import Unit
from contracts.notifications import NotificationRaised, NotificationRead
from services.notifications import queries, rules
from services.notifications.models import Address, Delivery, Notification, Preferences

if TYPE_CHECKING:
    from chassis.http import Expected

CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """A fact worth telling, before it is known whom. `cause` is the same however often the fact is told."""

    cause: str
    cause_event_id: str
    kind: str
    subject_kind: str
    subject_id: str
    title: str
    happened_at: datetime
    named_id: str | None = None
    """The person whose name belongs into the title."""
    unnamed: bool = False
    """That name is not known here yet."""


def notify(unit: Unit, person_ids: Iterable[str], news: News) -> None:
    """Put it into the inbox of each of them once, and write the letters that are wanted. Who has left gets neither."""
    wanted = sorted(set(person_ids))
    gone = set(unit.session.scalars(select(PEOPLE.c.id).where(PEOPLE.c.id.in_(wanted), ~PEOPLE.c.active)))
    rows = [_entry(unit, person_id, news) for person_id in wanted if person_id not in gone]
    if not rows:
        return
    statement = _insert_new(unit.session, Notification, rows).returning(Notification)
    raised = list(unit.session.scalars(statement))
    for notification in sorted(raised, key=lambda one: one.id):
        unit.publish(notification.state(NotificationRaised))
    _write_letters(unit, raised)


def _insert_new(session: Session, model: Any, rows: Any) -> Any:
    """Insert what is not there yet, by any unique constraint."""
    build = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return build(model).values(rows).on_conflict_do_nothing()


def _entry(unit: Unit, person_id: str, news: News) -> dict[str, Any]:
    return {
        "id": new_id(),
        "version": 1,
        "person_id": person_id,
        "kind": news.kind,
        "subject_kind": news.subject_kind,
        "subject_id": news.subject_id,
        "title": news.title,
        "cause": news.cause,
        "cause_event_id": news.cause_event_id,
        "named_id": news.named_id,
        "unnamed": news.unnamed,
        "happened_at": news.happened_at,
        "raised_at": unit.now(),
        "read_at": None,
    }


def _write_letters(unit: Unit, raised: Iterable[Notification]) -> None:
    by_person = {notification.person_id: notification for notification in raised}
    if not by_person:
        return
    preferences = unit.session.scalars(select(Preferences).where(Preferences.person_id.in_(sorted(by_person))))
    rows = [
        _letter(unit, by_person[one.person_id])
        for one in preferences
        if by_person[one.person_id].kind in one.email_kinds
    ]
    if rows:
        unit.session.execute(_insert_new(unit.session, Delivery, rows))


def _letter(unit: Unit, notification: Notification) -> dict[str, Any]:
    old = rules.is_old_news(notification.happened_at, unit.now())
    return {
        "id": new_id(),
        "notification_id": notification.id,
        "cause": notification.cause,
        "person_id": notification.person_id,
        "channel": rules.EMAIL,
        "status": rules.SUPPRESSED if old else rules.PENDING,
        "reason": "it happened too long ago to be mailed" if old else None,
        "attempts": 0,
        "next_attempt_at": unit.now() + rules.pause_before(notification.kind),
        "created_at": unit.now(),
    }


def unnamed_among(unit: Unit, person_ids: Collection[str]) -> frozenset[str]:
    """Whom of these people titles wait for that could not name them."""
    waiting = select(Notification.named_id).where(Notification.unnamed)
    found = unit.session.scalars(waiting.where(among(unit.session, Notification.named_id, person_ids)))
    return frozenset(filter(None, found))


def notify_of_leavers(unit: Unit, person_ids: Iterable[str], news: News, *, several: bool) -> None:
    """Tell of one or several who left. An entry of this cause that is there speaks of others then, unread again."""
    wanted = sorted(set(person_ids))
    notify(unit, wanted, news)
    there = select(Notification, PEOPLE.c.display_name).join(PEOPLE, PEOPLE.c.id == Notification.named_id)
    found = there.where(Notification.cause == news.cause, Notification.person_id.in_(wanted)).order_by(Notification.id)
    for notification, first in unit.session.execute(found.with_for_update(of=Notification)):
        title = rules.left_title(first, others=True)
        more = several or notification.named_id != news.named_id
        if more and (notification.title != title or notification.read_at is not None):
            notification.title, notification.read_at = title, None
            notification.version += 1
            unit.publish(notification.state(NotificationRaised))


def name_late(unit: Unit, person_id: str, name: str) -> None:
    """Write a person's name into the titles that could not have it, because the news came before the person."""
    waiting = select(Notification).where(Notification.named_id == person_id, Notification.unnamed)
    for notification in unit.session.scalars(waiting.order_by(Notification.id).with_for_update()):
        notification.title = rules.received_title(notification.kind, name)
        notification.unnamed = False
        notification.version += 1
        unit.publish(notification.state(NotificationRaised))


def mark(unit: Unit, notification_id: str, *, read: bool) -> Notification:
    """Mark an entry of one's own inbox as read or unread; nothing happens where it is so already.

    NotFound for what is not in the actor's inbox.
    """
    notification = unit.session.get(Notification, notification_id, with_for_update=True)
    if notification is None or not access.allowed(unit.actor, "notification.write", notification.thing):
        raise NotFound("There is no such entry in your inbox.")
    if (notification.read_at is not None) != read:
        notification.read_at = unit.now() if read else None
        notification.version += 1
        unit.publish(notification.state(NotificationRead))
    return notification


def mark_all_read(unit: Unit) -> int:
    """Mark everything in the actor's inbox as read, and return how many entries were not."""
    access.check(unit.actor, "notification.write", Thing("inbox", subject=unit.actor.id))
    unread = select(Notification).where(Notification.person_id == unit.actor.id, Notification.read_at.is_(None))
    marked = list(unit.session.scalars(unread.order_by(Notification.id).with_for_update()))
    for notification in marked:
        notification.read_at = unit.now()
        notification.version += 1
        unit.publish(notification.state(NotificationRead))
    return len(marked)


def save_preferences(unit: Unit, expected: "Expected", wanted: Mapping[str, Mapping[str, bool]]) -> Preferences:
    """Replace what the actor wants by e-mail. Asking for any lifts the ban from an address that refused letters."""
    access.check(unit.actor, "preference.write", Thing("preferences", subject=unit.actor.id))
    fresh = queries.without_preferences(unit.actor.id)
    row = {"person_id": fresh.person_id, "version": fresh.version, "email_kinds": [], "unsubscribe_key": _key()}
    unit.session.execute(_insert_new(unit.session, Preferences, [row]))
    preferences = unit.session.get_one(Preferences, unit.actor.id, with_for_update=True)
    expected.require(preferences)
    before, preferences.email_kinds = preferences.email_kinds, rules.email_kinds(wanted)
    preferences.version += 1
    if set(preferences.email_kinds) - set(before):
        _lift_ban(unit)
    return preferences


def _key() -> str:
    return secrets.token_urlsafe(32)


def _lift_ban(unit: Unit) -> None:
    own = select(PEOPLE.c.email).where(PEOPLE.c.id == unit.actor.id).scalar_subquery()
    lifted = {"rejections": 0, "suppressed_at": None, "reason": None}
    unit.session.execute(update(Address).where(Address.email == own).values(lifted))


def unsubscribe(unit: Unit, key: str, kind: str | None) -> None:
    """Stop letters of one kind, or of every kind, to whoever this key was mailed to. NotFound for a key of nobody."""
    preferences = unit.session.scalar(select(Preferences).where(Preferences.unsubscribe_key == key).with_for_update())
    if preferences is None:
        raise NotFound("This way out is not known here; change your preferences in Cairn instead.")
    kept = [one for one in preferences.email_kinds if kind is not None and one != kind]
    if kept != preferences.email_kinds:
        preferences.email_kinds = kept
        preferences.version += 1


def republish(unit: Unit) -> None:
    """Publish every inbox entry as it is, for those who rebuild a copy."""
    entries = select(Notification).order_by(Notification.id).execution_options(yield_per=CHUNK)
    for notification in unit.session.scalars(entries):
        unit.publish(notification.state(NotificationRead if notification.read_at else NotificationRaised))
