"""Every operation of the public API as the document tells of it, with a body that is right, and what a refusal is."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from tests.support.conformance import REFERENCES
from tests.support.whole import Whole

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "gateway" / "openapi.json").read_text())
PROBLEM = "application/problem+json"
REQUIRED_TAG = "#/components/parameters/IF_MATCH_TAG"
INSIDES = re.compile(r"Traceback|sqlalchemy|psycopg|sqlite3|marshmallow|<class|object at 0x", re.IGNORECASE)
TAKEN_APART = {"import_people", "import_teams"}
"""They read their bodies themselves, row by row."""


@dataclass(frozen=True)
class Operation:
    """One of the document's; `str` of it names a test."""

    name: str
    method: str
    rule: str
    spec: dict[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def public(self) -> bool:
        return self.spec.get("security") == []

    @property
    def service(self) -> str:
        return str(self.spec.get("x-cairn-service", "gateway"))

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def needs_tag(self) -> bool:
        return any(one.get("$ref") == REQUIRED_TAG for one in self.spec.get("parameters", []))

    @property
    def fields(self) -> dict[str, Any]:
        """The properties of the JSON body; empty where it has none."""
        content = self.spec.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref")
        return dict(DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]["properties"]) if reference else {}

    def parameters(self, place: str) -> list[dict[str, Any]]:
        return [one for one in self.spec.get("parameters", []) if one.get("in") == place]

    def path(self, running: Whole) -> str:
        """The path below /api/v1, about things that are there."""
        known = {name: running.ids[names[0]] for name, names in REFERENCES.items()} | {"key": "k" * 43}
        return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], self.rule.removeprefix("/api/v1"))


def operations() -> Iterator[Operation]:
    for rule, item in DOCUMENT["paths"].items():
        for method, spec in item.items():
            yield Operation(spec["operationId"], method.upper(), rule, spec)


ALL = list(operations())
PROTECTED = [one for one in ALL if not one.public]
WRITES = [one for one in PROTECTED if one.writes]
WITH_BODY = [one for one in WRITES if one.fields]
WITH_TAG = [one for one in WRITES if one.needs_tag]
LISTS = [one for one in PROTECTED if any(parameter["name"] == "cursor" for parameter in one.parameters("query"))]


def good_body(operation: Operation, running: Whole) -> dict[str, Any]:
    """The least that is right."""
    ids = running.ids
    days = {"starts_on": "2027-01-01", "ends_on": "2027-03-31"}
    counted = {"title": "Ships", "metric": "increase", "start": 0, "target": 10}
    bodies: dict[str, dict[str, Any]] = {
        "submit_check_ins": {
            "check_ins": [{"key_result_id": ids["key_result"], "value": 3, "author_id": ids["employee"]}]
        },
        "submit_check_in": {"value": 3, "author_id": ids["employee"]},
        "create_cycle": {"name": "2027 Q1", **days},
        "give_feedback": {
            "kind": "praise", "recipient_id": ids["employee"], "giver_id": ids["colleague"], "text": "Thank you."
        },
        "create_objective": {"title": "Aim", "cycle_id": ids["cycle"], "owner_id": ids["employee"]},
        "add_key_result": counted,
        "register_person": {"email": "new@example.org", "display_name": "New Here"},
        "set_roles": {"roles": ["hr"]},
        "create_service_account": {"name": "crm"},
        "create_service_account_token": {"name": "t", "scopes": ["people:read"], "days": 1},
        "create_token": {"name": "t"},
        "create_team": {"name": "Pier"},
    }  # fmt: skip
    return bodies.get(operation.name, {})


def ask(running: Whole, operation: Operation, **request: Any) -> TestResponse:
    """Call an operation as a service account that may do everything, with any version for the one that is there."""
    who = request.pop("who", "employee" if operation.name == "create_token" else "service")
    headers = {**({"If-Match": "*"} if operation.needs_tag else {}), **request.pop("headers", {})}
    return running.call(operation.method, operation.path(running), who, headers=headers, **request)


def refused(answer: TestResponse, *statuses: int, at: str | None = None) -> dict[str, Any]:
    """The problem document of a refusal with one of these statuses, which names the place `at` (a JSON pointer)."""
    told = answer.get_data(as_text=True)
    assert answer.status_code in statuses, f"{answer.status_code}: {told[:1000]}"
    assert answer.content_type == PROBLEM
    problem: dict[str, Any] = json.loads(told)
    assert {"type", "title", "status", "detail", "trace_id"} <= set(problem)
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("urn:cairn:problem:")
    assert len(problem["detail"]) > 20, problem
    assert not INSIDES.search(told), told
    if at is not None:
        places = {fault["pointer"]: fault["detail"] for fault in problem.get("errors", [])}
        assert at in places, f"{at} is not among {places or problem['detail']}"
        assert len(places[at]) > 10
    return problem
