"""Check-ins move key results, and with them everything above; people and teams are copied for permissions."""

from chassis import replica
from chassis.service import Handler
from chassis.unit import Unit
from contracts import checkins
from contracts.envelope import Envelope
from contracts.event import Event
from services.goals import commands


def keep_reading(unit: Unit, event: checkins.CheckInState, _envelope: Envelope) -> None:
    commands.keep_reading(unit, event)


HANDLERS: dict[type[Event], Handler] = {
    **replica.HANDLERS,
    checkins.CheckInSubmitted: keep_reading,
    checkins.CheckInCorrected: keep_reading,
    checkins.CheckInWithdrawn: keep_reading,
}
