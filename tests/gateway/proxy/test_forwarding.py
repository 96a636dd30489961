"""Forwarding to a real service, over a port and in process: what reaches it, what comes back, and what never passes."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.access import Actor
from chassis.db import Database
from chassis.http.app import build, document
from chassis.identity import Minter
from chassis.ids import new_id
from chassis.migrate import migrate
from chassis.service import Runtime
from gateway.app import service
from gateway.kept import Kept
from gateway.proxy.openapi import merge
from gateway.proxy.operations import operations
from gateway.proxy.passes import Passes
from gateway.proxy.routes import register
from gateway.proxy.wire import Exchange, Wire
from gateway.signin import tokens
from gateway.signin.authenticate import Authenticator
from tests.support.hosted import PRIVATE, FixedClock, person
from tests.support.signin import ANA, Door
from tests.support.upstream import Upstream, listening, reached, upstream

ID = "0190b6a4-9d5c-7c3e-8a55-000000000001"


@contextmanager
def before(folder: Path, described: dict[str, Any], exchange: Exchange, **changes: Any) -> Iterator[Door]:
    """A gateway that knows Ana and forwards to one service what its document describes."""
    clock = FixedClock()
    runtime = Runtime(service(), Database(f"sqlite:///{folder / 'gateway.db'}"), clock)
    migrate(runtime.db, runtime.service)
    app = build(runtime, authenticate=Authenticator(runtime, Kept(runtime.db), None))
    merged = merge(document(runtime), {"goals": described})
    register(app, [replace(one, **changes) for one in operations(merged)], {"goals": exchange}, PRIVATE)
    door = Door(runtime, clock, app)
    door.tell(person("Ana", id=ANA, roles=["employee", "hr"]))
    try:
        yield door
    finally:
        runtime.db.dispose()


def token_of(door: Door, *scopes: str) -> str:
    return tokens.issue_for_email(door.runtime, "ana@example.org", scopes=scopes or ["*"])


@pytest.fixture(scope="module")
def goals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    with upstream(tmp_path_factory.mktemp("goals"), FixedClock()) as running:
        yield running


@pytest.fixture(scope="module", params=["over http", "in process"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, goals: Upstream) -> Iterator[Door]:
    with ExitStack() as ending:
        exchange = ending.enter_context(reached(goals.app, request.param == "over http"))
        yield ending.enter_context(before(tmp_path_factory.mktemp("gateway"), goals.described, exchange))


@pytest.fixture(scope="module")
def ana(door: Door) -> FlaskClient:
    return door.client(token_of(door))


def test_the_service_sees_the_caller_the_gateway_proved(door: Door, ana: FlaskClient) -> None:
    answer = ana.get(f"/api/v1/echoes/{ID}?a=1&b=%C3%A9%20x")
    assert answer.status_code == 200
    assert answer.get_json()["actor"] == {"id": ANA, "kind": "person", "roles": ["employee", "hr"], "scopes": ["*"]}
    assert answer.get_json()["path"] == f"/api/v1/echoes/{ID}?a=1&b=%C3%A9%20x"


def test_headers_a_caller_could_forge_do_not_pass(ana: FlaskClient) -> None:
    forged = {
        "X-Cairn-Actor": "0190b6a4-9d5c-7c3e-8a55-0000000000ff",
        "X-Cairn-Roles": "admin",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-Real-Ip": "10.0.0.1",
        "Forwarded": "for=10.0.0.1",
        "Cookie": "session=1",
        "Connection": "X-Secret, keep-alive",
        "X-Secret": "1",
        "Te": "trailers",
        "Upgrade": "h2c",
        "X-Http-Method-Override": "DELETE",
        "Proxy-Authorization": "Basic eDp5",
        "X-Original-Url": "/admin",
    }
    seen = ana.get(f"/api/v1/echoes/{ID}", headers=forged).get_json()
    assert seen["actor"]["id"] == ANA
    assert not {name.title() for name in forged if name != "Connection"} & {name.title() for name in seen["headers"]}
    assert "X-Secret" not in seen["headers"].get("Connection", "")


def test_what_a_service_tells_one_caller_to_keep_is_not_sent_with_anothers_requests(ana: FlaskClient) -> None:
    told = [ana.get(f"/api/v1/echoes/{ID}").get_json()["headers"] for _ in range(2)]
    assert "Cookie" not in told[1], "the service sets one, and the way to it is shared by all callers"


def test_the_callers_own_token_stays_at_the_gateway(door: Door) -> None:
    token = token_of(door)
    seen = door.client(token).get(f"/api/v1/echoes/{ID}").get_json()
    assert token not in str(seen)
    assert seen["headers"]["Authorization"].startswith("Bearer ey")


def test_what_the_service_needs_to_know_passes(ana: FlaskClient) -> None:
    known = {
        "Idempotency-Key": "k1", "If-Match": '"7"', "Accept": "application/json", "Cairn-Consistency":
        "people:AaID9F7hfMmbRNZVTyas6Q", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }  # fmt: skip
    seen = ana.post("/api/v1/echoes", json={"text": "x"}, headers={**known, "Cairn-Consistency": "goals:" + "A" * 22})
    assert seen.status_code == 201
    headers = seen.get_json()["headers"]
    assert {name: headers[name.title()] for name in known} == {**known, "Cairn-Consistency": "goals:" + "A" * 22}
    assert headers["Content-Type"] == "application/json"


def test_a_trace_begins_at_the_gateway_where_none_was_sent(ana: FlaskClient) -> None:
    assert ana.get(f"/api/v1/echoes/{ID}").get_json()["headers"]["Traceparent"].startswith("00-")


def test_what_the_service_answers_comes_back(ana: FlaskClient) -> None:
    answer = ana.get(f"/api/v1/echoes/{ID}")
    assert answer.headers["ETag"] == '"7"'
    assert answer.headers["Link"] == '</api/v1/echoes?cursor=x>; rel="next"'
    assert answer.headers["Content-Type"] == "application/json"
    assert "X-Internal" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    same = ana.get(f"/api/v1/echoes/{ID}", headers={"If-None-Match": '"7"'})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", '"7"')


def test_asking_for_the_headers_only_gets_them(ana: FlaskClient) -> None:
    answer = ana.head(f"/api/v1/echoes/{ID}")
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", '"7"')
    assert answer.headers.get("Content-Length") != "0"


def test_a_replayed_answer_says_so(ana: FlaskClient) -> None:
    key = new_id()
    first, second = (ana.post("/api/v1/echoes", json={"text": "x"}, headers={"Idempotency-Key": key}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == "/api/v1/echoes/1"
    assert first.data == second.data
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_problem_of_the_service_comes_back_as_it_is(ana: FlaskClient) -> None:
    wrong = ana.post("/api/v1/echoes", json={"nothing": 1})
    assert wrong.status_code == 422
    assert wrong.content_type == "application/problem+json"
    assert wrong.get_json()["errors"][0]["pointer"] == "/nothing"


def test_only_documented_operations_are_forwarded(ana: FlaskClient) -> None:
    for path in (
        "/api/v1/other",
        "/metrics2",
        f"/api/v1/echoes/{ID}/",
        "/api/v1/echoes/1",
        "//api/v1/slow",
        "/internal",
    ):
        answer = ana.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json"), path
    refused = ana.delete("/api/v1/echoes")
    assert refused.status_code == 405
    assert refused.headers["Allow"] == "POST"


@pytest.mark.parametrize("name", ["..", ".", "%2e%2e", "%E2%82%AC", "caf%C3%A9"])
def test_a_path_that_means_two_things_goes_nowhere(ana: FlaskClient, name: str) -> None:
    assert ana.get(f"/api/v1/named/{name}").status_code == 404


@pytest.mark.parametrize("name", ["a%20b", "a%3Fb", "a%23b", "a%25b", "a+b", "a;b=1"])
def test_a_name_in_a_path_arrives_as_it_was_sent(ana: FlaskClient, name: str) -> None:
    answer = ana.get(f"/api/v1/named/{name}")
    assert answer.status_code == 200
    assert answer.get_json()["name"] == httpx.URL(f"http://x/{name}").path[1:]


def test_a_header_of_strange_letters_is_told(ana: FlaskClient) -> None:
    for header in ("Idempotency-Key", "If-None-Match", "Accept"):
        answer = ana.get(f"/api/v1/echoes/{ID}", headers={header: "caf\xe9"})
        assert answer.status_code == 400
        assert header in answer.get_json()["detail"]


def test_a_body_is_bounded_before_it_travels(ana: FlaskClient) -> None:
    fits = ana.post("/api/v1/echoes", json={"text": "x" * 1_000_000})
    assert (fits.status_code, fits.get_json()["size"]) == (201, 1_000_000)
    large = ana.post("/api/v1/echoes", json={"text": "x" * (1 << 20)})
    assert (large.status_code, large.content_type) == (413, "application/problem+json")


def test_an_import_may_be_twenty_megabytes(ana: FlaskClient) -> None:
    fits = ana.post("/api/v1/imports/echoes", data=b"x" * (5 << 20), content_type="text/csv")
    assert (fits.status_code, fits.get_json()["size"]) == (200, 5 << 20)
    large = ana.post("/api/v1/imports/echoes", data=b"x" * ((20 << 20) + 1), content_type="text/csv")
    assert large.status_code == 413


def test_a_token_reaches_only_as_far_as_its_scopes(door: Door) -> None:
    reader = door.client(token_of(door, "goals:read"))
    assert reader.get(f"/api/v1/echoes/{ID}").status_code == 200
    denied = reader.post("/api/v1/echoes", json={"text": "x"})
    assert denied.status_code == 403
    assert "goals:write" in denied.get_json()["detail"]
    assert door.client(token_of(door, "feedback:write")).get(f"/api/v1/echoes/{ID}").status_code == 403


def test_without_a_token_nothing_is_forwarded(door: Door) -> None:
    assert door.client().get(f"/api/v1/echoes/{ID}").status_code == 401
    assert door.client("nonsense").get(f"/api/v1/echoes/{ID}").status_code == 401


def test_a_revoked_token_and_a_leaver_are_refused_by_the_next_request(tmp_path: Path, goals: Upstream) -> None:
    with reached(goals.app, False) as exchange, before(tmp_path, goals.described, exchange) as door:
        first, second = door.client(token_of(door)), door.client(token_of(door))
        assert first.get(f"/api/v1/echoes/{ID}").status_code == second.get(f"/api/v1/echoes/{ID}").status_code == 200
        newest = first.get("/api/v1/tokens").get_json()["items"][0]
        assert first.delete(f"/api/v1/tokens/{newest['id']}").status_code == 204
        assert second.get(f"/api/v1/echoes/{ID}").status_code == 401
        door.tell(person("Ana", id=ANA, version=2, active=False))
        assert first.get(f"/api/v1/echoes/{ID}").status_code == 401


def test_a_service_refuses_tokens_from_outside_and_those_for_others_and_old_ones(
    door: Door, goals: Upstream, tmp_path: Path
) -> None:
    outside = token_of(door)
    minted = Minter(PRIVATE).mint(Actor(ANA), "goals", FixedClock())
    later = FixedClock(FixedClock().now + timedelta(seconds=61))
    with upstream(tmp_path, FixedClock(), "feedback") as feedback, upstream(tmp_path, later, "late") as late:
        assert status(goals.app, minted) == 200
        assert status(goals.app, outside) == 401
        assert status(feedback.app, minted) == 401
        assert status(late.app, Minter(PRIVATE).mint(Actor(ANA), "late", FixedClock())) == 401


def status(app: Flask, token: str) -> int:
    return app.test_client().get(f"/api/v1/echoes/{ID}", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_service_with_other_keys_makes_it_unavailable_not_the_caller_unknown(tmp_path: Path) -> None:
    later = FixedClock(FixedClock().now + timedelta(hours=1))
    with (
        upstream(tmp_path, later) as apart,
        reached(apart.app, False) as exchange,
        before(tmp_path, apart.described, exchange) as door,
    ):
        answer = door.client(token_of(door)).get(f"/api/v1/echoes/{ID}")
    assert answer.status_code == 503
    assert "goals" in answer.get_json()["detail"]


def test_a_dead_service_is_named_and_soon_costs_nothing(tmp_path: Path, goals: Upstream) -> None:
    with listening(goals.app) as url:
        pass
    with before(tmp_path, goals.described, Wire(url)) as door:
        ana = door.client(token_of(door))
        answers = [ana.get(f"/api/v1/echoes/{ID}") for _ in range(6)]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.content_type for answer in answers} == {"application/problem+json"}
        assert all("goals" in answer.get_json()["detail"] for answer in answers)
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers)
        assert "is not answering" in answers[-1].get_json()["detail"]
        assert ana.get("/api/v1/me").status_code == 200, "what the gateway knows itself is answered all the same"


def test_a_slow_service_is_given_up_in_time(tmp_path: Path, goals: Upstream) -> None:
    with reached(goals.app, True) as exchange, before(tmp_path, goals.described, exchange, seconds=0.2) as door:
        answer = door.client(token_of(door)).get("/api/v1/slow")
    assert answer.status_code == 503
    assert "too long" in answer.get_json()["detail"]


def test_an_answer_that_is_no_problem_document_does_not_leave(ana: FlaskClient) -> None:
    answer = ana.get("/api/v1/broken")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")


def test_a_pass_is_used_again_for_half_a_minute_and_never_for_another(tmp_path: Path) -> None:
    clock = FixedClock()
    passes = Passes(Minter(PRIVATE), clock)
    first = passes.token(Actor(ANA), "goals")
    clock.advance(timedelta(seconds=29))
    assert passes.token(Actor(ANA), "goals") == first
    others: Mapping[str, str] = {
        "service": passes.token(Actor(ANA), "people"),
        "scopes": passes.token(Actor(ANA, scopes=frozenset({"goals:read"})), "goals"),
        "roles": passes.token(Actor(ANA, roles=frozenset({"hr"})), "goals"),
        "kind": passes.token(Actor(ANA, "service"), "goals"),
    }
    clock.advance(timedelta(seconds=1))
    renewed = passes.token(Actor(ANA), "goals")
    assert len({first, renewed, *others.values()}) == 6
