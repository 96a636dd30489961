"""What the parts answer, what the documents say and what the gateway passes on are the same, both ways; and every
operation says who may call it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from cairn import topology
from chassis.access import POLICY
from chassis.db import Database
from chassis.http.app import build, document
from chassis.identity import Verifier, generate_keys
from chassis.service import Runtime
from chassis.settings import load
from tests.support.operations import DOCUMENT

METHODS = {"get", "post", "put", "patch", "delete"}
BESIDES = {"/openapi.json", "/livez", "/readyz", "/metrics"}
"""Not of the public API: each part's own document, and what operators ask."""
Routes = set[tuple[str, str]]


@pytest.fixture(params=topology.PARTS)
def part(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def declared(part: str) -> Runtime:
    """A part whose database is never opened."""
    return Runtime(topology.declare(part, load({})), Database("sqlite:///never-opened.db"))


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """The document of each part, from its routes."""
    return {part: document(declared(part)) for part in topology.PARTS}


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in spec["paths"].items():
        for method in METHODS & item.keys():
            yield method, path, item[method]


def documented(spec: dict[str, Any]) -> Routes:
    return {(method, path) for method, path, _ in operations(spec)}


def routed(app: Flask) -> Routes:
    """What an application answers, below the public API."""
    return {
        (method.lower(), re.sub(r"<(?:[^:>]*:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule not in BESIDES
        for method in (rule.methods or set()) - {"HEAD"}
    }


def gateway() -> Flask:
    """The gateway's whole application; its services cannot be reached."""
    import httpx

    from gateway.app import build as build_gateway

    nowhere = dict.fromkeys(topology.SERVICES, httpx.Client(base_url="http://127.0.0.1:1", trust_env=False))
    return build_gateway(declared("gateway"), generate_keys()[0], nowhere, load({}))


def test_every_document_is_valid_openapi(part: str, documents: dict[str, dict[str, Any]]) -> None:
    validate(documents[part])


def test_the_public_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_operation_declares_its_action_and_its_object(part: str, documents: dict[str, dict[str, Any]]) -> None:
    for method, path, operation in operations(documents[part]):
        declares = operation["x-cairn-authz"]
        assert declares["object"], f"{method} {path}"
        if declares["action"] == "public":
            assert operation["security"] == [], f"{method} {path}"
        else:
            assert declares["action"] in POLICY, f"{method} {path}"
            assert declares["object"] == declares["action"].partition(".")[0]


def test_reading_declares_reading_and_writing_declares_more(documents: dict[str, dict[str, Any]]) -> None:
    every = [found for spec in documents.values() for found in operations(spec)]
    for method, path, operation in every:
        action = operation["x-cairn-authz"]["action"]
        if method != "get" and action != "public":
            assert not action.endswith(".read"), f"{method} {path} changes something by {action}"


def test_a_service_answers_what_it_documents_and_nothing_else(part: str, documents: dict[str, dict[str, Any]]) -> None:
    app = build(declared(part), Verifier(generate_keys()[1]))
    assert routed(app) == documented(documents[part])


def test_the_gateway_answers_what_the_public_document_says_and_nothing_else() -> None:
    assert routed(gateway()) == documented(DOCUMENT)


def test_the_public_document_is_all_the_parts_together(documents: dict[str, dict[str, Any]]) -> None:
    union: Routes = set()
    for spec in documents.values():
        here = {(method, path) for method, path in documented(spec) if path not in BESIDES}
        assert not union & here, "two parts answer the same"
        union |= here
    assert union == documented(DOCUMENT)


def test_the_public_document_says_whose_each_operation_is(documents: dict[str, dict[str, Any]]) -> None:
    for method, path, operation in operations(DOCUMENT):
        owner = operation.get("x-cairn-service", "gateway")
        assert (method, path) in documented(documents[owner])
        assert operation["x-cairn-authz"] == documents[owner]["paths"][path][method]["x-cairn-authz"]


def test_every_action_of_the_policy_is_used_somewhere() -> None:
    """One that no route declares is checked in a command, by its name."""
    from tests.architecture.test_tree import sources

    declared_actions = {operation["x-cairn-authz"]["action"] for _, _, operation in operations(DOCUMENT)}
    text = "".join(path.read_text() for path in sources("services", "gateway"))
    assert [action for action in POLICY if action not in declared_actions and f'"{action}"' not in text] == []
