"""What is due is one answer: the dashboard names what the check-ins service asks for, for everybody and at any time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.signin import tokens
from tests.support.hosted import FixedClock
from tests.support.whole import PEOPLE, Whole, objective, whole

pytestmark = [pytest.mark.slow]

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
"""A Monday."""
MOMENTS = [
    START + timedelta(days=4),
    datetime(2026, 5, 10, 21, 30, tzinfo=UTC),  # past nine on Monday in Auckland, Sunday elsewhere
    datetime(2026, 5, 11, 12, tzinfo=UTC),  # not yet nine in Los Angeles
    datetime(2026, 5, 11, 20, tzinfo=UTC),
    datetime(2026, 5, 18, 20, tzinfo=UTC),
    datetime(2026, 6, 3, 20, tzinfo=UTC),
]
MORE = {
    "east": {"display_name": "Eva East", "manager_id": "manager", "time_zone": "Pacific/Auckland"},
    "west": {"display_name": "Wes West", "manager_id": "manager", "time_zone": "America/Los_Angeles"},
    "left": {"display_name": "Lea Left", "manager_id": "manager"},
    "gone": {"display_name": "Gus Gone", "manager_id": "left"},
}
LEAVERS = {"left", "gone"}


def key_results(*titles: str, **more: Any) -> list[dict[str, Any]]:
    return [{"title": title, "metric": "increase", "start": 0, "target": 10, **more} for title in titles]


def grow(running: Whole) -> None:
    """People in other time zones and some who leave; objectives of persons, teams and leavers, open and not."""
    ids = running.ids
    running.send("/teams", {"name": "Pier"}, "pier")
    for name, more in MORE.items():
        email = f"{name}@example.org"
        running.send("/persons", {**more, "email": email, "manager_id": ids[more["manager_id"]]}, name)
    running.settle()
    patch(running, f"/persons/{ids['west']}", team_ids=[ids["pier"]])
    patch(running, f"/persons/{ids['gone']}", team_ids=[ids["pier"]])
    patch(running, f"/teams/{ids['team']}", lead_id=ids["left"])
    running.settle()
    own(running, "Led by one who leaves", owner_kind="team", owner_id=ids["team"])
    own(running, "Of a team without a lead", owner_kind="team", owner_id=ids["pier"])
    own(running, "Of everybody", owner_kind="team", owner_id=ids["below"])
    for name in ("east", "west", "left", "gone", "root"):
        own(running, f"Of {name}", owner_id=ids[name])
        named = key_results(f"By name of {name}", owner_id=ids[name])
        running.send("/objectives", objective(running, title="Shared", key_results=named))
    running.send("/objectives", objective(running, title="Later", state="draft", key_results=key_results("L")), "later")
    done = running.send("/objectives", objective(running, title="Done", key_results=key_results("D")))
    step(running, f"/objectives/{done['id']}", "close", json={"grade": 0})
    running.settle()
    for name in LEAVERS:
        step(running, f"/persons/{ids[name]}", "deactivate")
    running.settle()


def own(running: Whole, title: str, **fields: Any) -> None:
    running.send("/objectives", objective(running, title=title, key_results=key_results(title), **fields))


def step(running: Whole, path: str, name: str, **request: Any) -> None:
    answer = running.call("POST", f"{path}/{name}", headers={"If-Match": running.tag(path)}, **request)
    assert answer.status_code == 200, answer.get_data(as_text=True)


def patch(running: Whole, path: str, **changes: Any) -> None:
    answer = running.call("PATCH", path, json=changes, headers={"If-Match": running.tag(path)})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def due(items: list[dict[str, Any]]) -> dict[str, tuple[str, int, bool]]:
    return {one["key_result"]["id"]: (one["due_on"], one["overdue_days"], one["stale"]) for one in items}


def asked(running: Whole, name: str) -> dict[str, tuple[str, int, bool]]:
    page = running.get(f"/persons/{running.ids[name]}/due?limit=200")
    assert page["next"] is None
    return due(page["items"])


def sign_in(running: Whole) -> None:
    """Tokens for everybody who is here that outlast all moments."""
    gateway = running.cairn.parts["gateway"]
    rights: dict[str, Any] = {"scopes": ("*",), "days": 60}
    running.secrets["service"] = tokens.issue_service_account(gateway, "later", roles=("admin", "hr"), **rights)
    for name in (*PEOPLE, *(MORE.keys() - LEAVERS)):
        email = running.get(f"/persons/{running.ids[name]}")["email"]
        running.secrets[name] = tokens.issue_for_email(gateway, email, **rights)


def change(running: Whole, moment: datetime) -> None:
    """Somebody checks in, and a draft is put in force."""
    path = f"/key-results/{running.ids['key_result']}/check-ins"
    running.send(path, {"value": 6, "as_of": moment.date().isoformat()}, who="employee")
    later = f"/objectives/{running.ids['later']}"
    if running.get(later)["state"] == "draft":
        step(running, later, "publish")
    running.settle()


def test_the_dashboard_and_the_list_of_what_is_due_name_the_same_for_everybody(tmp_path: Path) -> None:
    clock = FixedClock(START)
    number = []
    with whole(tmp_path, clock) as running, running.working():
        grow(running)
        sign_in(running)
        for moment in MOMENTS:
            clock.now = moment
            everybody = {name: asked(running, name) for name in running.secrets if name != "service"}
            assert {name: due(running.get("/dashboard", name)["due"]) for name in everybody} == everybody
            assert [asked(running, name) for name in LEAVERS] == [{}, {}]
            number.append(sum(map(len, everybody.values())))
            change(running, moment)
    assert number[0] == 0 < number[1] < number[2] < number[3] < number[4]
