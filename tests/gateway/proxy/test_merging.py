"""The merged OpenAPI document: everybody's operations, each with its owner, and no name that means two things."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from chassis.http.pipeline import LARGEST_BODY
from gateway.proxy.openapi import merge
from gateway.proxy.operations import DOCUMENT, LARGEST_IMPORT, Operation, committed, operations


def document(path: str, name: str, thing: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    answer = {"200": {"description": "OK", "content": content}}
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1"},
        "paths": {
            path: {"get": {"operationId": name, "responses": answer, **more}},
            "/livez": {"get": {"responses": {"200": {"description": "OK"}}}},
        },
        "components": {
            "schemas": {"Thing": thing or {"type": "object"}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "tags": [{"name": "things"}],
    }  # fmt: skip


def schema_of(merged: dict[str, Any], path: str) -> str:
    content = merged["paths"][path]["get"]["responses"]["200"]["content"]
    return str(content["application/json"]["schema"]["$ref"])


def test_operations_of_services_name_their_owner_and_those_of_the_gateway_do_not() -> None:
    merged = merge(document("/api/v1/own", "own"), {"goals": document("/api/v1/theirs", "theirs")})
    assert merged["paths"]["/api/v1/theirs"]["get"]["x-cairn-service"] == "goals"
    assert "x-cairn-service" not in merged["paths"]["/api/v1/own"]["get"]
    validate(merged)


def test_what_is_not_public_stays_out() -> None:
    merged = merge(document("/api/v1/own", "own"), {"goals": document("/openapi.json", "theirs")})
    assert list(merged["paths"]) == ["/api/v1/own"]


def test_equal_components_are_shared_and_different_ones_are_told_apart() -> None:
    other = {"type": "object", "properties": {"thing": {"$ref": "#/components/schemas/Thing"}}}
    documents = {
        "goals": document("/api/v1/same", "same"),
        "people": document("/api/v1/other", "other", other),
    }
    merged = merge(document("/api/v1/own", "own"), documents)
    assert schema_of(merged, "/api/v1/same") == schema_of(merged, "/api/v1/own") == "#/components/schemas/Thing"
    assert schema_of(merged, "/api/v1/other") == "#/components/schemas/PeopleThing"
    inner = merged["components"]["schemas"]["PeopleThing"]["properties"]["thing"]
    assert inner == {"$ref": "#/components/schemas/PeopleThing"}
    validate(merged)


def test_merging_changes_none_of_the_parts() -> None:
    part = document("/api/v1/other", "other", {"type": "string"})
    before = repr(part)
    merge(document("/api/v1/own", "own"), {"goals": part})
    assert repr(part) == before


def test_two_parts_that_answer_the_same_operation_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="GET /api/v1/own is answered by goals"):
        merge(document("/api/v1/own", "own"), {"goals": document("/api/v1/own", "theirs")})


def test_two_operations_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="both called own"):
        merge(document("/api/v1/own", "own"), {"goals": document("/api/v1/theirs", "own")})


def test_operations_become_routes() -> None:
    theirs = document("/api/v1/imports/{import_id}/{name}", "theirs")
    theirs["paths"]["/api/v1/imports/{import_id}/{name}"]["parameters"] = [
        {"in": "path", "name": "import_id", "required": True, "schema": {"type": "string", "format": "uuid"}},
        {"in": "path", "name": "name", "required": True, "schema": {"type": "string"}},
    ]
    merged = merge(document("/api/v1/own", "own"), {"goals": theirs})
    rule = "/api/v1/imports/<uuid:import_id>/<string:name>"
    assert list(operations(merged)) == [Operation("goals", "theirs", "GET", rule, LARGEST_IMPORT, 30.0)]


def test_the_committed_document_is_valid_and_forwards_to_every_service() -> None:
    validate(json.loads(DOCUMENT.read_text()))
    found = committed()
    assert {one.service for one in found} == {"people", "goals", "checkins", "feedback", "notifications"}
    assert all(one.largest == LARGEST_BODY for one in found if "/imports" not in one.rule)
