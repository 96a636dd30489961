"""What the goals service publishes: cycles, objectives and key results with their progress.

Progress is a ratio, 1 = target reached. `progress_raw` is what was measured, unclamped; `progress` is what rolls
up, within 0 and 1, and null where nothing contributes. Quantities are exact decimals.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

import msgspec

from contracts.event import Event


class CycleState(Event, frozen=True, kw_only=True):
    """A period in which objectives live. Cycles may have any length and may overlap."""

    name: str
    starts_on: date
    ends_on: date
    state: str = "active"
    """One of: planned, active, closed."""


class CycleCreated(CycleState, frozen=True, kw_only=True):
    """A cycle was set up."""

    TYPE: ClassVar[str] = "cairn.goals.cycle.created.v1"


class CycleChanged(CycleState, frozen=True, kw_only=True):
    """A cycle was renamed, moved, opened or closed."""

    TYPE: ClassVar[str] = "cairn.goals.cycle.changed.v1"


class ParentLink(msgspec.Struct, frozen=True, kw_only=True):
    """One line of alignment from an objective up to an objective or a key result."""

    parent_kind: str
    """objective or key_result."""
    parent_id: str
    kind: str = "contributes"
    """contributes: progress rolls up along the line; supports: it is shown, but does not."""
    weight: Decimal = Decimal(1)


class ObjectiveState(Event, frozen=True, kw_only=True):
    """An objective with its alignment and progress."""

    external_id: str | None = None
    title: str
    description: str | None = None
    cycle_id: str
    owner_kind: str
    """person or team."""
    owner_id: str
    co_owner_ids: list[str] = []
    parents: list[ParentLink] = []
    kind: str = "aspirational"
    """committed or aspirational."""
    state: str = "active"
    """draft, active, closed or deleted (a draft that was thrown away)."""
    progress: float | None = None
    status: str = "not_started"
    """not_started, on_track, behind or at_risk."""
    grade: float | None = None
    grade_note: str | None = None
    closed_at: datetime | None = None


class ObjectiveCreated(ObjectiveState, frozen=True, kw_only=True):
    """An objective was written down."""

    TYPE: ClassVar[str] = "cairn.goals.objective.created.v1"


class ObjectiveChanged(ObjectiveState, frozen=True, kw_only=True):
    """Wording, owner, co-owners, alignment, kind or state of an objective changed."""

    TYPE: ClassVar[str] = "cairn.goals.objective.changed.v1"


class ObjectiveProgressed(ObjectiveState, frozen=True, kw_only=True):
    """The rolled-up progress or status of an objective is another than before."""

    TYPE: ClassVar[str] = "cairn.goals.objective.progressed.v1"


class ObjectiveClosed(ObjectiveState, frozen=True, kw_only=True):
    """An objective was closed with its grade."""

    TYPE: ClassVar[str] = "cairn.goals.objective.closed.v1"


class ObjectiveAssigned(ObjectiveState, frozen=True, kw_only=True):
    """Somebody became owner or co-owner; `assignee_ids` are only those who were not before."""

    TYPE: ClassVar[str] = "cairn.goals.objective.assigned.v1"

    assignee_ids: list[str] = []


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of a milestones key result; its weight counts when it is done."""

    id: str
    title: str
    weight: Decimal = Decimal(1)


class KeyResultState(Event, frozen=True, kw_only=True):
    """A key result with what it measures and where it stands."""

    external_id: str | None = None
    objective_id: str
    cycle_id: str
    title: str
    owner_id: str | None = None
    """The person who checks in; null: the objective's owner does."""
    metric: str
    """increase, decrease, stay_above, stay_below, between, binary or milestones."""
    unit: str = "number"
    """number, percent or currency."""
    currency: str | None = None
    """ISO 4217 code where unit is currency."""
    start: Decimal | None = None
    target: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    milestones: list[Milestone] = []
    weight: Decimal = Decimal(1)
    removed: bool = False
    value: Decimal | None = None
    """The latest measured value; null before the first check-in."""
    milestones_done: list[str] = []
    progress_raw: float | None = None
    progress: float | None = None
    confidence: float | None = None
    status: str = "not_started"
    as_of: date | None = None
    """The day the latest value is true for."""
    open: bool = True
    """Whether check-ins are taken: its objective is active."""


class KeyResultCreated(KeyResultState, frozen=True, kw_only=True):
    """A key result was added to an objective."""

    TYPE: ClassVar[str] = "cairn.goals.key_result.created.v1"


class KeyResultChanged(KeyResultState, frozen=True, kw_only=True):
    """A key result was reworded, re-based, re-weighted, removed, opened or closed."""

    TYPE: ClassVar[str] = "cairn.goals.key_result.changed.v1"


class KeyResultProgressed(KeyResultState, frozen=True, kw_only=True):
    """Value, progress, confidence or status of a key result is another than before."""

    TYPE: ClassVar[str] = "cairn.goals.key_result.progressed.v1"


class KeyResultFellAtRisk(KeyResultState, frozen=True, kw_only=True):
    """A key result's status has just become at_risk; `owner_ids` are those who should know."""

    TYPE: ClassVar[str] = "cairn.goals.key_result.fell_at_risk.v1"

    owner_ids: list[str] = []


EVENTS = (
    CycleCreated,
    CycleChanged,
    ObjectiveCreated,
    ObjectiveChanged,
    ObjectiveProgressed,
    ObjectiveClosed,
    ObjectiveAssigned,
    KeyResultCreated,
    KeyResultChanged,
    KeyResultProgressed,
    KeyResultFellAtRisk,
)
