"""A check-in as somebody wants to make it, and what its own fields may hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.db import plain
from chassis.problems import Conflict, Fault
from services.checkins.models import CheckIn
from services.checkins.models.check_in import fingerprint
from services.checkins.models.standing import Subject
from services.checkins.rules import stating
from services.checkins.rules.stating import Metric, Said


@dataclass(frozen=True, slots=True)
class Statement:
    """One check-in to be made."""

    key_result_id: str
    value: Decimal | None = None
    milestones_done: Sequence[str] | None = None
    confidence: float | None = None
    status: str | None = None
    note: str | None = None
    blockers: str | None = None
    as_of: date | None = None
    """None: today, where the author is."""
    author_id: str | None = None
    """None: the person who acts."""
    external_id: str | None = None
    """The id in the system it is imported from: it is made once, however often it is sent."""
    submitted_at: datetime | None = None
    """When it was made in that system; None: now."""

    def content(self, metric: Metric, as_of: date) -> dict[str, Any]:
        """What is stored of it. Only for a statement without faults."""
        return {
            "value": None if self.value is None else plain(self.value),
            "milestones_done": stating.ticked(metric, self.milestones_done),
            "confidence": self.confidence,
            "status": self.status,
            "note": self.note or None,
            "blockers": self.blockers or None,
            "as_of": as_of,
        }

    def print(self, author_id: str) -> str:
        """Its fingerprint as an import, from what was sent and not from what was made of it."""
        done = None if self.milestones_done is None else sorted(set(self.milestones_done))
        said = (self.key_result_id, author_id, self.value, done, self.confidence, self.status)
        names = ("key_result_id", "author_id", "value", "milestones_done", "confidence", "status")
        words = {"note": self.note or None, "blockers": self.blockers or None, "as_of": self.as_of}
        return fingerprint(dict(zip(names, said, strict=True)) | words)


def faults_at(pointer: str, faults: Sequence[stating.Fault]) -> list[Fault]:
    """The rules' faults, with the place of the check-in before theirs."""
    return [Fault(f"{pointer}{fault.pointer}", fault.sentence) for fault in faults]


def closed_fault(subject: Subject) -> str | None:
    """Why a key result takes no check-ins, None where it does."""
    if subject.removed:
        return "This key result was removed from its objective; check in on another one."
    if subject.open:
        return None
    if subject.objective_state == "closed":
        return "Its objective is closed, so its history stands as it is; reopen the objective to change it."
    return "Its objective is not active; activate the objective first."


def require_open(subject: Subject) -> None:
    """Pass where the key result takes check-ins; otherwise raise Conflict."""
    reason = closed_fault(subject)
    if reason is not None:
        raise Conflict(reason, kind="key_result_not_open")


def confidences(session: Session, key_result_ids: Sequence[str]) -> dict[str, list[Said]]:
    """Every confidence that was named and stands, by key result."""
    columns = (CheckIn.key_result_id, CheckIn.as_of, CheckIn.submitted_at, CheckIn.id, CheckIn.confidence)
    standing = (CheckIn.confidence.is_not(None), CheckIn.withdrawn.is_(False))
    found: dict[str, list[Said]] = {key_result_id: [] for key_result_id in key_result_ids}
    for row in session.execute(select(*columns).where(CheckIn.key_result_id.in_(list(found)), *standing)):
        found[row[0]].append(Said(*row[1:]))
    return found
