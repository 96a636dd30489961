"""The OpenAPI document: valid, complete, and honest about what can happen."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from chassis.http import Blueprint, reads
from chassis.http.app import document
from tests.chassis.http.demo import Demo, Levers, blueprint

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def spec(shop: Demo) -> dict[str, Any]:
    answer = shop.app.test_client().get("/openapi.json")
    assert answer.content_type == "application/json"
    return answer.json


def operations(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for path, item in spec["paths"].items():
        found |= {f"{name} {path}": part for name, part in item.items() if name in METHODS}
    return found


def test_the_document_is_valid_openapi_3_1(spec: dict[str, Any]) -> None:
    assert spec["openapi"] == "3.1.0"
    validate(spec)


def test_the_document_needs_no_keys_and_no_database(shop: Demo, spec: dict[str, Any]) -> None:
    assert document(shop.runtime) == spec


def test_every_route_is_documented(shop: Demo, spec: dict[str, Any]) -> None:
    besides = {"/openapi.json", "/livez", "/readyz", "/metrics"}
    routes = {
        f"{method.lower()} {rule.rule.replace('<uuid:', '{').replace('>', '}')}"
        for rule in shop.app.url_map.iter_rules()
        if rule.rule not in besides
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert set(operations(spec)) == routes


def test_every_operation_declares_its_permission(spec: dict[str, Any]) -> None:
    declared = {name: part["x-cairn-authz"] for name, part in operations(spec).items()}
    assert declared["post /api/v1/cycles"] == {"action": "objective.write", "object": "objective"}
    assert declared["get /api/v1/hello"] == {"action": "public", "object": "a greeting"}
    assert all(part["action"] for part in declared.values())


def test_only_public_operations_go_without_a_token(spec: dict[str, Any]) -> None:
    assert spec["security"] == [{"bearer": []}]
    assert {name for name, part in operations(spec).items() if part.get("security") == []} == {"get /api/v1/hello"}


def test_an_operation_that_declares_nothing_is_refused() -> None:
    blp = Blueprint("bare", __name__)
    with pytest.raises(TypeError, match="bare_view declares none"):

        @blp.get("/bare")
        def bare_view() -> None:
            """Nothing."""


def test_an_action_without_a_policy_is_refused() -> None:
    with pytest.raises(KeyError, match=r"moon\.land"):
        reads("goals", "moon.land")


def test_changes_document_their_preconditions(spec: dict[str, Any]) -> None:
    change = operations(spec)["patch /api/v1/cycles/{cycle_id}"]
    assert {"200", "400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "503"} <= set(
        change["responses"]
    )
    assert {"$ref": "#/components/parameters/IF_MATCH_TAG"} in change["parameters"]
    assert spec["components"]["parameters"]["IF_MATCH_TAG"]["required"] is True
    assert "ETag" in change["responses"]["200"]["headers"]


def test_an_operation_that_cannot_be_replayed_offers_no_key(spec: dict[str, Any]) -> None:
    key = {"$ref": "#/components/parameters/IDEMPOTENCY_KEY"}
    found = operations(spec)
    assert key in found["post /api/v1/cycles"]["parameters"]
    assert key not in found["post /api/v1/secrets"]["parameters"]


def test_failures_are_documented_as_problems(spec: dict[str, Any]) -> None:
    for name, response in spec["components"]["responses"].items():
        if name != "NOT_MODIFIED":
            assert list(response["content"]) == ["application/problem+json"]
    problem = spec["components"]["schemas"]["ProblemDocument"]
    assert {"type", "title", "status", "detail", "errors", "trace_id"} == set(problem["properties"])


def test_requests_are_closed_and_answers_open(spec: dict[str, Any]) -> None:
    schemas = spec["components"]["schemas"]
    assert schemas["NewCycle"]["additionalProperties"] is False
    assert schemas["Share"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["CycleView"]
    assert "additionalProperties" not in schemas["CycleViewPage"]


def test_quantities_are_documented_as_exact(spec: dict[str, Any]) -> None:
    target = spec["components"]["schemas"]["NewCycle"]["properties"]["target"]
    assert set(target["type"]) == {"string", "number", "null"}


def test_the_view_stays_a_plain_function() -> None:
    blp = blueprint(Levers())
    assert "cycles" in blp.name
