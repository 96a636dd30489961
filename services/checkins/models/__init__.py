"""The tables of check-ins: what was said, what it was before, what fell due, and copies of what it is about."""

from services.checkins.models.check_in import Base, CheckIn, CheckInRevision, DueNotice
from services.checkins.models.copies import CycleCopy, KeyResultCopy, ObjectiveCopy

__all__ = ["Base", "CheckIn", "CheckInRevision", "CycleCopy", "DueNotice", "KeyResultCopy", "ObjectiveCopy"]
