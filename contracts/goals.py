"""What the goals service publishes: cycles, objectives and key results with their progress.

Progress is a ratio, 1 = target reached. `progress_raw` is what was measured, unclamped; `progress` is what rolls
up, within 0 and 1, and null where nothing contributes. Quantities are exact decimals.
"""

from datetime import date
from decimal import Decimal
from typing import ClassVar

import msgspec

from contracts.event import Event, Moment


class CycleState(Event, frozen=True, kw_only=True):
    """A period in which objectives live. Cycles may have any length and may overlap."""

    name: str
    starts_on: date
    """The first day."""
    ends_on: date
    """The last day, itself included."""
    state: str = "active"
    """One of: planned, active, closed, deleted (an empty one that was thrown away)."""


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
    """The objective or key result above."""
    kind: str = "contributes"
    """contributes: progress rolls up along the line; supports: it is shown, but does not."""
    weight: Decimal = Decimal(1)
    """Its share among everything that contributes to the same parent."""


class ObjectiveState(Event, frozen=True, kw_only=True):
    """An objective with its alignment and progress."""

    external_id: str | None = None
    """The id in the system it was imported from; null where it was made here."""
    title: str
    description: str | None = None
    cycle_id: str
    """The cycle it lives in."""
    owner_kind: str
    """person or team."""
    owner_id: str
    """The one who answers for it: a person or a team."""
    co_owner_ids: list[str] = msgspec.field(default_factory=list)
    """Persons who may change it as the owner may."""
    parents: list[ParentLink] = msgspec.field(default_factory=list)
    """What it is aligned to; empty at the top."""
    kind: str = "aspirational"
    """committed or aspirational."""
    state: str = "active"
    """draft, active, closed or deleted (thrown away before anybody had checked in on it)."""
    progress: float | None = None
    """Rolled up, 0 to 1; null where nothing contributes."""
    status: str = "not_started"
    """not_started, on_track, behind or at_risk."""
    grade: float | None = None
    """0 to 1, given at closing; null before."""
    grade_note: str | None = None
    """The reason for the grade."""
    closed_at: Moment | None = None
    """Null while it is open."""


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

    assignee_ids: list[str] = msgspec.field(default_factory=list)
    """The new owner or co-owners, without those who were one before."""


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A stage of a milestones key result; its weight counts when it is done."""

    id: str
    title: str
    weight: Decimal = Decimal(1)
    """Its share among the milestones of the key result."""


class KeyResultState(Event, frozen=True, kw_only=True):
    """A key result with what it measures and where it stands."""

    external_id: str | None = None
    """The id in the system it was imported from; null where it was made here."""
    objective_id: str
    """The objective it measures."""
    cycle_id: str
    """The cycle of its objective."""
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
    """Where increase and decrease begin."""
    target: Decimal | None = None
    """What increase and decrease aim at; the threshold of stay_above and stay_below, itself not allowed."""
    lower: Decimal | None = None
    """The lower bound of between."""
    upper: Decimal | None = None
    """The upper bound of between."""
    milestones: list[Milestone] = msgspec.field(default_factory=list)
    """The stages of a milestones key result, in order."""
    weight: Decimal = Decimal(1)
    """Its share among everything that contributes to its objective."""
    removed: bool = False
    """True when it was taken out of its objective; it counts no more."""
    value: Decimal | None = None
    """The latest measured value; null before the first check-in."""
    milestones_done: list[str] = msgspec.field(default_factory=list)
    """The ids of the milestones that are done."""
    progress_raw: float | None = None
    """As measured: may be below 0 or above 1; null where nothing can be measured."""
    progress: float | None = None
    """What rolls up, 0 to 1."""
    confidence: float | None = None
    """0 to 1, from the latest check-in that named one."""
    status: str = "not_started"
    """not_started, on_track, behind or at_risk."""
    as_of: date | None = None
    """The day the latest value is true for."""
    open: bool = True
    """Whether check-ins are taken: its objective is active."""
    opened_at: Moment | None = None
    """The moment check-ins were first taken: its objective became active. Null before."""


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

    owner_ids: list[str] = msgspec.field(default_factory=list)
    """The persons who should know."""


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
