"""The OpenAPI 3.1 document: every operation says its permission, its headers and every status it may answer."""

from http import HTTPStatus
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask
from werkzeug.routing import UUIDConverter

from chassis.http import consistency, idempotency, tags
from chassis.http.pipeline import OPEN, READ, WRITE, Plan

VERSION = "3.1.0"
MEDIA_TYPE = "application/problem+json"


def tidied(spec: dict[str, Any]) -> dict[str, Any]:
    """The document with only request schemas closed: answers may gain fields without breaking who checks them."""
    schemas = spec.get("components", {}).get("schemas", {})
    operations = [part for path in spec["paths"].values() for part in path.values() if isinstance(part, dict)]
    asked = _referred([operation.get("requestBody") for operation in operations])
    waiting = list(asked)
    while waiting:
        found = _referred(schemas[waiting.pop()]) - asked
        asked |= found
        waiting += found
    for name, schema in schemas.items():
        if name not in asked:
            schema.pop("additionalProperties", None)
    return spec


def _referred(part: Any) -> set[str]:
    """The names of all schemas a part of the document refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(_referred(inner) for inner in part.values()))
    return set().union(*(_referred(inner) for inner in part)) if isinstance(part, list) else set()


class FaultDocument(ma.Schema):
    pointer = ma.fields.String(required=True, metadata={"description": "JSON pointer to the wrong place."})
    detail = ma.fields.String(required=True, metadata={"description": "What to send instead."})


class ProblemDocument(ma.Schema):
    """RFC 9457."""

    type = ma.fields.String(required=True, metadata={"description": "A stable URN for the kind of problem."})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    errors = ma.fields.List(ma.fields.Nested(FaultDocument))
    trace_id = ma.fields.String(required=True)


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest's document, with our problems in place of its errors."""

    ERROR_SCHEMA = ProblemDocument
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, title: str, version: str) -> None:
        app.config.update(API_TITLE=title, API_VERSION=version, OPENAPI_VERSION=VERSION)
        super().__init__(app, spec_kwargs={"security": [{"bearer": []}]})
        self.register_converter(IdConverter, lambda _converter: {"type": "string", "format": "uuid"})
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
        for name, parameter in PARAMETERS.items():
            self.spec.components.parameter(name, "header", parameter, lazy=True)

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                content = {MEDIA_TYPE: {"schema": self.ERROR_SCHEMA}}
                response = {"description": status.phrase, "content": content}
                self.spec.components.response(status.name, response, lazy=True)
        self.spec.components.response("NOT_MODIFIED", {"description": "Nothing has changed."}, lazy=True)

    def _register_error_handlers(self) -> None:
        """Ours are registered by `chassis.http.errors`."""


class IdConverter(UUIDConverter):
    """A UUID in a path, as lower-case text; anything else is no such address (404)."""

    def to_python(self, value: str) -> str:  # type: ignore[override]
        return str(super().to_python(value))

    def to_url(self, value: Any) -> str:
        return str(value)


def _header(
    name: str, description: str, pattern: str, longest: int, example: str, required: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "description": description,
        "required": required,
        "schema": {"type": "string", "pattern": pattern, "maxLength": longest},
        "example": example,
    }


_CHANGING = 'The ETag of the state you are changing, such as "3.17", or *.'
_RETRYING = "Makes a retry safe: the same key answers the same. Take a fresh UUID for every change."
_READING = "What your last writes answered; waits until they show here, 2 seconds at most."
_HOLDING = "The ETag you hold; 304 if it is current."
_A_KEY = "0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60"
_A_TAG = '"3.17"'
_A_WRITE = "goals:AZC2pJ1cfD6KVQ1MK38eYA"
PARAMETERS: dict[str, dict[str, Any]] = {
    "IDEMPOTENCY_KEY": _header(idempotency.HEADER, _RETRYING, idempotency.PATTERN, 255, _A_KEY),
    "IF_MATCH_TAG": _header("If-Match", _CHANGING, tags.PATTERN, tags.LONGEST, _A_TAG, required=True),
    "IF_MATCH_TAG_OPTIONAL": _header("If-Match", _CHANGING, tags.PATTERN, tags.LONGEST, _A_TAG),
    "IF_NONE_MATCH_TAG": _header("If-None-Match", _HOLDING, tags.PATTERN, tags.LONGEST, _A_TAG),
    "CONSISTENCY": _header(consistency.HEADER, _READING, consistency.PATTERN, consistency.LONGEST, _A_WRITE),
}


def apidoc(plan: Plan, rule: str, name: str) -> dict[str, Any]:
    """What flask-smorest reads from a view to document it."""
    doc: dict[str, Any] = {
        "response": {"responses": {plan.status: [_answer(plan)]}},
        "manual_doc": _manual(plan, rule, name),
    }
    parameters = [_parameter(argument) for argument in plan.arguments] + headers(plan, rule)
    if parameters:
        doc["arguments"] = {"parameters": parameters}
    return doc


def _answer(plan: Plan) -> dict[str, Any]:
    answer = {"content_type": None, **(plan.answer_doc or {"description": HTTPStatus(plan.status).phrase})}
    told = _told(plan)
    if told:
        answer["headers"] = {**told, **answer.get("headers", {})}
    if plan.schema is not None:
        answer["schema"] = plan.schema
    return answer


def _told(plan: Plan) -> dict[str, Any]:
    """The headers a success may carry."""
    names = {"ETag": "The version of what is answered; send it back in If-Match."}
    if plan.mode == WRITE:
        names[consistency.HEADER] = "Send it with your next reads to see this change."
        names["Idempotent-Replayed"] = "true where this is the answer to an earlier request with the same key."
    if plan.mode == READ and "items" in getattr(plan.schema, "fields", {}):
        names = {"Link": "The next page, rel=next."}
    if plan.mode == OPEN:
        names = {}
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in names.items()}


def _parameter(argument: Any) -> dict[str, Any]:
    parameter = {"in": argument.location, "required": True, "schema": argument.schema}
    if argument.description:
        parameter["description"] = argument.description
    return parameter


def _manual(plan: Plan, rule: str, name: str) -> dict[str, Any]:
    manual: dict[str, Any] = {"operationId": name}
    if plan.mode == OPEN:
        manual |= {"x-cairn-authz": {"action": "public", "object": plan.reason}, "security": []}
    else:
        manual["x-cairn-authz"] = {"action": plan.action, "object": plan.action.partition(".")[0]}
    if plan.content_types:
        content = {kind: plan.content_doc.get(kind, {}) for kind in plan.content_types}
        manual["requestBody"] = {"required": True, "content": content}
    manual["responses"] = {str(int(status)): status.name for status in statuses(plan, rule)}
    return manual


def headers(plan: Plan, rule: str) -> list[str]:
    """The names of the header parameters an operation takes."""
    names = [] if plan.mode == OPEN else ["CONSISTENCY"]
    if plan.mode == WRITE:
        names += ["IDEMPOTENCY_KEY"] if plan.replayable else []
        names.append("IF_MATCH_TAG" if plan.match else "IF_MATCH_TAG_OPTIONAL")
    if plan.mode == READ and "<" in rule:
        names.append("IF_NONE_MATCH_TAG")
    return names


def statuses(plan: Plan, rule: str) -> list[HTTPStatus]:
    """Every failure an operation may answer, beside its success."""
    found = {400, 404, 429, 500, 503}
    if plan.mode != OPEN:
        found |= {401, 403}
    if plan.mode == WRITE:
        found |= {409, 412, 413, 422}
    if plan.match:
        found |= {428}
    if plan.sends_body:
        found |= {413, 415, 422}
    if plan.arguments:
        found |= {422}
    if plan.mode == READ and "<" in rule:
        found |= {304}
    return [HTTPStatus(status) for status in sorted(found)]
