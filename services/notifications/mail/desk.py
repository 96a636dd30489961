"""The letters' bookkeeping: which are due, which are held back and why, what became of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from chassis.tables import PEOPLE
from chassis.unit import Unit
from services.notifications import rules
from services.notifications.mail.letter import Letter
from services.notifications.mail.smtp import Later, Never, Outcome, Sent
from services.notifications.models import Address, Delivery, Notification, Preferences
from services.notifications.queries import due

CLAIM = timedelta(minutes=10)
"""A claim whose sender died is free again after this long."""
UNKNOWN_PAUSE = timedelta(minutes=1)
"""How long a letter waits for the person it is for to become known here."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter this sender alone may send until its claim runs out."""

    delivery_id: str
    email: str
    letter: Letter


def hold_back_all(unit: Unit, reason: str) -> None:
    """Hold back every letter that waits."""
    held = {"status": rules.SUPPRESSED, "reason": reason, "claimed_until": None}
    unit.session.execute(update(Delivery).where(Delivery.status == rules.PENDING).values(held))


def claim(unit: Unit, most: int) -> list[Claimed]:
    """Claim the letters that have waited longest, and settle those that must not go out (any more)."""
    now = unit.now()
    found = (
        select(Delivery, Notification, Preferences, Address, PEOPLE.c.email, PEOPLE.c.display_name, PEOPLE.c.active)
        .join(Notification, Notification.id == Delivery.notification_id)
        .outerjoin(PEOPLE, PEOPLE.c.id == Delivery.person_id)
        .outerjoin(Preferences, Preferences.person_id == Delivery.person_id)
        .outerjoin(Address, Address.email == PEOPLE.c.email)
        .where(due(now))
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(most)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    rows = unit.session.execute(found).all()
    return [claimed for row in rows if (claimed := _claimed(row, now)) is not None]


def _claimed(row: Row[Any], now: datetime) -> Claimed | None:
    delivery: Delivery = row.Delivery
    reason = _held_back(row, now)
    if reason is not None:
        delivery.status, delivery.reason = rules.SUPPRESSED, reason
        return None
    if row.email is None:
        delivery.next_attempt_at, delivery.reason = now + UNKNOWN_PAUSE, "the person is not known here yet"
        return None
    if delivery.attempts >= rules.MOST_ATTEMPTS:
        delivery.status = rules.FAILED
        return None
    # Counted before it is tried: a letter that kills its sender must come to an end as well.
    delivery.attempts += 1
    delivery.claimed_until = now + CLAIM
    return Claimed(delivery.id, row.email, _letter(row))


def _held_back(row: Row[Any], now: datetime) -> str | None:
    """Why this letter must not go out, as things stand now, or None."""
    if rules.is_old_news(row.Notification.happened_at, now):
        return "it happened too long ago to be mailed"
    if row.active is False:
        return "the person has left"
    if row.Preferences is None or row.Notification.kind not in row.Preferences.email_kinds:
        return "not wanted by e-mail any more"
    if row.Address is not None and row.Address.suppressed_at is not None:
        return "the address has refused letters for good"
    return None


def _letter(row: Row[Any]) -> Letter:
    notification: Notification = row.Notification
    return Letter(
        message_id=row.Delivery.message_id,
        name=row.display_name,
        email=row.email,
        title=notification.title,
        kind=notification.kind,
        subject_kind=notification.subject_kind,
        subject_id=notification.subject_id,
        unsubscribe_key=row.Preferences.unsubscribe_key,
    )


def give_back(unit: Unit, delivery_ids: list[str], pause: timedelta, reason: str) -> None:
    """Return claims that were not used; no attempt is counted."""
    back = {
        "attempts": Delivery.attempts - 1,
        "claimed_until": None,
        "next_attempt_at": unit.now() + pause,
        "reason": reason,
    }
    ours = and_(Delivery.id.in_(delivery_ids), Delivery.status == rules.PENDING)
    unit.session.execute(update(Delivery).where(ours).values(back))


def settle(unit: Unit, claimed: Claimed, outcome: Outcome) -> str:
    """Write down what became of a letter, and answer its status."""
    delivery = unit.session.get_one(Delivery, claimed.delivery_id, with_for_update=True)
    delivery.claimed_until = None
    match outcome:
        case Sent():
            delivery.status, delivery.sent_at, delivery.reason = rules.SENT, unit.now(), None
            unit.session.execute(update(Address).where(Address.email == claimed.email).values(rejections=0))
        case Later(reason=reason):
            delivery.reason = reason
            pause = rules.pause_after(delivery.attempts)
            delivery.status = rules.PENDING if pause else rules.FAILED
            delivery.next_attempt_at = unit.now() + (pause or timedelta())
        case Never(reason=reason, address=address):
            delivery.status, delivery.reason = rules.FAILED, reason
            if address:
                _note_rejection(unit, claimed.email, reason)
    return delivery.status


def _note_rejection(unit: Unit, email: str, reason: str) -> None:
    build = sqlite.insert if unit.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = build(Address).values(email=email, rejections=1, reason=reason)
    counted = {"rejections": Address.rejections + 1, "reason": reason}
    unit.session.execute(first.on_conflict_do_update(index_elements=[Address.email], set_=counted))
    worn_out = and_(Address.email == email, Address.rejections >= rules.MOST_REJECTIONS)
    unit.session.execute(update(Address).where(worn_out).values(suppressed_at=unit.now()))
