"""What can be done with cycles, objectives and key results, one function an intention. Nothing here commits."""

from services.goals.commands.cycles import change_cycle, create_cycle, delete_cycle
from services.goals.commands.key_results import add_key_result, change_key_result, remove_key_result
from services.goals.commands.lifecycle import (
    close_objective,
    delete_objective,
    publish_objective,
    reopen_objective,
    unpublish_objective,
)
from services.goals.commands.objectives import change_objective, create_objective
from services.goals.commands.readings import keep_reading
from services.goals.commands.republish import republish

__all__ = [
    "add_key_result",
    "change_cycle",
    "change_key_result",
    "change_objective",
    "close_objective",
    "create_cycle",
    "create_objective",
    "delete_cycle",
    "delete_objective",
    "keep_reading",
    "publish_objective",
    "remove_key_result",
    "reopen_objective",
    "republish",
    "unpublish_objective",
]
