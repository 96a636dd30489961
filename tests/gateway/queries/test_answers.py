"""What all aggregated reads have in common: tags, documentation, freshness, scopes."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from chassis.access import Actor
from chassis.service import Runtime
from contracts import goals
from contracts.examples import load
from contracts.feedback import Subject
from contracts.registry import BY_TYPE
from tests.support.gateway import History, client, fold, someone, supports


@pytest.fixture
def history() -> History:
    """A bit of everything, so that every answer has something in every list."""
    history = History()
    company, boss = history.team("Company"), history.person("Bea Boss", roles=["employee", "hr"])
    harbour = history.team("Harbour", parent_id=company.id, lead_id=boss.id)
    history.team("Night", parent_id=harbour.id)
    ada = history.person("Ada Ames", manager_id=boss.id, team_ids=[harbour.id], title="Engineer")
    history.person("Nora None", manager_id=ada.id)
    left = history.person("Lea Left", manager_id=ada.id, active=False, end_date=date(2026, 3, 31))
    year, cycle = history.cycle("2026", state="planned"), history.cycle()
    grow = history.objective(year, company, "Grow")
    top = history.objective(cycle, harbour, "Riders stay", parents=[supports(grow)], progress=0.5)
    measure = history.key_result(top, "Fewer leave", owner_id=ada.id, value=-3, progress_raw=-0.3)
    other = history.objective(cycle, boss, "Second parent")
    history.key_result(history.objective(cycle, left, "Left behind"), "Left as well", owner_id=left.id)
    aim = history.objective(cycle, ada, "Quick help", parents=[supports(measure), supports(other)], progress=1.0)
    stages = [goals.Milestone(id=history.new_id(), title="Trained")]
    history.key_result(aim, "Trained", metric="milestones", start=None, target=None, milestones=stages)
    said = history.check_in(measure, ada, value=-3, confidence=0.5, note="fell", status="behind")
    history.pass_days(30)
    history.feedback(boss, ada, about=Subject(kind="check_in", id=said.id))
    history.feedback(boss, ada, about=Subject(kind="objective", id="unheard-of"))
    history.feedback(boss, ada, visibility="recipient")
    history.notification(ada)
    done = history.objective(cycle, ada, "Done")
    history.again(done, goals.ObjectiveClosed, state="closed", grade=0.7, closed_at=history.now)
    return history


@pytest.fixture
def told(runtime: Runtime, history: History) -> FlaskClient:
    fold(runtime, history.said)
    return client(runtime, someone(named(history, "Ada Ames")))


def named(history: History, name: str) -> Any:
    return next(
        event for _, event in history.said if name in (getattr(event, "display_name", 0), getattr(event, "name", 0))
    )


def paths(history: History) -> Iterator[tuple[str, str]]:
    """Every aggregated read: its route and an address that answers."""
    ada, harbour, cycle = (named(history, name) for name in ("Ada Ames", "Harbour", "2026 Q2"))
    yield from {
        "/api/v1/me": "/api/v1/me",
        "/api/v1/dashboard": "/api/v1/dashboard",
        "/api/v1/persons/{person_id}/overview": f"/api/v1/persons/{ada.id}/overview",
        "/api/v1/persons/{person_id}/hand-over": f"/api/v1/persons/{ada.id}/hand-over",
        "/api/v1/hand-over": "/api/v1/hand-over",
        "/api/v1/teams/{team_id}/overview": f"/api/v1/teams/{harbour.id}/overview",
        "/api/v1/cycles/{cycle_id}/alignment": f"/api/v1/cycles/{cycle.id}/alignment",
        "/api/v1/organisation/overview": f"/api/v1/organisation/overview?cycle_id={cycle.id}",
        "/api/v1/organisation/coverage": f"/api/v1/organisation/coverage?cycle_id={cycle.id}",
        "/api/v1/activity": "/api/v1/activity",
        "/api/v1/search": "/api/v1/search?q=a",
    }.items()


def test_every_answer_is_what_the_document_says(told: FlaskClient, history: History) -> None:
    document = told.get("/openapi.json").get_json()
    assert set(document["paths"]) == {route for route, _ in paths(history)}
    for route, address in paths(history):
        said = document["paths"][route]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = {**said, "components": document["components"]}
        faults = [fault.message for fault in Draft202012Validator(schema).iter_errors(told.get(address).get_json())]
        assert faults == [], route


def test_every_answer_is_as_of_the_newest_event(told: FlaskClient, history: History) -> None:
    newest = history.now.isoformat().replace("+00:00", "Z")
    assert {told.get(address).get_json()["as_of"] for _, address in paths(history)} == {newest}


def test_before_the_first_event_there_is_no_as_of(runtime: Runtime) -> None:
    answer = client(runtime, Actor("robot", kind="service")).get("/api/v1/activity")
    assert answer.get_json() == {"as_of": None, "items": [], "next": None}


def test_who_holds_the_answer_already_is_told_so(told: FlaskClient, history: History) -> None:
    for _, address in paths(history):
        first = told.get(address)
        again = told.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
        assert told.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_the_tag_changes_with_the_content_and_not_with_the_time(
    runtime: Runtime, told: FlaskClient, history: History
) -> None:
    before = told.get("/api/v1/dashboard")
    history.person("Somebody quite different")
    fold(runtime, history.said[-1:])
    unchanged = told.get("/api/v1/dashboard")
    assert unchanged.headers["ETag"] == before.headers["ETag"]
    assert unchanged.get_json()["as_of"] > before.get_json()["as_of"]
    history.notification(named(history, "Ada Ames"))
    fold(runtime, history.said[-1:])
    assert told.get("/api/v1/dashboard").headers["ETag"] != before.headers["ETag"]


def test_a_broken_tag_is_a_clear_problem(told: FlaskClient) -> None:
    answer = told.get("/api/v1/dashboard", headers={"If-None-Match": "no tag"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_page_links_to_the_next(told: FlaskClient) -> None:
    answer = told.get("/api/v1/activity?limit=2&kinds=praise&kinds=check_in")
    cursor = answer.get_json()["next"]
    assert answer.headers["Link"] == (
        f'</api/v1/activity?limit=2&kinds=praise&kinds=check_in&cursor={cursor}>; rel="next"'
    )


def test_no_id_stands_without_a_name_beside_it(told: FlaskClient, history: History) -> None:
    for route, address in paths(history):
        for card in cards(told.get(address).get_json()):
            if "id" in card and route != "/api/v1/me":
                told_by = {"name", "title", "summary", "author", "check_in"} & card.keys()
                assert told_by, (route, card)


def cards(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from cards(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from cards(inner)


def test_a_token_that_does_not_reach_the_gateway_is_refused(runtime: Runtime, history: History) -> None:
    narrow = client(runtime, Actor("robot", kind="service", scopes=frozenset({"goals:read"})))
    for _, address in paths(history):
        assert narrow.get(address).status_code == 403


def test_the_examples_of_the_contracts_alone_make_a_readable_dashboard(runtime: Runtime) -> None:
    fold(runtime, [load(kind) for kind in BY_TYPE.values()])
    amara = "019bb16d-3578-7f04-8d5d-0d2a53d6230c"
    shown = client(runtime, Actor(amara)).get("/api/v1/dashboard").get_json()
    assert shown["person"]["name"] == "Amara Okoye"
    assert shown["feedback"][0]["about"]["title"] == "Median first reply falls from 50 to 10 minutes"
    assert (shown["objectives"][0]["role"], shown["objectives"][0]["grade"]) == ("co_owner", 0.7)


def test_the_read_model_knows_nothing_of_sign_in_and_pass_through() -> None:
    program = (
        "import sys, gateway.projection.handlers, gateway.projection.rebuild, gateway.queries.dashboard\n"
        "print([name for name in sys.modules if name.startswith(('gateway.signin', 'gateway.proxy', 'services'))])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
