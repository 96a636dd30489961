"""Service accounts over HTTP: made and looked after by admins, with roles that count from the next request on."""

from collections.abc import Iterator

import pytest

from gateway.signin import tokens
from tests.support.hosted import person
from tests.support.signin import ADMIN, ANA, Door, door


@pytest.fixture
def gateway(database_url: str) -> Iterator[Door]:
    with door(database_url) as running:
        running.tell(person("Ana", id=ANA), person("Admin", id=ADMIN, roles=["employee", "admin"]))
        yield running


def token_of(gateway: Door, name: str) -> str:
    return tokens.issue_for_email(gateway.runtime, f"{name}@example.org", scopes=["*"])


def test_an_admin_makes_an_account_its_tokens_and_switches_it_off(gateway: Door) -> None:
    admin = gateway.client(token_of(gateway, "admin"))
    made = admin.post("/api/v1/service-accounts", json={"name": "hr-sync", "roles": ["admin"]})
    assert made.status_code == 201
    account = made.headers["Location"]
    body = {"name": "first", "scopes": ["gateway:read"], "days": 30}
    issued = admin.post(f"{account}/tokens", json=body)
    assert issued.status_code == 201
    assert issued.get_json()["owner"]["name"] == "hr-sync"
    robot = gateway.client(issued.get_json()["token"])
    assert robot.get("/api/v1/service-accounts").get_json()["items"][0]["name"] == "hr-sync"
    changed = admin.patch(account, json={"active": False}, headers={"If-Match": made.headers["ETag"]})
    assert changed.status_code == 200
    assert robot.get("/api/v1/service-accounts").status_code == 401
    stale = admin.patch(account, json={"active": True}, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert admin.post(f"{account}/tokens", json=body).status_code == 409


def test_how_far_and_how_long_must_be_said_for_an_account(gateway: Door) -> None:
    admin = gateway.client(token_of(gateway, "admin"))
    account = admin.post("/api/v1/service-accounts", json={"name": "hr-sync"}).headers["Location"]
    missing = admin.post(f"{account}/tokens", json={"name": "first"})
    assert missing.status_code == 422
    assert {fault["pointer"] for fault in missing.get_json()["errors"]} == {"/scopes", "/days"}


def test_a_name_is_taken_once(gateway: Door) -> None:
    admin = gateway.client(token_of(gateway, "admin"))
    answers = [admin.post("/api/v1/service-accounts", json={"name": "hr-sync"}).status_code for _ in range(2)]
    assert answers == [201, 409]


def test_nobody_but_admins_has_to_do_with_service_accounts(gateway: Door) -> None:
    ana = gateway.client(token_of(gateway, "ana"))
    nothing = "/api/v1/service-accounts/0190b6a4-9d5c-7c3e-8a55-0000000000ff"
    body = {"name": "x", "scopes": ["*"], "days": 1}
    assert ana.get("/api/v1/service-accounts").status_code == 403
    assert ana.get(nothing).status_code == 403
    assert ana.post("/api/v1/service-accounts", json={"name": "mine"}).status_code == 403
    assert ana.patch(nothing, json={"active": True}, headers={"If-Match": "*"}).status_code == 403
    assert ana.post(f"{nothing}/tokens", json=body).status_code == 403


def test_the_command_line_reuses_an_account_and_gives_it_the_roles_it_says(gateway: Door) -> None:
    def issue(*roles: str) -> str:
        return tokens.issue_service_account(gateway.runtime, "ops", roles=roles, scopes=["*"], days=1)

    first = issue()
    assert gateway.client(first).get("/api/v1/service-accounts").status_code == 403
    second = issue("admin")
    for token in (first, second):
        listed = gateway.client(token).get("/api/v1/service-accounts").get_json()["items"]
        assert [(item["name"], item["roles"]) for item in listed] == [("ops", ["admin"])]


def test_a_service_account_has_no_personal_tokens(gateway: Door) -> None:
    robot = tokens.issue_service_account(gateway.runtime, "ops", roles=["admin"], scopes=["*"], days=1)
    assert gateway.client(robot).post("/api/v1/tokens", json={"name": "mine"}).status_code == 403
