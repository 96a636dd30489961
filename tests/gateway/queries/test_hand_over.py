"""What those who left still answer for: who sees it, what takes it away again, and that nothing of it is lost."""

import random
from datetime import date
from typing import Any

import pytest

from chassis.access import Actor
from chassis.service import Runtime
from contracts import goals, people
from tests.support.gateway import History, client, fold, read, someone, statements

HR = ["employee", "hr"]
ROBOT = Actor("robot", kind="service")


@pytest.fixture
def history() -> History:
    return History()


def seen(runtime: Runtime, who: people.PersonState | Actor, **query: Any) -> dict[str, Any]:
    actor = who if isinstance(who, Actor) else someone(who)
    found: dict[str, Any] = read(runtime, actor, "/hand-over", **query)
    return found


def titles(runtime: Runtime, who: people.PersonState | Actor, **query: Any) -> list[tuple[str, str]]:
    return [(one["kind"], one["title"]) for one in seen(runtime, who, **query)["items"]]


def leaves(history: History, person: people.PersonState, **fields: Any) -> people.PersonState:
    return history.again(person, people.PersonDeactivated, active=False, **fields)


def test_what_only_a_leaver_answers_for_falls_to_the_manager(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    ben = history.person("Ben Birk", manager_id=ada.id)
    history.person("Cem", manager_id=ben.id, title="Clerk")
    history.person("Dee, who left as well", manager_id=ben.id, active=False)
    history.team("Harbour", lead_id=ben.id)
    history.team("Closed harbour", lead_id=ben.id, archived=True)
    aim = history.objective(cycle, ben, "Riders stay")
    history.objective(cycle, ben, "Perhaps", state="draft")
    history.objective(cycle, ada, "Ada's, Ben only helps", co_owner_ids=[ben.id])
    history.key_result(aim, "Answers for it as owner of the objective")
    history.key_result(history.objective(cycle, ada, "Ada's"), "Replies", owner_id=ben.id)
    fold(runtime, history.said)
    assert titles(runtime, ada) == []
    leaves(history, ben, end_date=date(2026, 4, 3))
    fold(runtime, history.said[-1:])
    answer = seen(runtime, ada)
    assert [(one["kind"], one["title"], one["detail"]) for one in answer["items"]] == [
        ("key_result", "Replies", "Ada's"),
        ("objective", "Riders stay", "2026 Q2"),
        ("objective", "Perhaps", "2026 Q2"),
        ("report", "Cem", "Clerk"),
        ("team", "Harbour", None),
    ]
    first = answer["items"][1]
    assert first["left_by"] == {"id": ben.id, "name": "Ben Birk", "left_on": "2026-04-03"}
    assert first["falls_to"] == {"id": ada.id, "name": "Ada"}
    assert first["change"] == {"method": "PATCH", "href": f"/api/v1/objectives/{aim.id}", "field": "owner_id"}
    figures = {"objective": 2, "key_result": 1, "team": 1, "report": 1}
    assert {one["kind"]: one["count"] for one in answer["counts"]} == figures
    assert answer["count"] == 5
    dashboard = read(runtime, someone(ada), "/dashboard")
    assert dashboard["hand_over"] == {"count": 5, "counts": answer["counts"]}


def test_where_the_manager_left_too_it_climbs_to_the_next_who_is_here(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    ben = history.person("Ben", manager_id=ada.id)
    cem = history.person("Cem", manager_id=ben.id)
    history.objective(cycle, cem, "Cem's")
    fold(runtime, history.said)
    leaves(history, cem)
    fold(runtime, history.said[-1:])
    assert (titles(runtime, ben), titles(runtime, ada)) == ([("objective", "Cem's")], [])
    leaves(history, ben)
    fold(runtime, history.said[-1:])
    assert titles(runtime, ada) == [("objective", "Cem's")]


def test_what_nobody_above_is_here_for_falls_to_hr_and_admins(runtime: Runtime, history: History) -> None:
    root = history.person("Rosa", active=False)
    below = history.person("Ben", manager_id=root.id, active=False)
    hana, adam = history.person("Hana", roles=HR), history.person("Adam", roles=["employee", "admin"])
    cem, cycle = history.person("Cem"), history.cycle()
    history.objective(cycle, root, "Rosa's")
    history.objective(cycle, below, "Ben's")
    fold(runtime, history.said)
    for who in (hana, adam):
        assert titles(runtime, who) == [("objective", "Ben's"), ("objective", "Rosa's")]
        assert read(runtime, someone(who), "/dashboard")["hand_over"]["count"] == 2
    assert {one["falls_to"] for one in seen(runtime, hana)["items"]} == {None}
    assert titles(runtime, cem) == []


def test_everything_together_is_for_hr_admins_and_service_accounts(runtime: Runtime, history: History) -> None:
    ada, ben = history.person("Ada"), history.person("Ben")
    hana, cycle = history.person("Hana", roles=HR), history.cycle()
    for manager in (ada, ben):
        left = history.person(f"Below {manager.display_name}", manager_id=manager.id, active=False)
        history.objective(cycle, left, f"For {manager.display_name}")
    fold(runtime, history.said)
    for who in (someone(hana), ROBOT):
        answer = seen(runtime, who, scope="organisation")
        assert [one["falls_to"]["name"] for one in answer["items"]] == ["Ada", "Ben"]
        assert titles(runtime, who, manager_id=ben.id) == [("objective", "For Ben")]
    assert titles(runtime, hana) == []
    assert titles(runtime, ada, manager_id=ada.id) == [("objective", "For Ada")]
    ada_asks = client(runtime, someone(ada))
    for query in ("scope=organisation", f"manager_id={ben.id}"):
        answer = ada_asks.get(f"/api/v1/hand-over?{query}")
        assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert "scope=organisation" in client(runtime, ROBOT).get("/api/v1/hand-over").get_json()["detail"]


def test_what_one_person_would_leave_behind_can_be_seen_before(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    ben = history.person("Ben", manager_id=ada.id)
    history.objective(cycle, ben, "Ben's")
    fold(runtime, history.said)
    path = f"/persons/{ben.id}/hand-over"
    (before,) = read(runtime, someone(ada), path)["items"]
    leaves(history, ben)
    fold(runtime, history.said[-1:])
    (after,) = read(runtime, someone(ada), path)["items"]
    assert (before["title"], before["falls_to"]["name"]) == ("Ben's", "Ben")
    assert after == before | {"falls_to": {"id": ada.id, "name": "Ada"}}
    assert client(runtime, someone(ada)).get(f"/api/v1/persons/{cycle.id}/hand-over").status_code == 404


def test_a_new_owner_an_end_or_a_return_takes_it_away(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    ben = history.person("Ben", manager_id=ada.id)
    aims = [history.objective(cycle, ben, title) for title in ("Given", "Closed", "Thrown away", "Kept")]
    measure = history.key_result(aims[3], "Removed", owner_id=ben.id)
    cem, harbour = history.person("Cem", manager_id=ben.id), history.team("Harbour", lead_id=ben.id)
    past = history.objective(history.cycle("2026 Q1"), ben, "In a cycle that is closed")
    gone = leaves(history, ben)
    fold(runtime, history.said)
    assert seen(runtime, ada)["count"] == 8
    history.again(aims[0], goals.ObjectiveChanged, owner_id=ada.id)
    history.again(aims[1], goals.ObjectiveClosed, state="closed", grade=0.7)
    history.again(aims[2], goals.ObjectiveChanged, state="deleted")
    history.again(measure, goals.KeyResultChanged, removed=True)
    history.again(cem, people.PersonChanged, manager_id=ada.id)
    history.again(harbour, people.TeamChanged, lead_id=cem.id)
    history.say(goals.CycleChanged(id=past.cycle_id, version=2, name="Q1", state="closed", **_days()))
    fold(runtime, history.said[-7:])
    assert titles(runtime, ada) == [("objective", "Kept")]
    history.again(gone, people.PersonReactivated, active=True)
    fold(runtime, history.said[-1:])
    assert titles(runtime, ada) == []


def _days() -> dict[str, date]:
    return {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)}


@pytest.mark.parametrize("seed", range(4))
def test_repeated_and_disordered_events_end_in_the_same_hand_over(
    runtime: Runtime, history: History, seed: int
) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    ben = history.person("Ben", manager_id=ada.id)
    cem = history.person("Cem", manager_id=ben.id)
    aims = [history.objective(cycle, owner, f"Aim {number}") for number, owner in enumerate([ben, cem, ben, cem])]
    history.key_result(aims[0], "Measure", owner_id=cem.id)
    history.again(leaves(history, ben), people.PersonReactivated, active=True)
    leaves(history, cem)
    history.again(aims[1], goals.ObjectiveChanged, owner_id=ada.id)
    chance, told = random.Random(seed), history.said * 2
    chance.shuffle(told)
    fold(runtime, told, batch=3)
    assert titles(runtime, ben) == [("key_result", "Measure"), ("objective", "Aim 3")]
    assert titles(runtime, ada) == []


def test_pages_follow_each_other_without_gap_or_repeat_and_kinds_narrow_them(
    runtime: Runtime, history: History
) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    for number in range(4):
        left = history.person("Same Name", manager_id=ada.id, active=False)
        history.key_result(history.objective(cycle, left, f"Aim {number}"), f"Measure {number}", owner_id=left.id)
    fold(runtime, history.said)
    found, cursor = [], {}
    while True:
        page = seen(runtime, ada, limit=3, **cursor)
        assert page["count"] == 8
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(found) == len(set(found)) == 8
    only = seen(runtime, ada, kinds="key_result")
    assert ({one["kind"] for one in only["items"]}, only["count"]) == ({"key_result"}, 4)


def test_the_number_of_statements_does_not_grow(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    counted = []
    for size in (1, 30):
        for _ in range(size):
            left = history.person("Left", manager_id=ada.id, active=False)
            history.key_result(history.objective(cycle, left), owner_id=left.id)
        fold(runtime, history.said)
        with statements(runtime.db) as few:
            assert seen(runtime, ada, limit=100)["count"] in (2, 62)
        counted.append(len(few))
    assert counted[0] == counted[1] <= 5
