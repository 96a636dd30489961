"""What a service declares about itself. `services/<name>/app.py` builds one of these and does nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from chassis.clock import Clock, system_clock
from chassis.db import Database
from chassis.unit import Settle, Unit
from contracts.envelope import Envelope
from contracts.event import Event

if TYPE_CHECKING:
    from flask_smorest import Blueprint

Handler = Callable[[Unit, Any, Envelope], None]
"""Turns a foreign event into one of our own commands. Runs once per event, inside the consumer's unit of work."""

Told = tuple[Any, Envelope]
"""An event and its envelope."""


@dataclass(frozen=True, slots=True)
class Together:
    """A handler that takes as many events at once as follow one another in a batch, in their order.

    For folds that cost little more for hundreds of events than for one. It may be called like any other handler.
    """

    fold: Callable[[Unit, Sequence[Told]], None]

    def __call__(self, unit: Unit, event: Any, envelope: Envelope) -> None:
        self.fold(unit, [(event, envelope)])


@dataclass(frozen=True, slots=True)
class Task:
    """Work that comes round by itself, run by one worker at a time, in a unit of work."""

    name: str
    every: float
    """Seconds between two runs."""
    run: Callable[[Any], None]
    """Gets the Unit; with `own_transactions` the Runtime."""
    own_transactions: bool = False
    """For work that talks to the outside: no transaction is open around it, it opens its own as it needs them."""


@dataclass(frozen=True)
class Service:
    name: str
    metadata: MetaData
    migrations: str
    """The package with the service's Alembic revisions, such as `services.goals.migrations`."""
    blueprints: Callable[[], Sequence["Blueprint"]]
    handlers: Mapping[type[Event], Handler] = field(default_factory=dict)
    settle: Settle | None = None
    """Computes once, before a unit commits, what its commands and events have marked."""
    tasks: tuple[Task, ...] = ()
    gather: float = 0.0
    """Seconds from one small batch of events to the next, which spares the transactions between; the first after a
    while is taken at once."""
    republish: Callable[[Unit], None] | None = None
    """Publishes the present state of everything the service owns, for those who rebuild a copy."""

    def topics(self) -> list[str]:
        """The topics the service reads, without the deployment's prefix."""
        return sorted({kind.topic() for kind in self.handlers})


@dataclass(frozen=True)
class Runtime:
    """A service connected to its database, ready to work."""

    service: Service
    db: Database
    clock: Clock = system_clock
