"""A check-ins service with a database, a clock that tests set, and a small organisation with one objective."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from chassis import migrate
from chassis.access import SYSTEM, Actor
from chassis.consumer import handle
from chassis.db import Database
from chassis.http.app import build
from chassis.ids import new_id
from chassis.service import Runtime
from chassis.tables import METADATA, OUTBOX
from chassis.unit import Unit, unit_of_work
from contracts import goals, people
from contracts.envelope import Envelope
from contracts.event import Event, decode
from contracts.registry import BY_TYPE
from services.checkins.app import service

NOW = datetime(2026, 5, 13, 10, 0, tzinfo=UTC)
"""A Wednesday."""
OPENED = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def some_id(name: str) -> str:
    """An id that is the same whenever the name is."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


AMARA, BORIS, CHITRA, DELE, ELIF = (some_id(name) for name in ("Amara", "Boris", "Chitra", "Dele", "Elif"))
"""Amara owns the objective, Boris manages her, Chitra is above Boris, Dele is a colleague, Elif is HR."""
SUPPORT = some_id("Support")
CYCLE, OBJECTIVE, REPLIES = (some_id(name) for name in ("2026-Q2", "Riders get help", "First reply"))
IMPORTER = Actor("importer", "service", frozenset())


def person(name: str, *, version: int = 1, **facts: Any) -> people.PersonRegistered:
    given = {"id": some_id(name), "email": f"{name.lower()}@riders.example", "display_name": name}
    return people.PersonRegistered(version=version, **{**given, **facts})


def team(name: str, *, version: int = 1, **facts: Any) -> people.TeamCreated:
    return people.TeamCreated(id=some_id(name), version=version, name=name, **facts)


def cycle(name: str = "2026-Q2", *, version: int = 1, **facts: Any) -> goals.CycleCreated:
    given = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}
    return goals.CycleCreated(id=some_id(name), version=version, name=name, **{**given, **facts})


def objective(title: str = "Riders get help", *, version: int = 1, **facts: Any) -> goals.ObjectiveCreated:
    given = {"cycle_id": CYCLE, "owner_kind": "person", "owner_id": AMARA}
    return goals.ObjectiveCreated(id=some_id(title), version=version, title=title, **{**given, **facts})


def key_result(title: str = "First reply", *, version: int = 1, **facts: Any) -> goals.KeyResultCreated:
    given = {"objective_id": OBJECTIVE, "cycle_id": CYCLE, "metric": "decrease"}
    given |= {"start": Decimal(50), "target": Decimal(10)}
    return goals.KeyResultCreated(id=some_id(title), version=version, title=title, **{**given, **facts})


def milestones(*ids: str) -> list[goals.Milestone]:
    return [goals.Milestone(id=one, title=one.title()) for one in ids]


ORGANISATION = (
    person("Chitra"),
    person("Boris", manager_id=CHITRA),
    person("Amara", manager_id=BORIS, time_zone="Europe/Lisbon", team_ids=[SUPPORT]),
    person("Dele", manager_id=CHITRA),
    person("Elif", manager_id=CHITRA, roles=["employee", "hr"]),
    team("Support"),
    cycle(),
    objective(),
    key_result(),
)


def migrated(url: str) -> str:
    """Make the tables; returns the URL."""
    db = Database(url)
    migrate.migrate(db, service())
    db.dispose()
    return url


class World:
    """The service under test, on a migrated database. `as_` says who calls, `at` what time it is."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.actor = Actor(AMARA)
        self.db = Database(url)
        self.runtime = Runtime(service(), self.db, lambda: self.now)
        app = build(self.runtime, authenticate=lambda _request: self.actor, patience=0.0)
        self.client: FlaskClient = app.test_client()

    def emptied(self) -> "World":
        """Forget everything."""
        with self.db.writing() as session:
            for tables in (self.runtime.service.metadata, METADATA):
                for table in reversed(tables.sorted_tables):
                    session.execute(table.delete())
        return self

    def as_(self, who: str | Actor, *roles: str) -> "World":
        self.actor = who if isinstance(who, Actor) else Actor(who, roles=frozenset({"employee", *roles}))
        return self

    def hears(self, *events: Event, at: datetime = OPENED) -> "World":
        """Handle these events, each in its own transaction."""
        for event in events:
            with unit_of_work(self.db, clock=self.runtime.clock) as unit:
                handle(self.runtime.service, unit, event, envelope(event, at))
        return self

    @contextmanager
    def unit(self, actor: Actor | None = None) -> Iterator[Unit]:
        with unit_of_work(self.db, actor=actor or self.actor, clock=self.runtime.clock) as unit:
            yield unit

    def runs_the_task(self) -> None:
        (task,) = self.runtime.service.tasks
        with self.unit(SYSTEM) as unit:
            task.run(unit)

    def said(self, kind: type[Event] = Event) -> list[Any]:
        """The events published so far, in order."""
        with self.db.reading() as session:
            rows = session.execute(select(OUTBOX.c.type, OUTBOX.c.payload).order_by(OUTBOX.c.id)).all()
        events = [decode(BY_TYPE[row.type], bytes(row.payload)) for row in rows]
        return [event for event in events if isinstance(event, kind)]

    def post(self, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        return self._sent("POST", path, body, status, headers)

    def patch(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        return self._sent("PATCH", path, body, status, headers)

    def _sent(self, method: str, path: str, body: Any, status: int, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.open(f"/api/v1{path}", method=method, json=body, headers=named)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        response = self.client.get(f"/api/v1{path}", query_string=query)
        assert response.status_code == status, response.get_data(as_text=True)
        return response.get_json()

    def checks_in(self, answer: int = 201, key_result_id: str = REPLIES, **said: Any) -> Any:
        """Make one check-in on the key result over HTTP."""
        return self.post(f"/key-results/{key_result_id}/check-ins", {"value": 40, **said}, answer)

    def corrects(self, made: dict[str, Any], answer: int = 200, **changes: Any) -> Any:
        return self.patch(f"/check-ins/{made['id']}", changes, answer, If_Match=f'"{made["version"]}"')

    def withdraws(self, made: dict[str, Any], answer: int = 200, **more: Any) -> Any:
        return self.post(f"/check-ins/{made['id']}/withdraw", more, answer, If_Match=f'"{made["version"]}"')

    def history(self, key_result_id: str = REPLIES, **query: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.get(f"/key-results/{key_result_id}/check-ins", **query)["items"]
        return items

    def close(self) -> None:
        self.db.dispose()


def envelope(event: Event, at: datetime = OPENED) -> Envelope:
    return Envelope(
        id=new_id(),
        type=event.TYPE,
        source=f"/{event.topic().replace('.', '/')}",
        subject=event.id,
        time=at,
        aggregate_version=event.version,
    )


def pointers(problem: dict[str, Any]) -> list[str]:
    """The places a problem document names."""
    return [error["pointer"] for error in problem["errors"]]
