"""Bodies that are wrong, for every write operation of the public API: each is refused with a problem that names the
place and the remedy, and nothing is half done."""

import json
from typing import Any

import pytest

from tests.support.operations import TAKEN_APART, WITH_BODY, WRITES, Operation, ask, good_body, refused
from tests.support.whole import Whole

pytestmark = pytest.mark.usefixtures("unchanged")

MEBIBYTE = 1 << 20
JSON = "application/json"
each = pytest.mark.parametrize("operation", WITH_BODY, ids=str)
IMPORTS = [one for one in WRITES if one.name in TAKEN_APART]
with_any_body = pytest.mark.parametrize("operation", [*WITH_BODY, *IMPORTS], ids=str)
NOT_JSON = {
    "words": b"hello",
    "half an object": b'{"a": ',
    "two objects": b"{} {}",
    "a comment": b"{} // fine",
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a number beyond any range": b'{"a": 1e999999}',
    "a name twice": b'{"a": 1, "a": 2}',
    "bytes that are not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "lists within lists within lists": b"[" * 100_000,
    "nothing": b"",
}


def filled(schema: dict[str, Any]) -> Any:
    """Something of another JSON type than the schema takes."""
    kinds = schema.get("type", [])
    return 7 if "object" in kinds or "$ref" in json.dumps(schema) else {"an": {"object": "here"}}


@each
def test_what_is_not_json_is_said_not_to_be(operation: Operation, running: Whole) -> None:
    for body in NOT_JSON.values():
        refused(ask(running, operation, data=body, content_type=JSON), 400)


@each
def test_another_content_type_is_not_read(operation: Operation, running: Whole) -> None:
    body = json.dumps(good_body(operation, running)).encode()
    for kind in (None, "text/plain", "application/xml", "multipart/form-data", "application/json-seq"):
        assert JSON in refused(ask(running, operation, data=body, content_type=kind), 415)["detail"]


@each
def test_only_an_object_will_do(operation: Operation, running: Whole) -> None:
    for body in ("[]", "[{}]", '"text"', "7", "null", "true"):
        refused(ask(running, operation, data=body, content_type=JSON), 422, at="")


@each
def test_an_unknown_field_is_named_with_those_that_are_known(operation: Operation, running: Whole) -> None:
    body = {**good_body(operation, running), "nonsense": 1}
    problem = refused(ask(running, operation, json=body), 422, at="/nonsense")
    told = next(fault["detail"] for fault in problem["errors"] if fault["pointer"] == "/nonsense")
    assert all(name in told for name in operation.fields)


@each
def test_a_field_of_the_wrong_type_is_named(operation: Operation, running: Whole) -> None:
    for name, schema in operation.fields.items():
        body = {**good_body(operation, running), name: filled(schema)}
        problem = refused(ask(running, operation, json=body), 422)
        assert any(fault["pointer"].startswith(f"/{name}") for fault in problem["errors"]), (name, problem)


@each
def test_characters_that_cannot_be_stored_are_refused_wherever_they_stand(operation: Operation, running: Whole) -> None:
    for escape in (r"\u0000", r"\ud800", r"\udc00\ud800"):
        for name in operation.fields:
            body = json.dumps({**good_body(operation, running), name: "X"}).replace('"X"', f'"a{escape}b"')
            refused(ask(running, operation, data=body, content_type=JSON), 422, at=f"/{name}")


@each
def test_a_name_with_strange_characters_is_no_field(operation: Operation, running: Whole) -> None:
    for name in (r"\u0000", r"\ud800", "~/", "𝄞", "__proto__", ""):
        refused(ask(running, operation, data=f'{{"{name}": 1}}', content_type=JSON), 422)


@each
def test_ten_levels_of_objects_are_no_value(operation: Operation, running: Whole) -> None:
    for name in operation.fields:
        deep: Any = "bottom"
        for level in range(10):
            deep = {name: deep} if level % 2 else [deep]
        refused(ask(running, operation, json={**good_body(operation, running), name: deep}), 422)


@with_any_body
def test_ten_megabytes_are_too_many(operation: Operation, running: Whole) -> None:
    size = 21 * MEBIBYTE if operation.name in TAKEN_APART else 10 * MEBIBYTE
    body = b'{"a": "' + b"x" * size + b'"}'
    refused(ask(running, operation, data=body, content_type=JSON), 413)


@with_any_body
def test_a_body_that_does_not_say_its_length_is_measured_all_the_same(operation: Operation, running: Whole) -> None:
    size = 21 * MEBIBYTE if operation.name in TAKEN_APART else 2 * MEBIBYTE
    body = b'{"a": "' + b"x" * size + b'"}'
    unmeasured = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    answer = ask(running, operation, data=body, content_type=JSON, environ_overrides=unmeasured)
    refused(answer, 413)


@pytest.mark.parametrize("operation", IMPORTS, ids=str)
@pytest.mark.parametrize(
    ("kind", "body", "statuses"),
    [
        ("text/csv", b"", [400, 422]),
        ("text/csv", b"\xff\xfe\x00", [400, 422]),
        ("text/csv", b'external_id,name\n"open', [422]),
        ("text/csv", b"external_id,external_id\na,b\n", [422]),
        ("text/csv", b"external_id\n\x00\n", [422]),
        ("text/csv", b"nonsense\n1\n", [422]),
        ("text/csv", b"external_id\na,b,c\n", [422]),
        ("application/json", b"{}", [422]),
        ("application/json", b"[1, null, []]", [422]),
        ("application/json", b'[{"external_id": {"a": 1}}]', [422]),
        ("application/json", b"[{}]", [422]),
        ("application/json", b"[NaN]", [400]),
        ("application/json", b"[" * 100_000, [400]),
        ("application/pdf", b"%PDF", [415]),
    ],
)
def test_a_file_that_cannot_be_read_is_not_imported(
    operation: Operation, kind: str, body: bytes, statuses: list[int], running: Whole
) -> None:
    refused(ask(running, operation, data=body, content_type=kind), *statuses)
