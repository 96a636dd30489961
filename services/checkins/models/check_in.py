"""Check-ins with their past, and the due dates somebody has been told about."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.db import Exact, Json, Moment, metadata, plain
from contracts.checkins import CheckInFellDue, CheckInState

NAMESPACE = uuid.UUID("4d3f7c1e-53c8-5a0e-9a51-7a6f0f7d2c11")
"""Of ids that follow from what they stand for."""

CONTENT = ("value", "milestones_done", "confidence", "status", "note", "blockers", "as_of")
"""What a correction may change."""


class Base(DeclarativeBase):
    metadata = metadata()


class CheckIn(Base):
    """One statement about one key result. `version` grows with every correction and with withdrawal."""

    __tablename__ = "check_ins"
    __table_args__ = (
        Index("ix_check_ins_history", "key_result_id", "as_of", "submitted_at", "id"),
        Index("ix_check_ins_newest", "as_of", "submitted_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """Of what was last imported under the external id, so that a repeated import leaves later corrections alone."""
    key_result_id: Mapped[str] = mapped_column(String(36))
    objective_id: Mapped[str] = mapped_column(String(36), index=True)
    author_id: Mapped[str] = mapped_column(String(36), index=True)
    value: Mapped[Decimal | None] = mapped_column(Exact)
    milestones_done: Mapped[list[str] | None] = mapped_column(Json)
    confidence: Mapped[float | None] = mapped_column(Float)
    status: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Text)
    blockers: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[date]
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012

    def content(self) -> dict[str, Any]:
        """What was said, by field."""
        return {name: getattr(self, name) for name in CONTENT}

    def differs(self, content: Mapping[str, Any]) -> bool:
        """Whether these fields say something else than the check-in does."""
        return any(getattr(self, name) != value for name, value in content.items())

    def state(self) -> dict[str, Any]:
        """The fields of its events."""
        return {name: getattr(self, name) for name in CheckInState.__struct_fields__}


class CheckInRevision(Base):
    """What a check-in was before it was corrected or withdrawn, by whom and why."""

    __tablename__ = "check_in_revisions"
    __table_args__ = (UniqueConstraint("check_in_id", "version"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    check_in_id: Mapped[str] = mapped_column(ForeignKey("check_ins.id"))
    version: Mapped[int] = mapped_column(BigInteger)
    """The version that was left behind."""
    change: Mapped[str] = mapped_column(String(10))
    """corrected or withdrawn."""
    before: Mapped[dict[str, Any]] = mapped_column(Json)
    """The content it had, as JSON values."""
    reason: Mapped[str | None] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_by_kind: Mapped[str] = mapped_column(String(10))
    """person, service or system."""
    changed_at: Mapped[datetime] = mapped_column(Moment)


class DueNotice(Base):
    """A due date somebody has been told about. The id follows from both, so it is told once even after a rebuild."""

    __tablename__ = "due_notices"
    __table_args__ = (UniqueConstraint("person_id", "due_on"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(36))
    due_on: Mapped[date] = mapped_column(index=True)
    key_result_ids: Mapped[list[str]] = mapped_column(Json)
    told_at: Mapped[datetime] = mapped_column(Moment)

    def event(self) -> CheckInFellDue:
        return CheckInFellDue(
            id=self.id, version=1, person_id=self.person_id, due_on=self.due_on, key_result_ids=self.key_result_ids
        )


def imported_id(external_id: str) -> str:
    """The id of an imported check-in: the same at every import, so that the order of equals does not depend on luck."""
    return str(uuid.uuid5(NAMESPACE, f"check-in {external_id}"))


def notice_id(person_id: str, due_on: date) -> str:
    """The id under which a person is told about a due date."""
    return str(uuid.uuid5(NAMESPACE, f"due {person_id} {due_on.isoformat()}"))


def as_json(content: Mapping[str, Any]) -> dict[str, Any]:
    """Content as JSON values: decimals and days as text."""
    return {name: _plainly(value) for name, value in content.items()}


def fingerprint(content: Mapping[str, Any]) -> str:
    """What makes two imports of a check-in the same."""
    return hashlib.sha256(json.dumps(as_json(content), sort_keys=True).encode()).hexdigest()


def _plainly(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(plain(value), "f")
    return value.isoformat() if isinstance(value, date) else value
