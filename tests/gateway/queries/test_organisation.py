"""The whole organisation in one cycle; figures add up."""

from datetime import date
from typing import Any

import pytest

from chassis.service import Runtime
from contracts import people
from tests.support import gateway
from tests.support.gateway import History, client, fold, read, someone, statements


@pytest.fixture
def history() -> History:
    return History()


def overview(runtime: Runtime, person: people.PersonState, **query: Any) -> Any:
    return read(runtime, someone(person), "/organisation/overview", **query)


def test_progress_falls_into_bands_and_the_counts_add_up(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    for progress in (0.0, 0.1, 0.25, 0.5, 0.74, 0.99, 1.0, 1.0, None):
        history.objective(cycle, ada, progress=progress, status="on_track" if progress else "not_started")
    history.objective(cycle, ada, state="draft", progress=0.5)
    history.objective(cycle, ada, state="closed", progress=0.5, status="at_risk")
    history.objective(cycle, ada, state="deleted", progress=0.5)
    fold(runtime, history.said)
    shown = overview(runtime, ada)["objectives"]
    assert (shown["total"], shown["draft"], shown["active"], shown["closed"]) == (11, 1, 9, 1)
    assert [band["count"] for band in shown["by_progress"]] == [2, 1, 3, 1, 2]
    assert sum(band["count"] for band in shown["by_progress"]) + shown["without_progress"] == 10
    assert sum(one["count"] for one in shown["by_status"]) == 10
    assert (shown["at_risk"], shown["mean_progress"]) == (1, pytest.approx(5.08 / 9, abs=1e-4))


def test_coverage_says_who_has_no_objective(runtime: Runtime, history: History) -> None:
    cycle, harbour = history.cycle(), history.team("Harbour")
    boss = history.person("Bea Boss")
    owner, co_owner, measured = (history.person(name) for name in ("Olga", "Cora", "Mia"))
    drafting, none, elsewhere = (
        history.person(name, manager_id=boss.id, team_ids=[harbour.id]) for name in ("Dora", "Nora", "Elsa")
    )
    history.person("Gone", active=False)
    aim = history.objective(cycle, owner, co_owner_ids=[co_owner.id])
    history.key_result(aim, owner_id=measured.id)
    history.key_result(aim, owner_id=none.id, removed=True)
    history.objective(cycle, drafting, state="draft")
    history.objective(history.cycle("2025", starts_on=date(2025, 1, 1), ends_on=date(2025, 2, 1)), elsewhere)
    fold(runtime, history.said)
    shown = overview(runtime, boss, cycle_id=cycle.id)["coverage"]
    assert (shown["people"], shown["with_objective"], shown["without_objective"]) == (7, 3, 4)
    assert [one["name"] for one in shown["without"]] == ["Bea Boss", "Dora", "Elsa", "Nora"]
    assert shown["without"][1]["manager"] == {"id": boss.id, "name": "Bea Boss"}
    assert shown["share"] == pytest.approx(3 / 7, abs=1e-4)
    in_team = read(runtime, someone(boss), "/organisation/coverage", cycle_id=cycle.id, team_id=harbour.id)
    assert [one["name"] for one in in_team["items"]] == ["Dora", "Elsa", "Nora"]


def test_those_without_come_in_pages_that_miss_nobody(runtime: Runtime, history: History) -> None:
    history.cycle()
    people_there = [history.person(f"Same Name{number % 3}") for number in range(25)]
    fold(runtime, history.said)
    first = overview(runtime, people_there[0])["coverage"]
    rest = read(runtime, someone(people_there[0]), "/organisation/coverage", cursor=first["without_next"], limit=3)
    seen = [*first["without"], *rest["items"]]
    while rest["next"]:
        rest = read(runtime, someone(people_there[0]), "/organisation/coverage", cursor=rest["next"], limit=3)
        seen += rest["items"]
    assert sorted(one["id"] for one in seen) == sorted(person.id for person in people_there)


def test_teams_are_told_apart_and_add_up_with_the_persons(database_url: str, history: History) -> None:
    cycle = history.cycle()
    harbour, night = history.team("Harbour"), history.team("Night")
    history.team("Empty")
    history.team("Archived", archived=True)
    ada = history.person("Ada", team_ids=[harbour.id, night.id])
    history.person("Ben", team_ids=[harbour.id])
    ours = history.objective(cycle, harbour, progress=0.5, status="at_risk")
    history.objective(cycle, harbour, progress=1.0)
    history.objective(cycle, night)
    history.objective(cycle, ada, progress=0.1)
    history.key_result(ours, "Quiet", status="at_risk")
    lively = history.key_result(ours, "Lively")
    history.pass_days(11)
    history.check_in(lively, ada)
    with gateway.listening(database_url, history.now) as runtime:
        fold(runtime, history.said)
        shown = overview(runtime, ada)
    teams = {one["name"]: one for one in shown["teams"]}
    assert list(teams) == ["Empty", "Harbour", "Night"]
    assert (teams["Harbour"]["objective_count"], teams["Harbour"]["at_risk"]) == (2, 1)
    assert teams["Harbour"]["progress"] == 0.75
    assert teams["Harbour"]["key_results"] == {"open": 2, "stale": 1, "stale_share": 0.5}
    assert (teams["Harbour"]["coverage"]["people"], teams["Harbour"]["coverage"]["with_objective"]) == (2, 1)
    assert (teams["Empty"]["progress"], teams["Empty"]["coverage"]["share"]) == (None, None)
    assert sum(one["objective_count"] for one in teams.values()) + 1 == shown["objectives"]["total"]
    assert shown["key_results"]["at_risk"] == 1
    assert (shown["key_results"]["open"], shown["key_results"]["stale"]) == (2, 1)


def test_a_team_nobody_told_us_of_is_counted_under_a_stand_in_name(runtime: Runtime, history: History) -> None:
    ghosts, ada = history.team("Ghosts"), history.person("Ada")
    history.objective(history.cycle(), ghosts)
    fold(runtime, [said for said in history.said if said[1].id != ghosts.id])
    assert [one["name"] for one in overview(runtime, ada)["teams"]] == ["Unknown team"]


@pytest.mark.parametrize(
    ("cycles", "present"),
    [
        ([("Year", 1, 12, "active"), ("Quarter", 4, 6, "active")], "Quarter"),
        ([("Past", 1, 3, "active"), ("Now", 4, 6, "active")], "Now"),
        ([("Planned", 4, 6, "planned"), ("Active", 1, 3, "active")], "Active"),
        ([("Closed", 4, 6, "closed"), ("Planned", 7, 9, "planned")], "Closed"),
    ],
)
def test_without_a_cycle_the_present_one_is_meant(
    runtime: Runtime, history: History, cycles: list[tuple[str, int, int, str]], present: str
) -> None:
    ada = history.person("Ada")
    for name, first, last, state in cycles:
        history.cycle(name, starts_on=date(2026, first, 1), ends_on=date(2026, last, 28), state=state)
    fold(runtime, history.said)
    assert overview(runtime, ada)["cycle"]["name"] == present


def test_without_any_cycle_it_says_what_to_do(runtime: Runtime, history: History) -> None:
    ada = history.person("Ada")
    fold(runtime, history.said)
    answer = client(runtime, someone(ada)).get("/api/v1/organisation/overview")
    assert answer.status_code == 404
    assert "create one first" in answer.get_json()["detail"]


def test_the_number_of_statements_does_not_grow(runtime: Runtime, history: History) -> None:
    ada, cycle = history.person("Ada"), history.cycle()
    fold(runtime, history.said)
    with statements(runtime.db) as few:
        overview(runtime, ada)
    said = len(history.said)
    for number in range(40):
        team = history.team(f"T{number}")
        member = history.person(f"P{number}", team_ids=[team.id])
        for owner in (team, member):
            history.key_result(history.objective(cycle, owner, progress=0.3))
    fold(runtime, history.said[said:])
    with statements(runtime.db) as many:
        overview(runtime, ada)
    assert len(many) == len(few) <= 8
