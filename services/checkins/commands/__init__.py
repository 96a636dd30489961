"""What can be done with check-ins: submit, correct, withdraw; tell people what fell due; tell everything again."""

from services.checkins.commands.change import correct, withdraw, withdraw_all
from services.checkins.commands.remind import tell_due
from services.checkins.commands.republish import republish
from services.checkins.commands.statement import Statement
from services.checkins.commands.submit import submit, submit_one

__all__ = ["Statement", "correct", "republish", "submit", "submit_one", "tell_due", "withdraw", "withdraw_all"]
