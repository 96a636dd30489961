"""A people service with a database, called over HTTP as whoever the test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from chassis import migrate
from chassis.access import SYSTEM, Actor
from chassis.db import Database
from chassis.http.app import build
from chassis.service import Runtime
from chassis.tables import METADATA, OUTBOX
from chassis.unit import Unit, unit_of_work
from contracts.event import Event, decode
from contracts.registry import BY_TYPE
from services.people.app import service

NOW = datetime(2026, 5, 13, 10, 0, tzinfo=UTC)
ADMIN = Actor("admin", roles=frozenset({"employee", "admin"}))
HR = Actor("hr", roles=frozenset({"employee", "hr"}))
EMPLOYEE = Actor("somebody")
API = "/api/v1"


class Office:
    """The service under test; `actor` is who calls, `now` what time it is."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.actor = ADMIN
        self.db = Database(url)
        self.runtime = Runtime(service(), self.db, lambda: self.now)
        migrate.migrate(self.db, self.runtime.service)
        self.app = build(self.runtime, authenticate=lambda _request: self.actor, patience=0.0)

    def close(self) -> None:
        self.db.dispose()

    def emptied(self) -> "Office":
        """The same service without people, teams and events, at the usual time and with an admin calling."""
        self.now, self.actor = NOW, ADMIN
        with self.db.writing() as session:
            for tables in (self.runtime.service.metadata, METADATA):
                for table in reversed(tables.sorted_tables):
                    session.execute(delete(table))
        return self

    def as_(self, actor: Actor | str, *roles: str) -> "Office":
        """Let this one call from now on; a person's id makes an employee with these further roles."""
        self.actor = actor if isinstance(actor, Actor) else Actor(actor, roles=frozenset({"employee", *roles}))
        return self

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.app.test_client().open(API + path, method=method, **options)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a successful read."""
        answer = self.call("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, **({} if body is None else {"json": body}), **options)

    def change(self, path: str, body: Any, *, match: str = "*", method: str = "PATCH") -> TestResponse:
        return self.call(method, path, json=body, headers={"If-Match": match})

    def person(self, name: str = "Amara Okoye", **facts: Any) -> dict[str, Any]:
        """Somebody registered over the API."""
        email = f"{name.lower().replace(' ', '.')}@harbour.example"
        answer = self.post("/persons", {"email": email, "display_name": name, **facts})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def team(self, name: str = "Support", **facts: Any) -> dict[str, Any]:
        answer = self.post("/teams", {"name": name, **facts})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def send(self, content: str | bytes, what: str = "people", **query: Any) -> TestResponse:
        """Send a CSV file to the import of people or teams."""
        data = content.encode() if isinstance(content, str) else content
        return self.call("POST", f"/imports/{what}", data=data, content_type="text/csv", query_string=query)

    def imported(self, content: str | bytes, what: str = "people", **query: Any) -> dict[str, Any]:
        """The report of an import that was accepted."""
        answer = self.send(content, what, **query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def refused(self, content: str | bytes, what: str = "people", **query: Any) -> list[tuple[int, str | None]]:
        """Row and column of everything an import was refused for."""
        answer = self.send(content, what, **query)
        assert answer.status_code == 422, answer.text
        assert answer.content_type == "application/problem+json"
        return [(one["row"], one["column"]) for one in (answer.json or {})["report"]["rejected"]]

    @contextmanager
    def unit(self, actor: Actor = SYSTEM) -> Iterator[Unit]:
        with unit_of_work(self.db, actor=actor, clock=self.runtime.clock) as unit:
            yield unit

    def said(self) -> list[Event]:
        """Every event published so far, in order."""
        with self.db.reading() as session:
            rows = session.execute(select(OUTBOX.c.type, OUTBOX.c.payload).order_by(OUTBOX.c.id)).all()
        return [decode(BY_TYPE[row.type], row.payload) for row in rows]
