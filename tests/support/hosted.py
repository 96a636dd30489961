"""One service as it runs, without its threads: real database, real web application, events handed to its consumer."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import msgspec
from flask.testing import FlaskClient
from sqlalchemy import select

from chassis.access import SYSTEM, Actor
from chassis.bus import Bus, Message, Received
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.http.app import build
from chassis.identity import Minter, Verifier, generate_keys
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.service import Runtime, Service
from chassis.tables import OUTBOX
from chassis.unit import Unit, unit_of_work
from contracts.envelope import Envelope
from contracts.event import Event, encode
from contracts.people import PersonChanged, PersonDeactivated, PersonState
from contracts.registry import BY_TYPE

E = TypeVar("E", bound=Event)
PRIVATE, PUBLIC = generate_keys()
MORNING = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)


@dataclass
class FixedClock:
    """Time stands still until a test moves it."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass(frozen=True, slots=True)
class Published:
    """One outbox row, as consumers will see it."""

    envelope_id: str
    event: Event
    headers: dict[str, str]
    payload: bytes


@dataclass
class Hosted:
    """A service with its database. `client(actor)` calls it, `tell(event)` lets it hear of something."""

    runtime: Runtime
    clock: FixedClock
    minter: Minter
    _app: Any
    _offset: int = field(default=0)

    def client(self, who: Actor | str) -> FlaskClient:
        """A client that calls as this person or actor, with a token good for a minute."""
        actor = Actor(who) if isinstance(who, str) else who
        client = cast(FlaskClient, self._app.test_client())
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.minter.mint(actor, self.runtime.service.name)}"
        return client

    def anybody(self) -> FlaskClient:
        """A client without proof of who it is."""
        return cast(FlaskClient, self._app.test_client())

    def tell(self, *events: Event, actor: str | None = SYSTEM.id) -> list[Received]:
        """Let the service's consumer take these events in one batch; answers the messages, to repeat or shuffle."""
        messages = [self.message(event, actor) for event in events]
        self.take(messages)
        return messages

    def take(self, messages: Sequence[Received]) -> None:
        """Apply messages as the worker would."""
        Consumer(self.runtime, cast(Bus, None)).apply(messages)

    def message(self, event: Event, actor: str | None = SYSTEM.id, event_id: str | None = None) -> Received:
        """The event as it travels."""
        envelope = Envelope(
            id=event_id or new_id(),
            type=event.TYPE,
            source=f"/{event.topic().replace('.', '/')}",
            subject=event.id,
            time=self.clock(),
            aggregate_version=event.version,
            actor=actor,
        )
        self._offset += 1
        return Received(Message(event.topic(), event.id, encode(event), envelope.headers()), 0, self._offset)

    def published(self) -> list[Published]:
        """Everything the service has said so far, in order."""
        with self.runtime.db.reading() as session:
            rows = session.execute(select(OUTBOX).order_by(OUTBOX.c.id)).all()
        return [
            Published(row.event_id, msgspec.json.decode(row.payload, type=BY_TYPE[row.type]), row.headers, row.payload)
            for row in rows
        ]

    def said(self, kind: type[E]) -> list[E]:
        """The events of one class the service has said so far."""
        return [row.event for row in self.published() if isinstance(row.event, kind)]

    def unit(self, actor: Actor = SYSTEM) -> AbstractContextManager[Unit]:
        """A unit of work, as a command gets it."""
        return unit_of_work(self.runtime.db, actor=actor, clock=self.clock, settle=self.runtime.service.settle)

    def count(self, model: Any) -> int:
        """How many rows a table holds."""
        with self.runtime.db.reading() as session:
            return len(session.execute(select(model)).all())


@contextmanager
def hosted(service: Service, database_url: str, clock: FixedClock | None = None) -> Iterator[Hosted]:
    """A migrated, running service; its web application is the real one."""
    clock = clock or FixedClock()
    db = Database(database_url)
    runtime = Runtime(service, db, clock)
    migrate(db, service)
    app = build(runtime, Verifier(PUBLIC), cursor_secret="for tests", patience=0.1)
    try:
        yield Hosted(runtime, clock, Minter(PRIVATE), app)
    finally:
        db.dispose()


def person(name: str, *, id: str | None = None, version: int = 1, **fields: Any) -> PersonState:
    """A person as the people service tells of them: active, without a manager, with an address made of the name."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    kind = PersonChanged if fields.get("active", True) else PersonDeactivated
    return kind(**({"id": id or new_id(), "version": version, "display_name": name, "email": email} | fields))
