"""Local copies of cycles, objectives and key results, fed by the goals events and guarded by version."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.db import Json, Moment
from services.checkins.models.check_in import Base


class KeyResultCopy(Base):
    __tablename__ = "key_result_copies"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    objective_id: Mapped[str] = mapped_column(String(36), index=True)
    cycle_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(String)
    owner_id: Mapped[str | None] = mapped_column(String(36), index=True)
    metric: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str | None] = mapped_column(String(3))
    milestones: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """`id` and `title` of each, in order."""
    removed: Mapped[bool]
    open: Mapped[bool] = mapped_column(index=True)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    """When check-ins were first taken; where the events do not say, when it was first heard to be open."""


class ObjectiveCopy(Base):
    __tablename__ = "objective_copies"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String)
    cycle_id: Mapped[str] = mapped_column(String(36))
    owner_kind: Mapped[str] = mapped_column(String(10))
    owner_id: Mapped[str] = mapped_column(String(36), index=True)
    co_owner_ids: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10))


class CycleCopy(Base):
    __tablename__ = "cycle_copies"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
