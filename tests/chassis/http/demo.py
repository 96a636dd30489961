"""A tiny service to try the chassis on: cycles, with two extra fields, and a lever for every way to fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from chassis import access
from chassis.access import Actor
from chassis.db import Database, Exact, metadata
from chassis.http import (
    Blueprint,
    Expected,
    PageArgs,
    Schema,
    actor,
    expected,
    fields,
    page_args,
    page_of,
    paged,
    public,
    reads,
    session,
    tagged,
    unit,
    with_header,
    writes,
)
from chassis.http.app import build
from chassis.identity import Minter, Verifier, generate_keys
from chassis.ids import new_id
from chassis.problems import Conflict, NotFound, TooManyRequests
from chassis.service import Runtime, Service
from chassis.tables import METADATA
from chassis.unit import Unit
from contracts.goals import CycleChanged, CycleCreated
from contracts.people import PersonRegistered

PRIVATE, PUBLIC = generate_keys()
ANA = Actor(id="0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60")


class Base(DeclarativeBase):
    metadata = metadata()


class Cycle(Base):
    __tablename__ = "cycles"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column()
    edition: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    target: Mapped[Decimal | None] = mapped_column(Exact)
    weight: Mapped[float] = mapped_column(default=1.0)
    settled: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way


class Share(Schema):
    parent_id = fields.Id(required=True)
    weight = fields.Ratio(load_default=1.0)


class NewCycle(Schema):
    name = fields.Text(required=True, shortest=1, longest=100)
    target = fields.Quantity(allow_none=True)
    parents = fields.List(fields.Nested(Share), load_default=list, most=5)


class CycleChange(Schema):
    name = fields.Text(shortest=1, longest=100)


class CycleView(Schema):
    id = fields.Id(required=True)
    version = fields.Integer(required=True)
    name = fields.Text(required=True)
    target = fields.Quantity(allow_none=True)
    settled = fields.Integer()


class CycleFilter(PageArgs):
    name = fields.Text(longest=100)
    ids = fields.List(fields.Id())
    newest_first = fields.Boolean(load_default=False)


CyclePage = page_of(CycleView)


def _event(kind: type[Any], cycle: Cycle) -> Any:
    return kind(
        id=cycle.id, version=cycle.version, name=cycle.name, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31)
    )


def create(work: Unit, name: str, target: Decimal | None, parents: list[Any]) -> Cycle:
    access.check(work.actor, "objective.read")
    cycle = Cycle(id=new_id(), name=name, target=target)
    work.session.add(cycle)
    work.session.flush()
    work.publish(_event(CycleCreated, cycle))
    work.mark("cycle", cycle.id)
    return cycle


def change(work: Unit, cycle_id: str, wanted: Expected, name: str | None = None) -> Cycle:
    cycle = found(work.session, cycle_id)
    wanted.require(cycle)
    if name is not None:
        cycle.name = name
        cycle.edition += 1
    work.session.flush()
    work.publish(_event(CycleChanged, cycle))
    return cycle


def found(db: Session, cycle_id: str) -> Cycle:
    cycle = db.get(Cycle, cycle_id)
    if cycle is None:
        raise NotFound("There is no such cycle.")
    return cycle


def settle(work: Unit) -> None:
    for cycle_id in work.take_marks("cycle"):
        found(work.session, cycle_id).settled = 42
        work.session.flush()


@dataclass
class Levers:
    """What the test makes the service do."""

    inside_create: Callable[[], None] = lambda: None
    boom: Callable[[], Any] = lambda: None
    runs: list[str] = field(default_factory=list)


def blueprint(levers: Levers) -> Blueprint:
    blp = Blueprint("cycles", __name__, url_prefix="/api/v1", description="Cycles")

    @blp.post("/cycles")
    @writes("goals", "objective.write", status=201)
    @blp.arguments(NewCycle)
    @blp.response(201, CycleView)
    def create_cycle(body: dict[str, Any]) -> Cycle:
        """Set up a cycle."""
        levers.runs.append(body["name"])
        cycle = tagged(create(unit(), body["name"], body.get("target"), body["parents"]))
        with_header("Location", f"/api/v1/cycles/{cycle.id}")
        levers.inside_create()
        return cycle

    @blp.patch("/cycles/<uuid:cycle_id>")
    @writes("goals", "objective.write", match=True)
    @blp.arguments(CycleChange)
    @blp.response(200, CycleView)
    def change_cycle(body: dict[str, Any], cycle_id: str) -> Cycle:
        """Change a cycle."""
        return tagged(change(unit(), cycle_id, expected(), **body))

    @blp.delete("/cycles/<uuid:cycle_id>")
    @writes("goals", "objective.write", match=True)
    @blp.response(204)
    def drop_cycle(cycle_id: str) -> None:
        """Drop a cycle."""
        cycle = found(session(), cycle_id)
        expected().require(cycle)
        unit().session.delete(cycle)

    @blp.get("/cycles/<uuid:cycle_id>")
    @reads("goals", "objective.read")
    @blp.response(200, CycleView)
    def read_cycle(cycle_id: str) -> Cycle:
        """Read a cycle."""
        return tagged(found(session(), cycle_id))

    @blp.get("/cycles")
    @reads("goals", "objective.read")
    @blp.arguments(CycleFilter, location="query")
    @blp.response(200, CyclePage)
    def list_cycles(filters: dict[str, Any]) -> dict[str, Any]:
        """List cycles."""
        page = page_args(filters)
        statement = select(Cycle)
        if "name" in filters:
            statement = statement.where(Cycle.name == filters["name"])
        key = Cycle.id.desc() if filters["newest_first"] else Cycle.id
        return paged(session(), statement, [key], page.limit, page.cursor)

    @blp.get("/whoami")
    @reads("goals", "person.read")
    @blp.response(200)
    def whoami() -> dict[str, Any]:
        """Who is calling."""
        return {"id": actor().id}

    @blp.get("/hello")
    @public("a greeting")
    @blp.response(200)
    def hello() -> dict[str, str]:
        """Greet anybody."""
        return {"hello": "world"}

    @blp.post("/import")
    @writes("goals", "objective.write")
    @blp.body("text/csv", most=2 << 20)
    @blp.response(200)
    def take_file(body: bytes) -> dict[str, int]:
        """Take a file."""
        return {"bytes": len(body)}

    @blp.get("/boom")
    @reads("goals", "objective.read")
    @blp.response(200)
    def boom() -> Any:
        """Fail as the test wants."""
        return levers.boom()

    @blp.post("/conflict")
    @writes("goals", "objective.write")
    @blp.response(200)
    def conflict() -> None:
        """Always collide."""
        levers.runs.append("conflict")
        raise Conflict("It never works.")

    @blp.post("/secrets")
    @writes("goals", "token.write", replayable=False)
    @blp.response(200)
    def make_secret() -> dict[str, str]:
        """Make a secret that is shown once."""
        return {"secret": new_id()}

    @blp.get("/busy")
    @reads("goals", "objective.read")
    @blp.response(200)
    def busy() -> None:
        """Always too much."""
        raise TooManyRequests("Slow down, please.", headers={"Retry-After": "7"})

    return blp


@dataclass
class Demo:
    """The demo service with its application and a clock that tests set."""

    app: Flask
    db: Database
    levers: Levers
    runtime: Runtime
    minter: Minter

    def client(self, who: Actor = ANA) -> FlaskClient:
        """A client that calls as this actor."""
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.minter.mint(who, 'goals')}"
        return client

    def create(self, name: str = "Q1", **headers: str) -> Any:
        return self.client().post("/api/v1/cycles", json={"name": name}, headers=headers)


@contextmanager
def demo(url: str, **options: Any) -> Iterator[Demo]:
    """A running demo service on a fresh database."""
    levers = Levers()
    blp = blueprint(levers)
    handlers = {PersonRegistered: lambda *_: None}
    service = Service("goals", Base.metadata, "none", lambda: [blp], handlers, settle)
    db = Database(url, pool_size=12)
    METADATA.create_all(db.engine)
    Base.metadata.create_all(db.engine)
    runtime = Runtime(service, db)
    app = build(runtime, Verifier(PUBLIC), ready=lambda: [], cursor_secret="a secret for cursors", **options)
    try:
        yield Demo(app, db, levers, runtime, Minter(PRIVATE))
    finally:
        db.dispose()


def at(moment: str) -> datetime:
    """A moment in UTC from its ISO text."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)
