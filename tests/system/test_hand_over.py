"""Somebody leaves by an import: the manager is told, sees what is left, gives it away, and nothing is left then."""

from pathlib import Path
from typing import Any

import pytest

from gateway.signin import tokens
from tests.support.whole import Whole, objective, whole

pytestmark = pytest.mark.slow

HEADER = "external_id,email,display_name,manager_external_id,active"
COUNTED = {"metric": "increase", "start": 0, "target": 10}


def send_people(running: Whole, *lines: str) -> dict[str, Any]:
    table = "\n".join([HEADER, *lines])
    answer = running.call("POST", "/imports/people", data=table.encode(), content_type="text/csv")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    running.settle()
    report: dict[str, Any] = answer.json or {}
    return report


def lea(active: bool) -> str:
    return f"lea,lea@example.org,Lea Left,manager,{'true' if active else 'false'}"


def grow(running: Whole) -> None:
    """Lea answers for an objective, two key results and a team, and Pia reports to her."""
    send_people(running, lea(True), "pia,pia@example.org,Pia Pike,lea,true")
    people = {one["external_id"]: one["id"] for one in running.get("/persons?limit=200")["items"]}
    running.ids |= {name: people[name] for name in ("lea", "pia")}
    ids = running.ids
    running.secrets["lea"] = tokens.issue_for_email(
        running.cairn.parts["gateway"], "lea@example.org", scopes=("*",), days=1
    )
    own = {"title": "Berths booked", "owner_id": ids["lea"], **COUNTED}
    running.send("/objectives", objective(running, title="Full berths", owner_id=ids["lea"], key_results=[own]))
    running.send("/objectives", objective(running, title="Co-owned", co_owner_ids=[ids["lea"]]))
    theirs = {"title": "Calls answered", "owner_id": ids["lea"], **COUNTED}
    running.send("/objectives", objective(running, title="The colleague's", owner_id=ids["hr"], key_results=[theirs]))
    running.send("/teams", {"name": "Pilots", "lead_id": ids["lea"]}, "pilots")
    running.settle()


def left(running: Whole, who: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["title"]) for one in running.get("/hand-over", who)["items"]]


def told(running: Whole, who: str) -> list[str]:
    return [one["title"] for one in running.get("/notifications?kind=hand_over", who)["items"]]


def give(running: Whole, item: dict[str, Any], to: str, who: str) -> None:
    change = item["change"]
    path = change["href"].removeprefix("/api/v1")
    body = {change["field"]: running.ids[to]}
    answer = running.call(change["method"], path, who, json=body, headers={"If-Match": running.tag(path)})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def test_what_a_leaver_leaves_is_shown_until_it_is_given_away(tmp_path: Path) -> None:
    with whole(tmp_path) as running, running.working():
        grow(running)
        assert left(running, "manager") == []

        assert send_people(running, lea(False))["deactivated"] == 1

        assert told(running, "manager") == ["Lea Left has left: see what waits for a new owner"]
        items = {one["title"]: one for one in running.get("/hand-over", "manager")["items"]}
        assert {(one["kind"], title) for title, one in items.items()} == {
            ("objective", "Full berths"),
            ("key_result", "Berths booked"),
            ("key_result", "Calls answered"),
            ("team", "Pilots"),
            ("report", "Pia Pike"),
        }
        assert running.get("/dashboard", "manager")["hand_over"]["count"] == 5
        assert running.get("/hand-over?scope=organisation", "hr")["count"] == 5
        assert (left(running, "root"), left(running, "hr")) == ([], [])
        assert running.call("GET", "/me", "lea").status_code == 401

        for title in ("Full berths", "Berths booked", "Calls answered"):
            give(running, items[title], "employee", "manager")
        for title, to in (("Pilots", "employee"), ("Pia Pike", "manager")):
            give(running, items[title], to, "hr")
        running.settle()
        assert left(running, "manager") == []
        assert running.get("/hand-over?scope=organisation", "hr")["count"] == 0

        assert send_people(running, lea(False))["unchanged"] == 1
        assert len(told(running, "manager")) == 1


def test_where_the_manager_leaves_with_forty_others_the_next_above_hears_once(tmp_path: Path) -> None:
    crew = [f"c{number},c{number}@example.org,Crew {number:02},manager" for number in range(40)]
    with whole(tmp_path) as running, running.working():
        grow(running)
        send_people(running, *(f"{line},true" for line in crew))

        lines = [lea(False), "manager,mira@example.org,Mira Moss,root,false", *(f"{line},false" for line in crew)]
        answer = running.call(
            "POST",
            "/imports/people?accept_leavers=true",
            data="\n".join([HEADER, *lines]).encode(),
            content_type="text/csv",
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)
        running.settle()

        (title,) = told(running, "root")
        assert title.endswith(" and others have left: see what waits for new owners")
        assert ("objective", "Full berths") in left(running, "root")
        assert ("report", "Ana Lima") in left(running, "root")
        assert {one["falls_to"]["name"] for one in running.get("/hand-over", "root")["items"]} == {"Rosa Ruiz"}
