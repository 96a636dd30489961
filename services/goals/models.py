"""Cycles, objectives with their alignment, key results, and this service's own copy of the check-ins.

`version` counts every published change of an aggregate, `edition` only what people wrote. `attributes` are texts by
name that nothing here reads; they are kept for those who wrote them and do not travel in events. How a row becomes the
state in an event is said once, by the `…_state` functions, for the ORM and for the rows of the roll-up alike.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chassis.db import Exact, Json, Moment, metadata
from chassis.ids import new_id
from contracts.goals import CycleState, KeyResultState, Milestone, ObjectiveState, ParentLink
from services.goals.rules import grading, metrics

ACTIVE = "active"
DRAFT = "draft"
CLOSED = "closed"
DELETED = "deleted"
FROZEN = (CLOSED, DELETED)
"""States in which an objective and its key results keep the values they have."""

OBJECTIVE = "objective"
KEY_RESULT = "key_result"


class Base(DeclarativeBase):
    metadata = metadata()


class Cycle(Base):
    __tablename__ = "cycles"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=ACTIVE)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's own


class ObjectiveLink(Base):
    """A line of alignment. The parent is an objective or a key result, so no foreign key can say which."""

    __tablename__ = "objective_links"

    child_id: Mapped[str] = mapped_column(ForeignKey("objectives.id"), primary_key=True)
    parent_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    parent_kind: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(12), default="contributes")
    weight: Mapped[Decimal] = mapped_column(Exact, default=Decimal(1))


class Objective(Base):
    __tablename__ = "objectives"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    edition: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    title: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycles.id"), index=True)
    owner_kind: Mapped[str] = mapped_column(String(10))
    owner_id: Mapped[str] = mapped_column(String(36), index=True)
    co_owner_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    kind: Mapped[str] = mapped_column(String(12), default="aspirational")
    state: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    progress: Mapped[Decimal | None] = mapped_column(Exact)
    status: Mapped[str] = mapped_column(String(12), default="not_started")
    suggested_grade: Mapped[Decimal | None] = mapped_column(Exact)
    grade: Mapped[Decimal | None] = mapped_column(Exact)
    grade_note: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    explained: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    """What made up the progress when it was closed; null while it is open."""

    cycle: Mapped[Cycle] = relationship()
    parents: Mapped[list[ObjectiveLink]] = relationship(cascade="all, delete-orphan", order_by=ObjectiveLink.parent_id)
    key_results: Mapped[list["KeyResult"]] = relationship(
        back_populates="objective",
        order_by="KeyResult.id",
        primaryjoin="and_(KeyResult.objective_id == Objective.id, KeyResult.removed.is_(False))",
        lazy="selectin",
    )

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's own

    @property
    def band(self) -> str | None:
        """green, yellow or red once it is graded."""
        return None if self.grade is None else grading.band(self.grade, self.kind)

    @property
    def missed(self) -> bool:
        """A commitment that was closed without being fully kept."""
        return self.grade is not None and grading.missed(self.grade, self.kind)


class KeyResult(Base):
    __tablename__ = "key_results"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(default=1)
    edition: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    objective_id: Mapped[str] = mapped_column(ForeignKey("objectives.id"), index=True)
    title: Mapped[str] = mapped_column(String(500))
    owner_id: Mapped[str | None] = mapped_column(String(36), index=True)
    metric: Mapped[str] = mapped_column(String(12))
    unit: Mapped[str] = mapped_column(String(10), default="number")
    currency: Mapped[str | None] = mapped_column(String(3))
    start: Mapped[Decimal | None] = mapped_column(Exact)
    target: Mapped[Decimal | None] = mapped_column(Exact)
    lower: Mapped[Decimal | None] = mapped_column(Exact)
    upper: Mapped[Decimal | None] = mapped_column(Exact)
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    weight: Mapped[Decimal] = mapped_column(Exact, default=Decimal(1))
    attributes: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    removed: Mapped[bool] = mapped_column(default=False)
    value: Mapped[Decimal | None] = mapped_column(Exact)
    milestones_done: Mapped[list[str]] = mapped_column(Json, default=list)
    progress_raw: Mapped[float | None] = mapped_column(default=0.0)
    progress: Mapped[Decimal | None] = mapped_column(Exact, default=Decimal(0))
    confidence: Mapped[float | None]
    status: Mapped[str] = mapped_column(String(12), default="not_started")
    as_of: Mapped[date | None]
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its objective was active for the first time, or it was added to one that was."""

    objective: Mapped[Objective] = relationship(back_populates="key_results")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012 - SQLAlchemy's own

    @property
    def cycle_id(self) -> str:
        return self.objective.cycle_id

    @property
    def open(self) -> bool:
        """Whether check-ins are taken."""
        return self.objective.state == ACTIVE and not self.removed

    def open_first(self, moment: datetime) -> None:
        """Note that check-ins are taken from now on, unless they were before."""
        if self.opened_at is None and self.open:
            self.opened_at = moment

    @property
    def stages(self) -> list[Milestone]:
        return stages_of(self)


class Reading(Base):
    """A check-in as this service last heard of it. It may be here before its key result, or outlive it."""

    __tablename__ = "readings"
    __table_args__ = (Index("ix_readings_latest", "key_result_id", "as_of", "submitted_at", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """The id of the check-in."""
    version: Mapped[int]
    key_result_id: Mapped[str] = mapped_column(String(36))
    value: Mapped[Decimal | None] = mapped_column(Exact)
    milestones_done: Mapped[list[str] | None] = mapped_column(Json)
    confidence: Mapped[float | None]
    status: Mapped[str | None] = mapped_column(String(20))
    as_of: Mapped[date]
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn: Mapped[bool]


class Rebaseline(Base):
    """A change of what a key result measures after its first check-in: what held before, and why it changed."""

    __tablename__ = "rebaselines"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    key_result_id: Mapped[str] = mapped_column(ForeignKey("key_results.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]] = mapped_column(Json)
    """The definition that held until then, with its quantities as text."""


def metric_of(row: Any) -> metrics.Metric:
    """The definition of a key result as the rules want it; `row` is a KeyResult or a row of its columns."""
    return metrics.Metric(
        kind=row.metric,
        unit=row.unit,
        currency=row.currency,
        start=row.start,
        target=row.target,
        lower=row.lower,
        upper=row.upper,
        milestones=tuple(metrics.Milestone(stage["id"], Decimal(stage["weight"])) for stage in row.milestones),
    )


def stages_of(row: Any) -> list[Milestone]:
    """The milestones of a key result as they are told."""
    return [
        Milestone(id=stage["id"], title=stage["title"], weight=Decimal(stage["weight"])) for stage in row.milestones
    ]


_RATIOS = frozenset({"progress", "grade"})
_COMPOSED = frozenset({"parents", "milestones"})


def _plain_fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in _RATIOS | _COMPOSED)


CYCLE_FIELDS = _plain_fields(CycleState)
OBJECTIVE_FIELDS = _plain_fields(ObjectiveState)
KEY_RESULT_FIELDS = _plain_fields(KeyResultState)
_OF_OBJECTIVE, _OF_KEY_RESULT = attrgetter(*OBJECTIVE_FIELDS), attrgetter(*KEY_RESULT_FIELDS)


def cycle_state(row: Any) -> dict[str, Any]:
    """The fields of a CycleState."""
    return {name: getattr(row, name) for name in CYCLE_FIELDS}


def objective_state(row: Any, links: Iterable[Any]) -> dict[str, Any]:
    """The fields of an ObjectiveState, from an Objective or a row of its columns, and its lines upward."""
    parents = [
        ParentLink(parent_kind=link.parent_kind, parent_id=link.parent_id, kind=link.kind, weight=link.weight)
        for link in links
    ]
    plain = dict(zip(OBJECTIVE_FIELDS, _OF_OBJECTIVE(row), strict=True))
    return plain | {"progress": as_float(row.progress), "grade": as_float(row.grade), "parents": parents}


def key_result_state(row: Any) -> dict[str, Any]:
    """The fields of a KeyResultState; a row needs `cycle_id` and `open` beside the columns of the table."""
    plain = dict(zip(KEY_RESULT_FIELDS, _OF_KEY_RESULT(row), strict=True))
    return plain | {"progress": as_float(row.progress), "milestones": stages_of(row)}


def as_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
