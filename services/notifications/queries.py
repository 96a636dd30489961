"""Reading an inbox and preferences, where everybody reads only their own; and which letters are due."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from chassis import access
from chassis.access import Actor, Thing
from chassis.answering import LAST_RESORT
from chassis.problems import NotFound
from chassis.statements import listed
from chassis.tables import PEOPLE
from services.notifications import rules
from services.notifications.models import Delivery, Notification, Preferences


def inbox(actor: Actor, *, unread: bool = False, kind: str | None = None) -> Select[tuple[Notification]]:
    """The actor's entries as a statement for a page, newest first."""
    access.check(actor, "notification.read", Thing("inbox", subject=actor.id))
    found = select(Notification).where(Notification.person_id == actor.id)
    if unread:
        found = found.where(Notification.read_at.is_(None))
    return found if kind is None else found.where(Notification.kind == kind)


def notification(session: Session, actor: Actor, notification_id: str) -> Notification:
    """One entry of the actor's inbox, or NotFound."""
    found = session.get(Notification, notification_id)
    if found is None or not access.allowed(actor, "notification.read", found.thing):
        raise NotFound("There is no such entry in your inbox.")
    return found


def unread_count(session: Session, actor: Actor) -> int:
    """How many entries of the actor's inbox are unread."""
    found = inbox(actor, unread=True).with_only_columns(func.count())
    return session.scalar(found) or 0


def among(session: Session, person_ids: Iterable[str], *, active: bool) -> frozenset[str]:
    """Those of these people who are here, or who have left. Nobody not heard of is among either."""
    wanted = list(person_ids)
    if not wanted:
        return frozenset()
    known = select(PEOPLE.c.id).where(PEOPLE.c.id.in_(listed(session, wanted)), PEOPLE.c.active.is_(active))
    return frozenset(session.scalars(known))


def last_resort(session: Session) -> frozenset[str]:
    """Who sees to what nobody is here for any more: HR and admins."""
    roles = cast(PEOPLE.c.roles, Text)
    held = or_(*(roles.contains(f'"{role}"') for role in sorted(LAST_RESORT)))
    return frozenset(session.scalars(select(PEOPLE.c.id).where(PEOPLE.c.active, held)))


def preferences(session: Session, actor: Actor) -> Preferences:
    """What the actor wants by which channel; e-mail is off until they ask for it."""
    access.check(actor, "preference.read", Thing("preferences", subject=actor.id))
    return session.get(Preferences, actor.id) or without_preferences(actor.id)


def without_preferences(person_id: str) -> Preferences:
    """What holds for somebody who never said anything. Not stored."""
    return Preferences(person_id=person_id, version=1, email_kinds=[])


def due(now: datetime) -> ColumnElement[bool]:
    """Letters whose turn it is and which no sender has claimed."""
    unclaimed = or_(Delivery.claimed_until.is_(None), Delivery.claimed_until < now)
    return and_(Delivery.status == rules.PENDING, Delivery.next_attempt_at <= now, unclaimed)


def any_letter_due(session: Session, now: datetime) -> bool:
    return bool(session.scalar(select(exists().where(due(now)))))
