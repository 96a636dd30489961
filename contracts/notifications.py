"""What the notifications service publishes: what reached a person's inbox and whether it was read."""

from typing import ClassVar

from contracts.event import Event, Moment


class NotificationState(Event, frozen=True, kw_only=True):
    """One entry of one person's inbox. It points at its subject and holds no private text."""

    person_id: str
    """Whose inbox it is in."""
    kind: str
    """praise_received, feedback_received, check_in_due, key_result_at_risk, became_owner or hand_over."""
    subject_kind: str
    """feedback, key_result, objective, check_in or hand_over."""
    subject_id: str
    """The id of what it points at; of a hand-over, the person who left."""
    title: str
    """One line for the inbox, without private text."""
    raised_at: Moment
    """When it reached the inbox."""
    read_at: Moment | None = None
    """Null while it is unread."""


class NotificationRaised(NotificationState, frozen=True, kw_only=True):
    """Something reached a person's inbox."""

    TYPE: ClassVar[str] = "cairn.notifications.notification.raised.v1"


class NotificationRead(NotificationState, frozen=True, kw_only=True):
    """A notification was marked as read, or as unread again."""

    TYPE: ClassVar[str] = "cairn.notifications.notification.read.v1"


EVENTS = (NotificationRaised, NotificationRead)
