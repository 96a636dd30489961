"""What the feedback service publishes: that feedback was given. Text that is not public never travels."""

from typing import ClassVar

import msgspec

from contracts.event import Event, Moment


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece of feedback is about."""

    kind: str
    """objective, key_result or check_in."""
    id: str
    """The id of the objective, key result or check-in."""


class FeedbackGiven(Event, frozen=True, kw_only=True):
    """Somebody gave praise or feedback to somebody."""

    TYPE: ClassVar[str] = "cairn.feedback.feedback.given.v1"

    kind: str
    """praise or feedback."""
    visibility: str
    """public, recipient, or recipient_and_manager; fixed when written."""
    giver_id: str
    """Who gave it."""
    recipient_id: str
    """Who it is for."""
    manager_id: str | None = None
    """The recipient's manager when it was written, where the visibility includes them."""
    about: Subject | None = None
    """What it refers to, if anything."""
    text: str | None = None
    """Only where the visibility is public."""
    given_at: Moment


EVENTS = (FeedbackGiven,)
