"""What can be asked: single check-ins, histories, the audit trail, and what waits for a check-in."""

from services.checkins.queries.history import check_in, check_ins, key_result_history, revisions
from services.checkins.queries.waiting import of_person, of_team

__all__ = ["check_in", "check_ins", "key_result_history", "of_person", "of_team", "revisions"]
