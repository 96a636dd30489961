"""Whatever is sent, the answer is a problem that names the place, and nothing is half done."""

from typing import Any

import pytest

from chassis.access import Actor
from tests.support.checkins import AMARA, REPLIES, World, pointers, some_id


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


FIELDS: list[tuple[str, Any, str]] = [
    ("value", "forty", "/value"),
    ("value", True, "/value"),
    ("value", [], "/value"),
    ("value", "NaN", "/value"),
    ("value", "Infinity", "/value"),
    ("value", 10**18, "/value"),
    ("value", "0.0000000001", "/value"),
    ("value", "1e5", "/value"),
    ("milestones_done", "a", "/milestones_done"),
    ("milestones_done", [1], "/milestones_done/0"),
    ("confidence", 1.01, "/confidence"),
    ("confidence", -0.1, "/confidence"),
    ("confidence", "high", "/confidence"),
    ("confidence", True, "/confidence"),
    ("status", "green", "/status"),
    ("status", 1, "/status"),
    ("note", 7, "/note"),
    ("note", "x" * 10_001, "/note"),
    ("note", "bell\u0007", "/note"),
    ("blockers", {}, "/blockers"),
    ("as_of", "2026-13-01", "/as_of"),
    ("as_of", "tomorrow", "/as_of"),
    ("as_of", 20260513, "/as_of"),
    ("as_of", None, "/as_of"),
    ("as_of", "2026-05-15", "/as_of"),
    ("as_of", "9999-12-31", "/as_of"),
    ("as_of", "1969-12-31", "/as_of"),
    ("as_of", "0001-01-01", "/as_of"),
    ("author_id", "Amara", "/author_id"),
    ("external_id", "", "/external_id"),
    ("external_id", "x" * 201, "/external_id"),
    ("submitted_at", "2026-05-01", "/submitted_at"),
    ("submitted_at", "2026-05-01T08:00:00", "/submitted_at"),
    ("mood", "sunny", "/mood"),
    ("id", some_id("mine"), "/id"),
    ("key_result_id", REPLIES, "/key_result_id"),
]


@pytest.mark.parametrize(("name", "value", "place"), FIELDS)
def test_a_wrong_field_is_named(world: World, name: str, value: object, place: str) -> None:
    said = {"value": 1, name: value}
    single = world.post(f"/key-results/{REPLIES}/check-ins", said, 422)
    assert pointers(single) == [place]
    if name != "key_result_id":
        several = [{"key_result_id": REPLIES, "value": 2}, {"key_result_id": REPLIES, **said}]
        problem = world.post("/check-ins", {"check_ins": several}, 422)
        assert pointers(problem) == [f"/check_ins/1{place}"]
    assert world.history() == []


def test_an_import_is_held_to_days_and_moments_as_well(world: World) -> None:
    world.as_(Actor("importer", "service", frozenset()))
    for moment in ("2026-05-13T10:06:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        problem = world.checks_in(422, author_id=AMARA, submitted_at=moment)
        assert pointers(problem) == ["/submitted_at"]
    assert world.history() == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "/check_ins"),
        ({"check_ins": None}, "/check_ins"),
        ({"check_ins": {}}, "/check_ins"),
        ({"check_ins": []}, "/check_ins"),
        ({"check_ins": [{"key_result_id": REPLIES, "value": 1}] * 51}, "/check_ins"),
        ({"check_ins": [None]}, "/check_ins/0"),
        ({"check_ins": [{"value": 1}]}, "/check_ins/0/key_result_id"),
        ({"check_ins": [{"key_result_id": 7, "value": 1}]}, "/check_ins/0/key_result_id"),
        ([], ""),
        ("check in", ""),
    ],
)
def test_a_wrong_list_is_named(world: World, body: object, place: str) -> None:
    assert pointers(world.post("/check-ins", body, 422)) == [place]


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"value": NaN}', 400),
        (b'{"value": Infinity}', 400),
        (b'{"value": 1e400}', 422),
        (b'{"value": -1e400}', 422),
        (b'{"value": 1e-400}', 422),
        (b'{"value": 1e99999}', 400),
        (b'{"value": 1, "value": 2}', 400),
        (b'{"value": 1, "note": "\xff"}', 400),
        (b'{"value": 1, "note": "\\u0000"}', 422),
        (b'{"value": 1, "note": "\\ud800"}', 422),
        (b"[" * 100_000, 400),
        (b" " * (1 << 20) + b"{}", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(world: World, data: bytes, answer: int) -> None:
    response = world.client.post(f"/api/v1/key-results/{REPLIES}/check-ins", data=data, content_type="application/json")
    assert response.status_code == answer, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    assert world.history() == []


def test_a_body_of_another_kind_is_refused(world: World) -> None:
    response = world.client.post("/api/v1/check-ins", data=b"value=1", content_type="text/plain")
    assert response.status_code == 415


def test_a_token_without_the_scope_is_refused(world: World) -> None:
    world.actor = Actor(AMARA, scopes=frozenset({"checkins:read", "goals:write"}))
    assert world.checks_in(403)["type"] == "urn:cairn:problem:scope"
    assert world.history() == []


def test_a_key_is_not_used_for_another_request(world: World) -> None:
    path = f"/key-results/{REPLIES}/check-ins"
    world.post(path, {"value": 1}, Idempotency_Key="k-1")
    world.post(path, {"value": 2}, 422, Idempotency_Key="k-1")
    assert len(world.history()) == 1


@pytest.mark.parametrize(("tag", "answer"), [("1", 400), ('"9"', 412), ('W/"1"', 412), ('"x', 400)])
def test_a_wrong_tag_is_refused(world: World, tag: str, answer: int) -> None:
    made = world.checks_in()
    world.patch(f"/check-ins/{made['id']}", {"value": 1}, answer, If_Match=tag)
    assert len(world.said()) == 1
