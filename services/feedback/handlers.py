"""What feedback listens to: people and reporting lines, nothing else."""

from collections.abc import Mapping

from chassis import replica
from chassis.service import Handler
from contracts.event import Event

HANDLERS: Mapping[type[Event], Handler] = replica.HANDLERS
