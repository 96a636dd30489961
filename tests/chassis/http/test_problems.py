"""Every failure is a problem document: no HTML, no insides, and words that help."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from tests.chassis.http.demo import ANA, Demo

CYCLE = "/api/v1/cycles/0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60"
JSON = {"content_type": "application/json"}

WRONG: list[tuple[str, str, dict[str, Any], int]] = [
    ("get", "/nowhere", {}, 404),
    ("get", "//api//v1//cycles", {}, 404),
    ("get", "/api/v1/cycles/", {}, 404),
    ("get", "/api/v1/cycles/not-an-id", {}, 404),
    ("get", CYCLE, {}, 404),
    ("put", "/api/v1/cycles", {}, 405),
    ("options", "/api/v1/cycles", {}, 405),
    ("post", "/api/v1/cycles", {"data": "name=Q1"}, 415),
    ("post", "/api/v1/cycles", {"data": "{}", "content_type": "text/html"}, 415),
    ("post", "/api/v1/cycles", {}, 400),
    ("post", "/api/v1/cycles", {"data": "", **JSON}, 400),
    ("post", "/api/v1/cycles", {"data": "{", **JSON}, 400),
    ("post", "/api/v1/cycles", {"data": b'{"name": "\xff"}', **JSON}, 400),
    ("post", "/api/v1/cycles", {"data": '{"name": NaN}', **JSON}, 400),
    ("post", "/api/v1/cycles", {"data": '{"name": "a", "name": "b"}', **JSON}, 400),
    ("post", "/api/v1/cycles", {"data": "[" * 100_000, **JSON}, 400),
    ("post", "/api/v1/cycles", {"data": "[]", **JSON}, 422),
    ("post", "/api/v1/cycles", {"json": {}}, 422),
    ("post", "/api/v1/cycles", {"data": '{"name": "Q", "target": 1e400}', **JSON}, 422),
    ("post", "/api/v1/cycles", {"data": '{"name": "a\\u0000b"}', **JSON}, 422),
    ("post", "/api/v1/cycles", {"data": '{"name": "\\ud800"}', **JSON}, 422),
    ("post", "/api/v1/cycles", {"data": b" " * (1 << 20) + b"{}", **JSON}, 413),
    ("post", "/api/v1/cycles", {"json": {"name": "Q"}, "headers": {"Idempotency-Key": "two words"}}, 400),
    ("post", "/api/v1/cycles", {"json": {"name": "Q"}, "headers": {"Idempotency-Key": "k" * 256}}, 400),
    ("post", "/api/v1/cycles", {"json": {"name": "Q"}, "headers": {"Cairn-Consistency": "?"}}, 400),
    ("post", "/api/v1/cycles", {"json": {"name": "Q"}, "headers": {"If-Match": "3"}}, 400),
    ("patch", CYCLE, {"json": {}}, 428),
    ("get", "/api/v1/cycles?limit=0", {}, 422),
    ("get", "/api/v1/cycles?limit=5&limit=6", {}, 422),
    ("get", "/api/v1/cycles?name=%00", {}, 422),
    ("get", "/api/v1/cycles?newest_first=yes", {}, 422),
    ("get", "/api/v1/cycles?cursor=abc", {}, 400),
    ("get", "/api/v1/busy", {}, 429),
    ("post", "/api/v1/conflict", {}, 409),
]


def check_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body = json.loads(answer.data)
    assert body["status"] == status
    assert body["type"].startswith("urn:cairn:problem:")
    assert body["title"]
    assert len(body["detail"]) > 10
    assert len(body["trace_id"]) == 32
    assert "<" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return body


@pytest.mark.parametrize(("method", "path", "sent", "status"), WRONG)
def test_every_mistake_is_answered_with_a_problem(
    shop: Demo, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    check_problem(shop.client().open(path, method=method.upper(), **sent), status)


def test_a_problem_carries_the_trace_of_the_request(shop: Demo) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = shop.client().get("/nowhere", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert answer.json["trace_id"] == trace


def test_the_wrong_method_is_told_the_right_ones(shop: Demo) -> None:
    assert "POST" in shop.client().put("/api/v1/cycles").headers["Allow"]


def test_what_a_problem_says_in_headers_arrives(shop: Demo) -> None:
    assert shop.client().get("/api/v1/busy").headers["Retry-After"] == "7"


def test_faults_point_into_the_document(shop: Demo) -> None:
    sent = {"name": "", "extra": 1, "parents": [{"parent_id": "x", "weight": 2}]}
    body = check_problem(shop.client().post("/api/v1/cycles", json=sent), 422)
    assert {fault["pointer"] for fault in body["errors"]} == {
        "/name",
        "/extra",
        "/parents/0/parent_id",
        "/parents/0/weight",
    }
    unknown = next(fault for fault in body["errors"] if fault["pointer"] == "/extra")
    assert "allowed are name, parents, target" in unknown["detail"]


def test_a_chunked_body_that_is_too_large_is_refused_as_well(shop: Demo) -> None:
    from io import BytesIO

    answer = shop.client().post(
        "/api/v1/cycles",
        input_stream=BytesIO(b" " * (2 << 20)),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    check_problem(answer, 413)


def test_a_file_may_be_larger_where_the_operation_says_so(shop: Demo) -> None:
    client = shop.client()
    assert client.post("/api/v1/import", data=b"a" * (1 << 20) + b"a", content_type="text/csv").json["bytes"] > 1 << 20
    check_problem(client.post("/api/v1/import", data=b"a" * (3 << 20), content_type="text/csv"), 413)
    check_problem(client.post("/api/v1/import", data=b"a", content_type="application/json"), 415)


def raising(fault: Exception) -> Callable[[], None]:
    def boom() -> None:
        raise fault

    return boom


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (StaleDataError("row"), 409),
        (IntegrityError("insert secret", {}, Exception("key (email)=(secret@example.org)")), 409),
        (DataError("insert secret", {}, Exception("secret out of range")), 422),
        (OperationalError("select secret", {}, Exception("secret host is away")), 503),
        (InterfaceError("select secret", {}, Exception("secret closed")), 503),
        (PoolTimeout("pool secret"), 503),
        (ZeroDivisionError("secret"), 500),
        (KeyError("secret"), 500),
    ],
)
def test_what_the_database_or_we_do_wrong_is_told_without_insides(shop: Demo, fault: Exception, status: int) -> None:
    shop.levers.boom = raising(fault)
    answer = shop.client().get("/api/v1/boom")
    check_problem(answer, status)
    assert "secret" not in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_a_lost_race_on_a_stated_version_is_412(shop: Demo) -> None:
    shop.levers.boom = raising(StaleDataError("row"))
    answer = shop.client().get("/api/v1/boom", headers={"If-Match": '"1.1"'})
    check_problem(answer, 412)


def test_the_unforeseen_is_logged_with_its_cause(shop: Demo, caplog: pytest.LogCaptureFixture) -> None:
    shop.levers.boom = raising(ZeroDivisionError("secret"))
    with caplog.at_level(logging.ERROR):
        shop.client().get("/api/v1/boom")
    assert [record.message for record in caplog.records] == ["request failed"]
    assert isinstance(caplog.records[0].exc_info[1], ZeroDivisionError)


def test_a_failed_write_leaves_nothing_behind(both: Demo) -> None:
    both.levers.inside_create = raising(ZeroDivisionError())
    check_problem(both.create("lost"), 500)
    assert both.client().get("/api/v1/cycles").json["items"] == []


def test_two_of_one_name_collide(both: Demo) -> None:
    assert both.create("Q1").status_code == 201
    check_problem(both.create("Q1"), 409)


def test_a_caller_without_proof_is_asked_for_it(shop: Demo) -> None:
    for header in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x.y.z"}):
        answer = shop.app.test_client().get("/api/v1/cycles", headers=header)
        check_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_public_operation_asks_for_no_proof(shop: Demo) -> None:
    assert shop.app.test_client().get("/api/v1/hello").json == {"hello": "world"}


@pytest.mark.parametrize(
    ("scopes", "reading", "writing"),
    [
        ({"*"}, 200, 201),
        ({"goals:write"}, 200, 201),
        ({"goals:read"}, 200, 403),
        ({"people:write"}, 403, 403),
        (set(), 403, 403),
    ],
)
def test_a_token_reaches_as_far_as_its_scopes(shop: Demo, scopes: set[str], reading: int, writing: int) -> None:
    from chassis.access import Actor

    client = shop.client(Actor(ANA.id, scopes=frozenset(scopes)))
    assert client.get("/api/v1/cycles").status_code == reading
    assert client.post("/api/v1/cycles", json={"name": "Q1"}).status_code == writing


def test_the_view_knows_who_is_calling(shop: Demo) -> None:
    assert shop.client().get("/api/v1/whoami").json == {"id": ANA.id}
