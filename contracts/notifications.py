"""What the notifications service publishes: what reached a person's inbox and whether it was read."""

from datetime import datetime
from typing import ClassVar

from contracts.event import Event


class NotificationState(Event, frozen=True, kw_only=True):
    """One entry of one person's inbox. It points at its subject and holds no private text."""

    person_id: str
    kind: str
    """praise_received, feedback_received, check_in_due, key_result_at_risk or became_owner."""
    subject_kind: str
    """feedback, key_result, objective or check_in."""
    subject_id: str
    title: str
    raised_at: datetime
    read_at: datetime | None = None


class NotificationRaised(NotificationState, frozen=True, kw_only=True):
    """Something reached a person's inbox."""

    TYPE: ClassVar[str] = "cairn.notifications.notification.raised.v1"


class NotificationRead(NotificationState, frozen=True, kw_only=True):
    """A notification was marked as read, or as unread again."""

    TYPE: ClassVar[str] = "cairn.notifications.notification.read.v1"


EVENTS = (NotificationRaised, NotificationRead)
