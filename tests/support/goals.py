"""The goals service with a small organisation, builders for its requests, and a plain recomputation to compare with.

Root manages Mira, Mira manages Ana and Ben; Ana leads the team of which Ben is a member; Zoe is on nobody's line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from chassis.access import Actor
from chassis.ids import new_id
from contracts.checkins import CheckInCorrected, CheckInState, CheckInSubmitted, CheckInWithdrawn
from contracts.people import TeamCreated
from services.goals.app import service
from services.goals.models import (
    CLOSED,
    DELETED,
    Cycle,
    KeyResult,
    Objective,
    ObjectiveLink,
    metric_of,
)
from services.goals.rollup.loading import readings_of
from services.goals.rules.measuring import measure
from services.goals.rules.rollup import Standing, measured_standing, roll_up
from tests.support.hosted import FixedClock, Hosted, hosted, person

ROOT = "0190b6a4-9d5c-7c3e-8a55-0000000000a0"
MIRA = "0190b6a4-9d5c-7c3e-8a55-0000000000a1"
ANA = "0190b6a4-9d5c-7c3e-8a55-0000000000a2"
BEN = "0190b6a4-9d5c-7c3e-8a55-0000000000a3"
ZOE = "0190b6a4-9d5c-7c3e-8a55-0000000000a4"
GONE = "0190b6a4-9d5c-7c3e-8a55-0000000000a5"
TEAM = "0190b6a4-9d5c-7c3e-8a55-0000000000b1"
NOBODY = "0190b6a4-9d5c-7c3e-8a55-0000000000ff"
HR = Actor("0190b6a4-9d5c-7c3e-8a55-0000000000a9", roles=frozenset({"employee", "hr"}))

CHECKED_IN = {False: CheckInSubmitted, True: CheckInWithdrawn}


@contextmanager
def goals_service(database_url: str, clock: FixedClock | None = None) -> Iterator[Hosted]:
    """The service, knowing its people."""
    with hosted(service(), database_url, clock) as running:
        running.tell(
            person("Root", id=ROOT),
            person("Mira", id=MIRA, manager_id=ROOT),
            person("Ana", id=ANA, manager_id=MIRA, team_ids=[TEAM]),
            person("Ben", id=BEN, manager_id=MIRA, team_ids=[TEAM]),
            person("Zoe", id=ZOE),
            person("Gone", id=GONE, active=False),
            TeamCreated(id=TEAM, version=1, name="Crew", lead_id=ANA),
        )
        yield running


class Goals:
    """The service's API as one actor uses it: every call answers the JSON of a success or fails the test."""

    def __init__(self, running: Hosted, who: Actor | str = HR) -> None:
        self.running = running
        self.client = running.client(who)

    def get(self, path: str) -> Any:
        return answered(self.client.get(f"/api/v1{path}"))

    def post(self, path: str, **body: Any) -> Any:
        return answered(self.client.post(f"/api/v1{path}", **({"json": body} if body else {})))

    def tag(self, path: str) -> str:
        return self.client.get(f"/api/v1{path}").headers["ETag"]

    def patch(self, path: str, **body: Any) -> Any:
        return answered(self.try_patch(path, **body))

    def try_patch(self, path: str, **body: Any) -> TestResponse:
        return self.client.patch(f"/api/v1{path}", json=body, headers={"If-Match": self.tag(path)})

    def try_post(self, path: str, **body: Any) -> TestResponse:
        return self.client.post(f"/api/v1{path}", **({"json": body} if body else {}))

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(f"/api/v1{path}", headers={"If-Match": self.tag(path)})

    def cycle(self, **changed: Any) -> Any:
        body = {"name": "2026 Q2", "starts_on": "2026-04-01", "ends_on": "2026-06-30"} | changed
        return self.post("/cycles", **body)

    def objective(self, cycle: Any, **changed: Any) -> Any:
        return self.post("/objectives", **objective_body(cycle, **changed))

    def key_result(self, objective: Any, **changed: Any) -> Any:
        return self.post(f"/objectives/{objective['id']}/key-results", **key_result_body(**changed))


def answered(answer: TestResponse) -> Any:
    assert answer.status_code in (200, 201), (answer.status_code, answer.get_data(as_text=True))
    return answer.json


def objective_body(cycle: Any, **changed: Any) -> dict[str, Any]:
    return {"title": "Guests come back", "cycle_id": cycle["id"], "owner_id": ANA} | changed


def key_result_body(**changed: Any) -> dict[str, Any]:
    """From 0 to 100 unless said otherwise."""
    fields: dict[str, Any] = {"title": "Returning guests", "metric": "increase"} | changed
    return {"start": 0, "target": 100} | fields if fields["metric"] == "increase" else fields


def parent(above: Any, **changed: Any) -> dict[str, Any]:
    """A line up to an objective or key result as the API answered it."""
    kind = "key_result" if "metric" in above else "objective"
    return {"parent_kind": kind, "parent_id": above["id"]} | changed


def check_in(key_result_id: str, value: Any = None, **changed: Any) -> CheckInState:
    """What the check-ins service says of a check-in; a later version of the same `id` is a correction."""
    fields: dict[str, Any] = {
        "id": new_id(),
        "version": 1,
        "key_result_id": key_result_id,
        "objective_id": NOBODY,
        "author_id": ANA,
        "value": None if value is None else Decimal(str(value)),
        "as_of": date(2026, 5, 1),
        "submitted_at": datetime(2026, 5, 1, 9, 0, tzinfo=UTC),
    } | changed
    if fields["version"] > 1 and not fields.get("withdrawn"):
        return CheckInCorrected(**fields)
    return CHECKED_IN[fields.get("withdrawn", False)](**fields)


def chance(seed: int) -> Random:
    """Random choices that are the same at every run."""
    return Random(seed)


def standings(session: Session) -> dict[str, tuple[Any, str]]:
    """Progress and status of everything as stored."""
    rows = [*session.scalars(select(Objective)), *session.scalars(select(KeyResult))]
    return {row.id: (row.progress, row.status) for row in rows}


def recomputed(session: Session) -> dict[str, tuple[Any, str]]:
    """Progress and status of everything, from the readings up, by the plainest walk there is.

    What is frozen is taken as stored.
    """
    objectives = {row.id: row for row in session.scalars(select(Objective))}
    key_results = {row.id: row for row in session.scalars(select(KeyResult))}
    cycles = {row.id: row for row in session.scalars(select(Cycle))}
    readings = readings_of(session, list(key_results))
    children: dict[str, list[tuple[str, Decimal]]] = {}
    for row in key_results.values():
        if not row.removed:
            children.setdefault(row.objective_id, []).append((row.id, row.weight))
    for link in session.scalars(select(ObjectiveLink)):
        if link.kind == "contributes" and objectives[link.child_id].state in ("active", "closed"):
            children.setdefault(link.parent_id, []).append((link.child_id, link.weight))
    known: dict[str, Standing] = {}

    def rolled(node: str) -> Standing:
        return roll_up((weight, standing(child)) for child, weight in children.get(node, ()))

    def fresh(node: str) -> Standing:
        if node in objectives:
            return rolled(node)
        row = key_results[node]
        cycle = cycles[objectives[row.objective_id].cycle_id]
        metric = metric_of(row)
        said = measured_standing(metric, measure(metric, readings.get(node, ())), cycle.starts_on, cycle.ends_on)
        if said is not None:
            return said
        own = rolled(node)
        return own if own.progress is not None else Standing(Decimal(0))

    def standing(node: str) -> Standing:
        if node not in known:
            row = objectives.get(node) or key_results[node]
            owner = row if isinstance(row, Objective) else objectives[row.objective_id]
            frozen = owner.state in (CLOSED, DELETED) or getattr(row, "removed", False)
            known[node] = Standing(row.progress, row.status) if frozen else fresh(node)
        return known[node]

    return {node: (standing(node).progress, standing(node).status) for node in (*objectives, *key_results)}
