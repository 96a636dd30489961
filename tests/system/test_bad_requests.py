"""Everything around a body that can be wrong, for every operation of the public API: who asks, how far the token
reaches, preconditions, keys, addresses, methods and query parameters."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import update

from chassis.http.consistency import token as written
from chassis.ids import new_id
from gateway.projection import changes
from gateway.signin import tokens
from gateway.signin.models import Token
from tests.support.operations import ALL, LISTS, PROTECTED, WITH_BODY, WITH_TAG, WRITES, Operation, ask, refused
from tests.support.operations import good_body as good
from tests.support.whole import Whole

nothing_changes = pytest.mark.usefixtures("unchanged")
SOURCES = count(1)
BAD_TOKENS = [
    "", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "Bearer a.b.c", "Bearer cairn_pat_nonsense",
    "Bearer cairn_sa_" + "x" * 60, "Bearer " + "x" * 20_000, "Bearer töken", "Bearer eyJhbGciOiJub25lIn0.e30.",
]  # fmt: skip
BAD_TAGS = ["nonsense", "3.17", '"', '"a" "b"', "W/3", "ä", '"' + "x" * 3000 + '"']
BAD_KEYS = ["", " ", "a b", "ü", "x" * 256, "\x7f"]
BAD_WRITES = ["", "goals", "goals:", "goals:short", "GOALS:AZC2pJ1cfD6KVQ1MK38eYA", "goals:" + "A" * 9000, ";;", "é"]
BAD_IDS = ["nonsense", "1", "%00", "0190b6a4-9d5c-7c3e-8a55", "0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1eXX", "%F0%9F%98%80"]
BAD_LIMITS = ["0", "-1", "201", "1.5", "many", "", "1e2", "\u0663", "9" * 40]
BAD_VALUES = {
    "uuid": ["nonsense", "", "0190b6a4"],
    "date": ["2026-02-30", "31.12.2026", "2026-1-1", "", "10000-01-01", "\u0662\u0660\u0662\u0666-01-01"],
}


def elsewhere() -> dict[str, dict[str, str]]:
    """The request comes from an address nobody has sent wrong tokens from."""
    number = next(SOURCES)
    return {"environ_overrides": {"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250 + 1}"}}


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
@nothing_changes
def test_nobody_is_let_in_without_a_token_or_with_a_bad_one(operation: Operation, running: Whole) -> None:
    for header in [None, *BAD_TOKENS]:
        headers = {} if header is None else {"Authorization": header}
        answer = ask(running, operation, who=None, headers=headers, json=good(operation, running), **elsewhere())
        refused(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("end", ["expires_at", "revoked_at"])
def test_a_token_that_has_ended_is_refused(end: str, running: Whole) -> None:
    gateway = running.cairn.parts["gateway"]
    running.secrets["ended"] = running.send("/tokens", {"name": "to end"}, who="employee")["token"]
    assert running.call("GET", "/me", "ended").status_code == 200
    ended = {end: datetime.now(UTC) - timedelta(seconds=1)}
    with gateway.db.writing() as session:
        session.execute(update(Token).where(Token.name == "to end").values(ended))
        changes.note(session, [changes.EVERYTHING])
    for path in ("/me", "/persons"):
        refused(running.call("GET", path, "ended", **elsewhere()), 401)


@nothing_changes
def test_a_source_of_wrong_tokens_is_told_to_wait(running: Whole) -> None:
    source = elsewhere()
    wrong = {"headers": {"Authorization": "Bearer nonsense"}, **source}
    answers = [running.call("GET", "/me", None, **wrong) for _ in range(12)]
    refused(answers[0], 401)
    refused(answers[-1], 429)
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.fixture(scope="module", autouse=True)
def narrow(running: Whole) -> None:
    """Tokens of an account that may do everything, each with one scope."""
    gateway = running.cairn.parts["gateway"]
    for service in ("people", "goals", "checkins", "feedback", "notifications", "gateway"):
        for way in ("read", "write"):
            text = tokens.issue_service_account(
                gateway, "tests", roles=("admin", "hr"), scopes=(f"{service}:{way}",), days=1
            )
            running.secrets[f"{service}:{way}"] = text


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
@nothing_changes
def test_a_token_reaches_no_further_than_its_scope(operation: Operation, running: Whole) -> None:
    other = "feedback" if operation.service != "feedback" else "people"
    beyond = [f"{other}:write"] + ([f"{operation.service}:read"] if operation.writes else [])
    for scope in beyond:
        problem = refused(ask(running, operation, who=scope, json=good(operation, running)), 403)
        way = "write" if operation.writes else "read"
        assert f"{operation.service}:{way}" in problem["detail"]


@pytest.mark.parametrize("operation", WITH_TAG, ids=str)
@nothing_changes
def test_a_change_names_the_version_it_changes(operation: Operation, running: Whole) -> None:
    path, body = operation.path(running), good(operation, running)
    refused(running.call(operation.method, path, json=body), 428)
    for tag in BAD_TAGS:
        refused(running.call(operation.method, path, json=body, headers={"If-Match": tag}), 400)


@pytest.mark.parametrize("operation", WITH_TAG, ids=str)
@nothing_changes
def test_a_change_to_an_older_version_is_refused(operation: Operation, running: Whole) -> None:
    who = "employee" if operation.name == "put_preferences" else "service"
    for tag in ('"999.999"', '"999"', '"nonsense"', '""', 'W/"1"', '"a", "b"'):
        body = good(operation, running)
        headers = {"If-Match": tag}
        problem = refused(running.call(operation.method, operation.path(running), who, json=body, headers=headers), 412)
        assert "ETag" in problem["detail"]


@pytest.mark.parametrize("operation", WRITES, ids=str)
@nothing_changes
def test_a_bad_idempotency_key_is_refused(operation: Operation, running: Whole) -> None:
    keyed = [one for one in operation.spec["parameters"] if one.get("$ref", "").endswith("IDEMPOTENCY_KEY")]
    for key in BAD_KEYS if keyed else []:
        headers = {"Idempotency-Key": key}
        refused(ask(running, operation, json=good(operation, running), headers=headers), 400)


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
@nothing_changes
def test_a_bad_consistency_token_is_refused(operation: Operation, running: Whole) -> None:
    for value in BAD_WRITES:
        headers = {"Cairn-Consistency": value}
        refused(ask(running, operation, json=good(operation, running), headers=headers), 400)


@nothing_changes
def test_what_has_not_arrived_in_time_is_said_to_be_behind(running: Whole) -> None:
    headers = {"Cairn-Consistency": written("goals", [new_id()])}
    answer = running.call("GET", "/dashboard", "employee", headers=headers)
    assert refused(answer, 503)["type"].endswith("behind")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("operation", [one for one in ALL if "_id}" in one.rule], ids=str)
@nothing_changes
def test_an_address_with_what_is_no_id_leads_nowhere(operation: Operation, running: Whole) -> None:
    before, _, rest = operation.rule.removeprefix("/api/v1").partition("{")
    for bad in BAD_IDS:
        path = f"{before}{bad}{rest.partition('}')[2]}"
        refused(running.call(operation.method, path, json=good(operation, running)), 404, 405)


@pytest.mark.parametrize("operation", [one for one in PROTECTED if "_id}" in one.rule], ids=str)
@nothing_changes
def test_what_is_not_there_is_not_found(operation: Operation, running: Whole) -> None:
    before, _, rest = operation.rule.removeprefix("/api/v1").partition("{")
    path = f"{before}{new_id()}{rest.partition('}')[2]}"
    answer = running.call(operation.method, path, json=good(operation, running), headers={"If-Match": "*"})
    refused(answer, 404)


@pytest.mark.parametrize("path", ["", "/", "/nonsense", "/persons/", "//persons", "/persons/../me", "/%2e%2e/", "/ü"])
@nothing_changes
def test_an_unknown_address_is_not_found(path: str, running: Whole) -> None:
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        refused(running.call(method, path), 404)


@pytest.mark.parametrize("operation", ALL, ids=str)
@nothing_changes
def test_another_method_is_not_allowed_and_the_right_ones_are_named(operation: Operation, running: Whole) -> None:
    here = {one.method for one in ALL if one.rule == operation.rule}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} - here:
        answer = running.call(method, operation.path(running))
        refused(answer, 405)
        assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == here


def _reader(operation: Operation) -> str:
    return "service" if "account" in operation.name or "import" in operation.name else "employee"


@pytest.mark.parametrize("operation", LISTS, ids=str)
@nothing_changes
def test_a_bad_page_is_refused(operation: Operation, running: Whole) -> None:
    who = _reader(operation)
    path = operation.path(running) + ("?q=a&" if operation.name == "search_everything" else "?")
    for limit in BAD_LIMITS:
        refused(running.call("GET", f"{path}limit={limit}", who), 422, at="/limit")
    refused(running.call("GET", f"{path}limit=1&limit=2", who), 422, at="/limit")
    for cursor in ("nonsense", "AAAA", "%00", "A" * 3000, "ü"):
        refused(running.call("GET", f"{path}cursor={cursor}", who), 400, 422)


@pytest.mark.parametrize("operation", [one for one in PROTECTED if one.parameters("query")], ids=str)
@nothing_changes
def test_bad_query_parameters_are_named(operation: Operation, running: Whole) -> None:
    who = _reader(operation)
    known = {one["name"]: one["schema"] for one in operation.parameters("query")}
    path = operation.path(running) + ("?q=a&" if operation.name == "search_everything" else "?")
    request = {"headers": {"If-Match": "*"}, "json": good(operation, running)} if operation in WITH_BODY else {}
    if operation.name.startswith("import_"):
        who, request = "service", {"data": b"external_id\n", "content_type": "text/csv"}
    refused(running.call(operation.method, f"{path}nonsense=1", who, **request), 422, at="/nonsense")
    for name, schema in known.items():
        bad = BAD_VALUES.get(schema.get("format", ""), ["%00"])
        bad = ["maybe", "1", "True"] if schema.get("type") == "boolean" else bad
        for value in [] if name == "q" else bad:
            refused(running.call(operation.method, f"{path}{name}={value}", who, **request), 422)
