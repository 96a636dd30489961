"""Objectives over HTTP: written down, changed, aligned, published, closed, reopened, thrown away, listed."""

from datetime import date
from typing import Any

import pytest

from contracts.goals import (
    CycleChanged,
    KeyResultChanged,
    ObjectiveAssigned,
    ObjectiveChanged,
    ObjectiveClosed,
    ObjectiveCreated,
)
from tests.support.goals import (
    ANA,
    BEN,
    GONE,
    HR,
    MIRA,
    NOBODY,
    ROOT,
    TEAM,
    ZOE,
    Goals,
    answered,
    check_in,
    key_result_body,
    objective_body,
    parent,
)
from tests.support.hosted import Hosted


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.get_data(as_text=True)
    return [error["pointer"] for error in answer.json["errors"]]


def test_an_objective_comes_with_parents_and_key_results_in_one_call(goals: Goals) -> None:
    cycle = goals.cycle()
    top = goals.objective(cycle, key_results=[key_result_body()])
    made = goals.objective(
        cycle,
        owner_kind="team",
        owner_id=TEAM,
        co_owner_ids=[BEN],
        kind="committed",
        external_id="OKR-7",
        parents=[parent(top, weight="2.5"), parent(top["key_results"][0], kind="supports")],
        key_results=[key_result_body(external_id="KR-1"), key_result_body(metric="binary", weight=0)],
    )
    assert [each["external_id"] for each in made["key_results"]] == ["KR-1", None]
    assert {(each["parent_kind"], each["kind"], each["weight"]) for each in made["parents"]} == {
        ("objective", "contributes", "2.5"),
        ("key_result", "supports", "1"),
    }
    assert (made["progress"], made["status"], made["state"]) == (0, "not_started", "active")
    assert goals.get("/objectives?external_id=OKR-7")["items"] == [made]


def test_creating_says_who_was_assigned_and_opens_the_key_results(goals: Goals) -> None:
    made = goals.objective(goals.cycle(), co_owner_ids=[BEN, BEN], key_results=[key_result_body()])
    created, assigned = goals.running.said(ObjectiveCreated)[0], goals.running.said(ObjectiveAssigned)[0]
    assert (created.version, assigned.version, assigned.assignee_ids) == (1, 2, [ANA, BEN])
    assert made["key_results"][0]["open"] is True


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": None}, "/title"),
        ({"colour": "red"}, "/colour"),
        ({"cycle_id": NOBODY}, "/cycle_id"),
        ({"owner_id": NOBODY}, "/owner_id"),
        ({"owner_id": GONE}, "/owner_id"),
        ({"owner_kind": "team"}, "/owner_id"),
        ({"co_owner_ids": [BEN, NOBODY]}, "/co_owner_ids/1"),
        ({"state": "closed"}, "/state"),
        ({"parents": [{"parent_kind": "objective", "parent_id": NOBODY}]}, "/parents/0/parent_id"),
        ({"parents": [{"parent_kind": "person", "parent_id": NOBODY}]}, "/parents/0/parent_kind"),
        ({"key_results": [key_result_body(target=0)]}, "/key_results/0/target"),
        ({"key_results": [key_result_body(), key_result_body(owner_id=NOBODY)]}, "/key_results/1/owner_id"),
        (
            {"key_results": [key_result_body(external_id="x"), key_result_body(external_id="x")]},
            "/key_results/1/external_id",
        ),
        ({"key_results": [key_result_body(weight=-1)]}, "/key_results/0/weight"),
        ({"key_results": [{"title": "Soon", "metric": "increase", "start": 1}]}, "/key_results/0/target"),
        ({"key_results": [key_result_body(unit="currency", currency="XXQ")]}, "/key_results/0/currency"),
    ],
)
def test_what_is_wrong_with_an_objective_is_named_by_its_place(
    quick: Goals, wrong: dict[str, Any], pointer: str
) -> None:
    cycle = quick.cycle()
    answer = quick.try_post("/objectives", **objective_body(cycle, **wrong))
    assert pointer in pointers(answer)
    assert quick.get("/objectives")["items"] == [], "nothing half done"


def test_an_external_id_belongs_to_one_objective_and_is_free_after_its_draft_is_gone(quick: Goals) -> None:
    cycle = quick.cycle()
    first = quick.objective(cycle, external_id="A", state="draft", key_results=[key_result_body(external_id="B")])
    taken = quick.try_post("/objectives", **objective_body(cycle, external_id="A"))
    assert taken.status_code == 409
    assert first["id"] in taken.json["detail"]
    assert quick.delete(f"/objectives/{first['id']}").status_code == 204
    quick.objective(cycle, external_id="A", key_results=[key_result_body(external_id="B")])


def test_a_change_touches_only_what_it_names(goals: Goals) -> None:
    made = goals.objective(goals.cycle(), description="Why", co_owner_ids=[BEN])
    changed = goals.patch(f"/objectives/{made['id']}", title="Guests stay")
    kept = {"title", "version", "edition"}
    assert {name: value for name, value in changed.items() if name not in kept} == {
        name: value for name, value in made.items() if name not in kept
    }
    assert changed["title"] == "Guests stay"
    assert changed["edition"] == made["edition"] + 1


def test_a_change_of_nothing_says_nothing(quick: Goals) -> None:
    made = quick.objective(quick.cycle())
    said = len(quick.running.published())
    assert quick.patch(f"/objectives/{made['id']}", title=made["title"], parents=[]) == made
    assert len(quick.running.published()) == said


def test_only_newcomers_are_told_that_they_are_assigned(quick: Goals) -> None:
    made = quick.objective(quick.cycle(), co_owner_ids=[BEN])
    quick.patch(f"/objectives/{made['id']}", co_owner_ids=[BEN, ZOE])
    assert quick.running.said(ObjectiveAssigned)[-1].assignee_ids == [ZOE]


def test_a_stale_edit_is_refused_and_a_check_in_in_between_makes_none_stale(goals: Goals) -> None:
    made = goals.objective(goals.cycle(), key_results=[key_result_body()])
    path = f"/objectives/{made['id']}"
    tag = goals.tag(path)
    goals.running.tell(check_in(made["key_results"][0]["id"], 30))
    first = goals.client.patch(f"/api/v1{path}", json={"title": "B"}, headers={"If-Match": tag})
    second = goals.client.patch(f"/api/v1{path}", json={"title": "C"}, headers={"If-Match": tag})
    missing = goals.client.patch(f"/api/v1{path}", json={"title": "C"})
    assert (first.status_code, second.status_code, missing.status_code) == (200, 412, 428)


def test_realigning_moves_the_weight_from_one_parent_to_the_other(goals: Goals) -> None:
    cycle = goals.cycle()
    old, new = goals.objective(cycle, title="Old"), goals.objective(cycle, title="New")
    child = goals.objective(cycle, parents=[parent(old)], key_results=[key_result_body()])
    goals.running.tell(check_in(child["key_results"][0]["id"], 50))
    goals.patch(f"/objectives/{child['id']}", parents=[parent(new)])
    assert [goals.get(f"/objectives/{each['id']}")["progress"] for each in (old, new)] == [None, 0.5]


def test_a_loop_is_refused_with_its_way_by_title(quick: Goals) -> None:
    cycle = quick.cycle()
    top = quick.objective(cycle, title="Top", key_results=[key_result_body(title="Measure")])
    middle = quick.objective(cycle, title="Middle", parents=[parent(top["key_results"][0], kind="supports")])
    answer = quick.try_patch(f"/objectives/{top['id']}", parents=[parent(middle)])
    assert pointers(answer) == ["/parents/0/parent_id"]
    assert "Top → Middle → Measure → Top" in answer.json["errors"][0]["detail"]


def test_an_objective_cannot_be_its_own_parent_or_have_one_twice(quick: Goals) -> None:
    cycle = quick.cycle()
    one, other = quick.objective(cycle, key_results=[key_result_body()]), quick.objective(cycle)
    for lines in ([parent(one)], [parent(one["key_results"][0])], [parent(other), parent(other)]):
        assert pointers(quick.try_patch(f"/objectives/{one['id']}", parents=lines))[0].startswith("/parents/")


def test_a_draft_counts_when_it_is_published(goals: Goals) -> None:
    cycle = goals.cycle()
    top = goals.objective(cycle)
    draft = goals.objective(cycle, state="draft", parents=[parent(top)], key_results=[key_result_body()])
    assert draft["key_results"][0]["open"] is False
    assert goals.get(f"/objectives/{top['id']}")["progress"] is None
    published = goals.post(f"/objectives/{draft['id']}/publish")
    assert (published["state"], published["key_results"][0]["open"]) == ("active", True)
    assert goals.get(f"/objectives/{top['id']}")["progress"] == 0
    assert goals.try_post(f"/objectives/{draft['id']}/publish").status_code == 409


def test_closing_suggests_the_grade_and_freezes_everything(goals: Goals) -> None:
    cycle = goals.cycle()
    made = goals.objective(cycle, kind="committed", key_results=[key_result_body()])
    key_result = made["key_results"][0]["id"]
    goals.running.tell(check_in(key_result, 75))
    closed = goals.post(f"/objectives/{made['id']}/close", grade=None)
    grading = (closed["suggested_grade"], closed["grade"], closed["band"], closed["missed"], closed["state"])
    assert grading == (0.75, 0.75, "yellow", True, "closed")
    goals.running.tell(check_in(key_result, 100, as_of=date(2026, 6, 1)))
    assert goals.get(f"/objectives/{made['id']}")["progress"] == 0.75
    assert goals.get(f"/key-results/{key_result}")["open"] is False
    assert goals.running.said(ObjectiveClosed)[0].grade == 0.75


def test_another_grade_needs_a_note(quick: Goals) -> None:
    made = quick.objective(quick.cycle(), key_results=[key_result_body()])
    path = f"/objectives/{made['id']}/close"
    assert pointers(quick.try_post(path, grade=0.9)) == ["/grade_note"]
    assert pointers(quick.try_post(path, grade=1.1)) == ["/grade"]
    closed = quick.post(path, grade=0.9, grade_note="Measured elsewhere.")
    assert (closed["suggested_grade"], closed["grade"], closed["band"], closed["missed"]) == (0, 0.9, "green", False)


def test_a_closed_objective_takes_no_change_until_it_is_reopened(goals: Goals) -> None:
    cycle = goals.cycle()
    top = goals.objective(cycle)
    made = goals.objective(cycle, parents=[parent(top)], key_results=[key_result_body()])
    key_result = made["key_results"][0]["id"]
    goals.post(f"/objectives/{made['id']}/close", grade=0.0)
    goals.running.tell(check_in(key_result, 40))
    refused = [
        goals.try_patch(f"/objectives/{made['id']}", title="New"),
        goals.try_patch(f"/key-results/{key_result}", title="New"),
        goals.try_post(f"/objectives/{made['id']}/key-results", **key_result_body()),
        goals.delete(f"/key-results/{key_result}"),
        goals.try_post(f"/objectives/{made['id']}/close", grade=1),
    ]
    assert {answer.status_code for answer in refused} == {409}
    reopened = goals.post(f"/objectives/{made['id']}/reopen")
    assert (reopened["grade"], reopened["closed_at"], reopened["progress"]) == (None, None, 0.4)
    assert goals.get(f"/objectives/{top['id']}")["progress"] == 0.4


def test_a_closed_child_still_counts_above(quick: Goals) -> None:
    cycle = quick.cycle()
    top = quick.objective(cycle)
    made = quick.objective(cycle, parents=[parent(top)], key_results=[key_result_body()])
    other = quick.objective(cycle, parents=[parent(top)], key_results=[key_result_body()])
    quick.running.tell(check_in(made["key_results"][0]["id"], 60))
    quick.post(f"/objectives/{made['id']}/close", grade=0.6)
    quick.running.tell(check_in(other["key_results"][0]["id"], 20))
    assert quick.get(f"/objectives/{top['id']}")["progress"] == 0.4


def test_nothing_is_aligned_to_what_is_closed(quick: Goals) -> None:
    cycle = quick.cycle()
    top = quick.objective(cycle)
    quick.post(f"/objectives/{top['id']}/close", grade=1)
    assert pointers(quick.try_post("/objectives", **objective_body(cycle, parents=[parent(top)]))) == [
        "/parents/0/parent_id"
    ]


def test_a_draft_is_thrown_away_unless_something_is_aligned_to_it(quick: Goals) -> None:
    cycle = quick.cycle()
    draft = quick.objective(cycle, state="draft", key_results=[key_result_body()])
    child = quick.objective(cycle, title="Child", parents=[parent(draft)])
    refused = quick.delete(f"/objectives/{draft['id']}")
    assert (refused.status_code, "Child" in refused.json["detail"]) == (409, True)
    quick.patch(f"/objectives/{child['id']}", parents=[])
    assert quick.delete(f"/objectives/{draft['id']}").status_code == 204
    assert quick.client.get(f"/api/v1/objectives/{draft['id']}").status_code == 404
    assert quick.client.get(f"/api/v1/key-results/{draft['key_results'][0]['id']}").status_code == 404
    assert quick.running.said(ObjectiveChanged)[-1].state == "deleted"
    assert quick.running.said(KeyResultChanged)[-1].removed


def test_an_active_objective_is_thrown_away_unless_somebody_has_checked_in_on_it(quick: Goals) -> None:
    cycle = quick.cycle()
    top = quick.objective(cycle)
    made = quick.objective(cycle, external_id="O", parents=[parent(top)], key_results=[key_result_body()])
    said = check_in(made["key_results"][0]["id"], 40)
    quick.running.tell(said)
    assert quick.get(f"/objectives/{top['id']}")["progress"] == pytest.approx(0.4)
    assert quick.delete(f"/objectives/{made['id']}").json["type"] == "urn:cairn:problem:checked_in"
    assert quick.try_post(f"/objectives/{made['id']}/unpublish").status_code == 409
    quick.running.tell(check_in(said.key_result_id, 40, id=said.id, version=2, withdrawn=True))
    assert quick.delete(f"/objectives/{made['id']}").status_code == 204
    assert quick.get(f"/objectives/{top['id']}")["progress"] is None
    assert quick.objective(cycle, external_id="O")["id"] != made["id"]


def test_an_active_objective_becomes_a_draft_again(quick: Goals) -> None:
    made = quick.objective(quick.cycle(), key_results=[key_result_body()])
    draft = quick.post(f"/objectives/{made['id']}/unpublish")
    assert (draft["state"], draft["key_results"][0]["open"]) == ("draft", False)
    assert quick.post(f"/objectives/{made['id']}/publish")["state"] == "active"


def test_an_empty_cycle_is_thrown_away_and_its_external_id_is_free(goals: Goals) -> None:
    cycle = goals.cycle(external_id="C")
    inside = goals.objective(cycle, title="Inside")
    refused = goals.delete(f"/cycles/{cycle['id']}")
    assert (refused.status_code, "Inside" in refused.json["detail"]) == (409, True)
    assert goals.delete(f"/objectives/{inside['id']}").status_code == 204
    assert goals.delete(f"/cycles/{cycle['id']}").status_code == 204
    assert goals.get("/cycles")["items"] == []
    assert goals.client.get(f"/api/v1/cycles/{cycle['id']}").status_code == 404
    assert goals.try_post("/objectives", **objective_body(cycle)).status_code == 422
    assert goals.cycle(external_id="C")["id"] != cycle["id"]
    assert goals.running.said(CycleChanged)[-1].state == "deleted"


def test_lists_are_filtered(goals: Goals) -> None:
    cycle, other = goals.cycle(), goals.cycle(name="2026")
    top = goals.objective(cycle, title="Höher 100% top")
    goals.objective(other, owner_id=BEN, parents=[parent(top)], state="draft", title="low")
    goals.objective(cycle, owner_kind="team", owner_id=TEAM, title="100 percent")

    def found(query: str) -> list[str]:
        return [each["title"] for each in goals.get(f"/objectives?{query}")["items"]]

    assert found(f"cycle_id={other['id']}") == ["low"]
    assert found(f"owner_id={BEN}") == ["low"]
    assert found("owner_kind=team") == ["100 percent"]
    assert found("state=draft") == ["low"]
    assert found(f"parent_id={top['id']}") == ["low"]
    assert found("q=100%25") == ["Höher 100% top"]
    assert found("q=TOP") == ["Höher 100% top"]


def test_pages_hold_every_objective_once(quick: Goals) -> None:
    cycle = quick.cycle()
    made = [quick.objective(cycle, title=str(number))["id"] for number in range(7)]
    seen, path = [], "/objectives?limit=3"
    while path:
        page = quick.get(path)
        seen += [each["id"] for each in page["items"]]
        path = f"/objectives?limit=3&cursor={page['next']}" if page["next"] else ""
    assert seen == made


def may(running: Hosted, who: Any, method: str, path: str, **body: Any) -> bool:
    goals = Goals(running, who)
    answer = goals.try_post(path, **body) if method == "post" else goals.try_patch(path, **body)
    assert answer.status_code in (200, 201, 403), answer.get_data(as_text=True)
    return answer.status_code != 403


@pytest.mark.parametrize(
    ("who", "allowed"), [(ANA, True), (BEN, True), (MIRA, True), (ROOT, True), (HR, True), (ZOE, False)]
)
def test_owner_co_owner_line_and_hr_may_change_an_objective(quick: Goals, who: Any, allowed: bool) -> None:
    made = quick.objective(quick.cycle(), owner_id=ANA, co_owner_ids=[BEN])
    assert may(quick.running, who, "patch", f"/objectives/{made['id']}", title="Mine") is allowed
    assert may(quick.running, who, "post", f"/objectives/{made['id']}/key-results", **key_result_body()) is allowed


@pytest.mark.parametrize(("who", "allowed"), [(ANA, True), (BEN, True), (MIRA, True), (ZOE, False)])
def test_members_and_those_above_the_lead_may_change_a_teams_objective(quick: Goals, who: str, allowed: bool) -> None:
    made = quick.objective(quick.cycle(), owner_kind="team", owner_id=TEAM)
    assert may(quick.running, who, "patch", f"/objectives/{made['id']}", title="Ours") is allowed


def test_nobody_makes_somebody_above_them_answer_for_an_objective(quick: Goals) -> None:
    cycle = quick.cycle()
    assert may(quick.running, BEN, "post", "/objectives", **objective_body(cycle, owner_id=BEN))
    assert not may(
        quick.running, BEN, "post", "/objectives", **objective_body(cycle, owner_id=MIRA, co_owner_ids=[BEN])
    )
    mine = quick.objective(cycle, owner_id=BEN)
    assert not may(quick.running, BEN, "patch", f"/objectives/{mine['id']}", owner_id=MIRA)
    assert may(quick.running, MIRA, "patch", f"/objectives/{mine['id']}", owner_id=ANA)


def test_employees_keep_no_cycles(quick: Goals) -> None:
    body = {"name": "Mine", "starts_on": "2026-01-01", "ends_on": "2026-02-01"}
    assert not may(quick.running, ANA, "post", "/cycles", **body)


def test_cycles_overlap_change_and_close(goals: Goals) -> None:
    year = goals.cycle(name="2026", starts_on="2026-01-01", ends_on="2026-12-31", external_id="Y")
    quarter = goals.cycle(name="Q2")
    assert [each["id"] for each in goals.get("/cycles?on=2026-05-01")["items"]] == [year["id"], quarter["id"]]
    assert goals.get("/cycles?external_id=Y")["items"] == [year]
    assert pointers(goals.try_patch(f"/cycles/{year['id']}", ends_on="2025-12-31")) == ["/ends_on"]
    assert goals.patch(f"/cycles/{quarter['id']}", state="closed")["state"] == "closed"
    assert pointers(goals.try_post("/objectives", **objective_body(quarter))) == ["/cycle_id"]


def test_other_days_of_a_cycle_mean_another_pace(goals: Goals) -> None:
    cycle = goals.cycle()
    made = goals.objective(cycle, key_results=[key_result_body()])
    goals.running.tell(check_in(made["key_results"][0]["id"], 10))
    assert goals.get(f"/objectives/{made['id']}")["status"] == "behind"
    goals.patch(f"/cycles/{cycle['id']}", ends_on="2027-06-30")
    assert goals.get(f"/objectives/{made['id']}")["status"] == "on_track"


def test_a_retried_creation_makes_one_objective(goals: Goals) -> None:
    body = objective_body(goals.cycle())
    post = [goals.client.post("/api/v1/objectives", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answered(post[0]) == answered(post[1])
    assert len(goals.get("/objectives")["items"]) == 1
