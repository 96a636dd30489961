"""What the check-ins service publishes: check-ins as they are made, corrected and withdrawn, and what fell due."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from contracts.event import Event, Moment


class CheckInState(Event, frozen=True, kw_only=True):
    """One statement about one key result: where it stands, how sure we are, what is in the way."""

    key_result_id: str
    """What it is about."""
    objective_id: str
    """The objective of that key result."""
    author_id: str
    """The person who made it."""
    value: Decimal | None = None
    """The measured value; 0 or 1 for a binary key result; null for milestones."""
    milestones_done: list[str] | None = None
    """For milestones: the ids of all that are done."""
    confidence: float | None = None
    """0 to 1: how likely the target is reached, in the author's eyes."""
    status: str | None = None
    """on_track, behind or at_risk, as the author sees it; null leaves it to the pace."""
    note: str | None = None
    """What happened, in the author's words; open to the organisation."""
    blockers: str | None = None
    """What is in the way, in the author's words; open to the organisation."""
    as_of: date
    """The day the value is true for; history is ordered by it, then by `submitted_at`, then by id."""
    submitted_at: Moment
    """When it was first made; a correction leaves it alone."""
    withdrawn: bool = False
    """True when it was taken back and counts no more."""


class CheckInSubmitted(CheckInState, frozen=True, kw_only=True):
    """A check-in was made."""

    TYPE: ClassVar[str] = "cairn.checkins.check_in.submitted.v1"


class CheckInCorrected(CheckInState, frozen=True, kw_only=True):
    """A check-in was corrected; everything after it counts anew."""

    TYPE: ClassVar[str] = "cairn.checkins.check_in.corrected.v1"


class CheckInWithdrawn(CheckInState, frozen=True, kw_only=True):
    """A check-in was taken back, as if it had not been made."""

    TYPE: ClassVar[str] = "cairn.checkins.check_in.withdrawn.v1"


class CheckInFellDue(Event, frozen=True, kw_only=True):
    """A person should check in on key results by now. `id` is one per person and due date."""

    TYPE: ClassVar[str] = "cairn.checkins.check_in.fell_due.v1"

    person_id: str
    """Who should check in."""
    due_on: date
    """The day it fell due, in that person's time zone."""
    key_result_ids: list[str]
    """The key results that wait for a check-in."""


EVENTS = (CheckInSubmitted, CheckInCorrected, CheckInWithdrawn, CheckInFellDue)
