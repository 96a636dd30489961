"""This service's own copy of the check-ins, each kept by its highest version."""

from chassis.unit import Unit
from contracts.checkins import CheckInState
from services.goals.models import KEY_RESULT
from services.goals.rollup.hearing import hear


def keep_reading(unit: Unit, said: CheckInState) -> None:
    """Keep what a check-in says now, unless something newer is known; its key result is computed anew.

    Stored when the unit settles, together with all others of its batch.
    """
    hear(unit.session, said)
    unit.mark(KEY_RESULT, said.key_result_id)
