"""Persons and teams as colleagues see them."""

from datetime import timedelta

import pytest

from chassis.service import Runtime
from contracts import people
from tests.support import gateway
from tests.support.gateway import History, client, fold, ids, read, someone, statements


@pytest.fixture
def history() -> History:
    return History()


def test_a_person_is_shown_with_manager_teams_reports_goals_and_public_praise(
    runtime: Runtime, history: History
) -> None:
    harbour = history.team("Harbour")
    boss = history.person("Bea Boss")
    ada = history.person("Ada Ames", manager_id=boss.id, team_ids=[harbour.id], title="Engineer")
    cleo, dan = history.person("Cleo", manager_id=ada.id), history.person("Dan", manager_id=ada.id, active=False)
    aim = history.objective(history.cycle(), ada, "Quick help")
    said = history.check_in(history.key_result(aim, "Replies"), ada, note="better")
    praise = history.feedback(boss, ada)
    history.feedback(boss, ada, visibility="recipient_and_manager", kind="feedback")
    history.feedback(boss, ada, visibility="recipient")
    fold(runtime, history.said)
    shown = read(runtime, someone(cleo), f"/persons/{ada.id}/overview")
    assert shown["person"]["manager"] == {"id": boss.id, "name": "Bea Boss"}
    assert shown["person"]["teams"] == [{"id": harbour.id, "name": "Harbour", "leads": False}]
    assert ids(shown["reports"]) == [cleo.id] != [dan.id]
    assert ids(shown["objectives"]) == [aim.id]
    assert (shown["check_ins"][0]["id"], shown["check_ins"][0]["key_result"]["title"]) == (said.id, "Replies")
    assert ids(shown["praise"]) == [praise.id]


def test_somebody_who_left_can_still_be_looked_at(runtime: Runtime, history: History) -> None:
    ada = history.person("Ada")
    history.again(ada, people.PersonDeactivated, active=False)
    fold(runtime, history.said)
    assert read(runtime, someone(ada), f"/persons/{ada.id}/overview")["person"]["active"] is False


def test_a_team_is_shown_with_members_goals_and_the_teams_below(database_url: str, history: History) -> None:
    company, cycle = history.team("Company"), history.cycle()
    ada = history.person("Ada Ames")
    harbour = history.team("Harbour", parent_id=company.id, lead_id=ada.id)
    ben = history.person("Ben Birk", team_ids=[harbour.id], title="Pilot")
    history.person("Gone", team_ids=[harbour.id], active=False)
    night = history.team("Night shift", parent_id=harbour.id)
    history.team("Old shift", parent_id=harbour.id, archived=True)
    own = history.objective(cycle, harbour, "Riders stay", progress=0.4, status="at_risk")
    history.objective(cycle, harbour, "A draft", state="draft")
    history.objective(cycle, ben, progress=0.2)
    history.objective(cycle, ben, progress=0.6)
    history.objective(cycle, night, progress=1.0)
    history.key_result(own, "Quiet")
    lively = history.key_result(own, "Lively")
    history.pass_days(12)
    history.check_in(lively, ada)
    with gateway.listening(database_url, history.now) as runtime:
        fold(runtime, history.said)
        shown = read(runtime, someone(ben), f"/teams/{harbour.id}/overview")
    assert shown["team"]["parent"] == {"id": company.id, "name": "Company"}
    assert shown["team"]["lead"] == {"id": ada.id, "name": "Ada Ames"}
    assert (shown["objective_count"], shown["at_risk"], shown["progress"]) == (1, 1, 0.4)
    assert shown["key_results"] == {"open": 2, "stale": 1, "stale_share": 0.5}
    assert [one["title"] for one in shown["objectives"]] == ["A draft", "Riders stay"]
    members = {one["name"]: one for one in shown["members"]}
    assert members.keys() == {"Ada Ames", "Ben Birk"}
    assert members["Ada Ames"]["leads"]
    assert (members["Ben Birk"]["objective_count"], members["Ben Birk"]["progress"]) == (2, 0.4)
    assert [(one["name"], one["progress"]) for one in shown["sub_teams"]] == [("Night shift", 1.0)]


def test_a_team_of_nobody_with_nothing_is_an_empty_page(runtime: Runtime, history: History) -> None:
    lonely, ada = history.team("Lonely", lead_id=history.new_id()), history.person("Ada")
    fold(runtime, history.said)
    shown = read(runtime, someone(ada), f"/teams/{lonely.id}/overview")
    assert (shown["team"]["lead"]["name"], shown["members"], shown["objectives"]) == ("Unknown person", [], [])
    assert shown["key_results"] == {"open": 0, "stale": 0, "stale_share": None}


@pytest.mark.parametrize("what", ["persons", "teams"])
def test_what_nobody_told_us_of_is_not_found(runtime: Runtime, history: History, what: str) -> None:
    ada = history.person("Ada")
    fold(runtime, history.said)
    asking = client(runtime, someone(ada))
    for id_ in (history.new_id(), "none"):
        answer = asking.get(f"/api/v1/{what}/{id_}/overview")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_the_number_of_statements_does_not_grow(runtime: Runtime, history: History) -> None:
    harbour, cycle = history.team("Harbour"), history.cycle()
    ada = history.person("Ada", team_ids=[harbour.id])
    history.objective(cycle, ada)
    history.objective(cycle, harbour)
    fold(runtime, history.said)
    paths = (f"/persons/{ada.id}/overview", f"/teams/{harbour.id}/overview")
    few = [_count(runtime, ada, path) for path in paths]
    said = len(history.said)
    for number in range(30):
        member = history.person(f"M{number}", team_ids=[harbour.id], manager_id=ada.id)
        history.team(f"T{number}", parent_id=harbour.id)
        for owner in (ada, harbour, member):
            history.check_in(history.key_result(history.objective(cycle, owner)), ada)
    fold(runtime, history.said[said:])
    assert [_count(runtime, ada, path) for path in paths] == few
    assert max(few) <= 8


def _count(runtime: Runtime, person: people.PersonState, path: str) -> int:
    with statements(runtime.db) as seen:
        read(runtime, someone(person), path)
    return len(seen)


def test_waiting_is_told_on_every_key_result(database_url: str, history: History) -> None:
    ada = history.person("Ada")
    history.key_result(history.objective(history.cycle(), ada))
    with gateway.listening(database_url, history.now + timedelta(days=8)) as runtime:
        fold(runtime, history.said)
        ((card,),) = [
            one["key_results"] for one in read(runtime, someone(ada), f"/persons/{ada.id}/overview")["objectives"]
        ]
    assert card["waiting"] == {"due_on": "2026-04-06", "overdue_days": 3, "stale": False}
