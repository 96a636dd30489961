"""What leaving means to sign-in: everything a person had to sign in with ends, and stays ended if they come back."""

from chassis.service import Handler
from chassis.unit import Unit
from contracts.envelope import Envelope
from contracts.people import PersonDeactivated
from gateway.signin.tokens import revoke_before


def end_tokens(unit: Unit, event: PersonDeactivated, envelope: Envelope) -> None:
    """End the tokens made before the person left; told late or twice, it leaves newer ones alone."""
    revoke_before(unit, event.id, envelope.time)


def both(first: Handler, then: Handler) -> Handler:
    """Two handlers for one kind of event."""

    def handle(unit: Unit, event: object, envelope: Envelope) -> None:
        first(unit, event, envelope)
        then(unit, event, envelope)

    return handle
