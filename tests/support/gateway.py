"""A small organisation that says what happens to it, and a gateway without sign-in that listens.

`History` makes consistent events with good defaults and remembers them in order; `listening` folds them as the real
consumer does, inbox and all.
"""

import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from flask.testing import FlaskClient
from sqlalchemy import event as sql_event

from chassis.access import Actor
from chassis.bus import Message, Received
from chassis.consumer import Consumer
from chassis.db import Database
from chassis.http.app import build
from chassis.service import Runtime, Service
from chassis.tables import METADATA
from contracts import checkins, feedback, goals, notifications, people
from contracts.envelope import Envelope
from contracts.event import Event, encode
from gateway.kept import EXTENSION, Kept
from gateway.projection.handlers import HANDLERS, settle
from gateway.projection.models import Base

E = TypeVar("E", bound=Event)

START = datetime(2026, 4, 1, 8, tzinfo=UTC)
"""The first day of the quarter every history begins with."""


class History:
    """What happened, in order: `said` holds every event with its envelope."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start
        self.said: list[tuple[Envelope, Event]] = []
        self._serial = itertools.count(1)

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)

    def new_id(self) -> str:
        """A UUID of version 7 that tells the present moment of this history."""
        moment = int(self.now.timestamp() * 1000)
        return str(uuid.UUID(int=moment << 80 | 0x7 << 76 | 0b10 << 62 | next(self._serial)))

    def say(self, event: E) -> E:
        self.now += timedelta(seconds=1)
        envelope = Envelope(
            id=self.new_id(),
            type=event.TYPE,
            source=f"/{event.topic().replace('.', '/')}",
            subject=event.id,
            time=self.now,
            aggregate_version=event.version,
        )
        self.said.append((envelope, event))
        return event

    def again(self, before: Event, kind: type[E], /, **changes: Any) -> E:
        """The next version of an aggregate, with some fields changed."""
        fields = {
            name: value for name, value in msgspec.structs.asdict(before).items() if name in kind.__struct_fields__
        }
        return self.say(kind(**{**fields, "version": before.version + 1, **changes}))

    def person(self, name: str = "Ada Ames", **fields: Any) -> people.PersonRegistered:
        id_ = self.new_id()
        email = fields.pop("email", f"{name.split()[0].lower()}-{id_[-4:]}@example.org")
        return self.say(people.PersonRegistered(id=id_, version=1, display_name=name, email=email, **fields))

    def team(self, name: str = "Harbour", **fields: Any) -> people.TeamCreated:
        return self.say(people.TeamCreated(id=self.new_id(), version=1, name=name, **fields))

    def cycle(self, name: str = "2026 Q2", **fields: Any) -> goals.CycleCreated:
        days = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}
        return self.say(goals.CycleCreated(id=self.new_id(), version=1, name=name, **{**days, **fields}))

    def objective(
        self, cycle: goals.CycleState, owner: people.PersonState | people.TeamState, title: str = "Aim", **fields: Any
    ) -> goals.ObjectiveCreated:
        return self.say(
            goals.ObjectiveCreated(
                id=self.new_id(),
                version=1,
                title=title,
                cycle_id=cycle.id,
                owner_kind="team" if isinstance(owner, people.TeamState) else "person",
                owner_id=owner.id,
                **fields,
            )
        )

    def key_result(
        self, objective: goals.ObjectiveState, title: str = "Measure", **fields: Any
    ) -> goals.KeyResultCreated:
        usual: dict[str, Any] = {"metric": "increase", "start": 0, "target": 10, "progress": 0.0}
        place = {"objective_id": objective.id, "cycle_id": objective.cycle_id}
        return self.say(goals.KeyResultCreated(id=self.new_id(), version=1, title=title, **place, **usual | fields))

    def check_in(
        self, key_result: goals.KeyResultState, author: people.PersonState, **fields: Any
    ) -> checkins.CheckInSubmitted:
        usual = {"as_of": self.now.date(), "submitted_at": self.now}
        about = {"key_result_id": key_result.id, "objective_id": key_result.objective_id, "author_id": author.id}
        return self.say(checkins.CheckInSubmitted(id=self.new_id(), version=1, **about, **usual | fields))

    def feedback(
        self, giver: people.PersonState, recipient: people.PersonState, **fields: Any
    ) -> feedback.FeedbackGiven:
        usual = {"kind": "praise", "visibility": "public", "text": "Well done.", "given_at": self.now}
        between = {"giver_id": giver.id, "recipient_id": recipient.id}
        return self.say(feedback.FeedbackGiven(id=self.new_id(), version=1, **between, **usual | fields))

    def notification(self, person: people.PersonState, **fields: Any) -> notifications.NotificationRaised:
        usual = {"kind": "check_in_due", "subject_kind": "key_result", "subject_id": self.new_id(), "title": "Due"}
        moment = {"raised_at": self.now}
        return self.say(
            notifications.NotificationRaised(
                id=self.new_id(), version=1, person_id=person.id, **moment, **usual | fields
            )
        )


def supports(parent: Event, kind: str = "contributes") -> goals.ParentLink:
    """A line up to an objective or key result."""
    above = "key_result" if isinstance(parent, goals.KeyResultState) else "objective"
    return goals.ParentLink(parent_kind=above, parent_id=parent.id, kind=kind)


def service() -> Service:
    """The gateway's read model and aggregated reads, without sign-in and pass-through."""
    from gateway.api import blp

    return Service("gateway", Base.metadata, "gateway.migrations", lambda: [blp], HANDLERS, settle)


@contextmanager
def listening(url: str, now: datetime = START) -> Iterator[Runtime]:
    """A gateway on an empty database, at a fixed moment."""
    db = Database(url)
    METADATA.create_all(db.engine)
    Base.metadata.create_all(db.engine)
    yield Runtime(service(), db, lambda: now)
    db.dispose()


def messages(said: Iterable[tuple[Envelope, Event]]) -> list[Received]:
    """Events as they come from the bus."""
    return [
        Received(Message(event.topic(), event.id, encode(event), envelope.headers()), 0, place)
        for place, (envelope, event) in enumerate(said)
    ]


def fold(runtime: Runtime, said: Iterable[tuple[Envelope, Event]], batch: int = 50) -> None:
    """Take the events as the gateway's worker does; AssertionError where one was parked."""
    from chassis.parking import parked

    consumer = Consumer(runtime, _NoBus())  # type: ignore[arg-type]
    waiting = messages(said)
    for start in range(0, len(waiting), batch):
        consumer.apply(waiting[start : start + batch])
    with runtime.db.reading() as session:
        assert [row.detail for row in parked(session)] == []


class _NoBus:
    """Batches are handed to the consumer by the test; it never asks for any."""


def client(runtime: Runtime, actor: Actor) -> FlaskClient:
    """A client on whose word the gateway takes who is calling."""
    app = build(runtime, authenticate=lambda _request: actor)
    app.extensions[EXTENSION] = Kept(runtime.db)
    return app.test_client()


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """The SQL that is executed meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT")):
            seen.append(statement)

    sql_event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sql_event.remove(db.engine, "before_cursor_execute", note)


def read(runtime: Runtime, actor: Actor, path: str, **query: Any) -> Any:
    """The JSON at a path; AssertionError where it is not 200."""
    answer = client(runtime, actor).get(f"/api/v1{path}", query_string=query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.loads(answer.get_data())


def someone(person: people.PersonState) -> Actor:
    return Actor(person.id, roles=frozenset(person.roles or ["employee"]))


def ids(cards: Sequence[dict[str, Any]]) -> list[str]:
    return [card["id"] for card in cards]
