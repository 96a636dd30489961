"""Key results: what check-ins make of them, re-baselines, removal, their history, and the explanation above them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from contracts.checkins import CheckInCorrected, CheckInSubmitted, CheckInWithdrawn
from contracts.examples import load
from contracts.goals import (
    KeyResultChanged,
    KeyResultCreated,
    KeyResultFellAtRisk,
    KeyResultProgressed,
    ObjectiveProgressed,
)
from tests.support.goals import ANA, BEN, TEAM, Goals, check_in, key_result_body, parent


@pytest.fixture
def objective(goals: Goals) -> Any:
    return goals.objective(goals.cycle())


def stands(goals: Goals, key_result: Any) -> tuple[Any, ...]:
    now = goals.get(f"/key-results/{key_result['id']}")
    return now["value"], now["progress_raw"], now["progress"]


@pytest.mark.parametrize("kind", [CheckInSubmitted, CheckInCorrected, CheckInWithdrawn])
def test_the_written_examples_are_kept_and_count(goals: Goals, objective: Any, kind: Any) -> None:
    key_result = goals.key_result(objective, metric="decrease", start=50, target=10)
    said = replace(load(kind)[1], key_result_id=key_result["id"])
    goals.running.tell(said)
    value = None if said.withdrawn else said.value
    progress = 0 if value is None else float((50 - value) / 40)
    assert stands(goals, key_result) == (None if value is None else str(value), progress, progress)


def test_raw_progress_is_kept_and_only_the_clamped_rolls_up(goals: Goals, objective: Any) -> None:
    over, under = goals.key_result(objective), goals.key_result(objective)
    goals.running.tell(check_in(over["id"], 150), check_in(under["id"], -25))
    assert [stands(goals, each) for each in (over, under)] == [("150", 1.5, 1), ("-25", -0.25, 0)]
    assert goals.get(f"/objectives/{objective['id']}")["progress"] == 0.5


def test_late_corrected_and_withdrawn_check_ins_recompute(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective)
    first = check_in(key_result["id"], 40, as_of=date(2026, 5, 10))
    goals.running.tell(first, check_in(key_result["id"], 10, as_of=date(2026, 5, 1)))
    assert stands(goals, key_result)[0] == "40"
    goals.running.tell(check_in(key_result["id"], 45, id=first.id, version=2, as_of=date(2026, 5, 10)))
    assert stands(goals, key_result)[0] == "45"
    goals.running.tell(check_in(key_result["id"], 45, id=first.id, version=3, withdrawn=True))
    goals.running.tell(first)
    assert stands(goals, key_result)[0] == "10"
    assert goals.get(f"/objectives/{objective['id']}")["progress"] == 0.1


def test_a_check_in_for_an_unknown_key_result_waits(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective)
    goals.running.tell(check_in("0190b6a4-9d5c-7c3e-8a55-0000000000fe", 3), check_in(key_result["id"], 3))
    assert stands(goals, key_result)[0] == "3"


def test_an_objective_below_a_key_result_moves_it_until_somebody_checks_in(goals: Goals, objective: Any) -> None:
    upper = goals.key_result(objective)
    child = goals.objective({"id": objective["cycle_id"]}, parents=[parent(upper)], key_results=[key_result_body()])
    goals.running.tell(check_in(child["key_results"][0]["id"], 80))
    assert stands(goals, upper) == (None, 0.8, 0.8)
    goals.running.tell(check_in(upper["id"], 20))
    assert stands(goals, upper) == ("20", 0.2, 0.2)
    assert goals.get(f"/objectives/{objective['id']}")["progress"] == 0.2


def test_the_batch_is_told_once_per_thing_with_the_event_that_caused_it(goals: Goals, objective: Any) -> None:
    first, second = goals.key_result(objective), goals.key_result(objective)
    later = check_in(second["id"], 20, as_of=date(2026, 5, 2))
    messages = goals.running.tell(check_in(first["id"], 10), check_in(second["id"], 30), later)
    causes = [message.message.headers["ce_id"] for message in messages]
    told = [row for row in goals.running.published() if isinstance(row.event, KeyResultProgressed)]
    assert {row.event.id: row.headers["ce_causationid"] for row in told[-2:]} == {
        first["id"]: causes[0],
        second["id"]: causes[1],
    }
    assert goals.running.said(ObjectiveProgressed)[-1].progress == 0.15
    assert len(goals.running.said(ObjectiveProgressed)) == 2, "once at the first key result, once for the batch"


def test_a_repeated_check_in_is_told_once(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective)
    messages = goals.running.tell(check_in(key_result["id"], 10))
    said = len(goals.running.published())
    goals.running.take(messages)
    goals.running.tell(check_in(key_result["id"], 10, id=messages[0].message.key))
    assert len(goals.running.published()) == said


@pytest.mark.parametrize(
    ("owner", "key_result_owner", "told"),
    [
        ({"owner_id": ANA, "co_owner_ids": [BEN]}, None, [ANA, BEN]),
        ({"owner_id": ANA}, BEN, [BEN]),
        ({"owner_kind": "team", "owner_id": TEAM}, None, [ANA]),
    ],
)
def test_falling_at_risk_is_told_once_to_those_who_should_know(
    goals: Goals, owner: dict[str, Any], key_result_owner: str | None, told: list[str]
) -> None:
    made = goals.objective(goals.cycle(), **owner)
    key_result = goals.key_result(made, owner_id=key_result_owner)
    for day, status in ((1, "on_track"), (2, "at_risk"), (3, "at_risk"), (4, "behind")):
        goals.running.tell(check_in(key_result["id"], 10, as_of=date(2026, 5, day), status=status))
    fallen = goals.running.said(KeyResultFellAtRisk)
    assert [each.owner_ids for each in fallen] == [told]
    assert goals.get(f"/objectives/{made['id']}")["status"] == "behind"


def test_a_re_baseline_after_a_check_in_needs_a_reason_and_recomputes(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective)
    path = f"/key-results/{key_result['id']}"
    assert goals.patch(path, target=200)["target"] == "200", "before the first check-in nobody is surprised"
    goals.running.tell(check_in(key_result["id"], 100))
    refused = goals.try_patch(path, target=400)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/reason")
    changed = goals.patch(path, target=400, reason="Twice the market.")
    assert (changed["progress"], goals.get(f"/objectives/{objective['id']}")["progress"]) == (0.25, 0.25)
    kept = goals.get(f"{path}/series")["rebaselines"]
    assert [(each["reason"], each["before"]["target"]) for each in kept] == [("Twice the market.", "200")]


def test_wording_and_weight_need_no_reason(goals: Goals, objective: Any) -> None:
    stages = [{"id": "a", "title": "Plan"}, {"id": "b", "title": "Do"}]
    key_result = goals.key_result(objective, metric="milestones", milestones=stages)
    goals.running.tell(check_in(key_result["id"], milestones_done=["a"]))
    changed = goals.patch(
        f"/key-results/{key_result['id']}", weight=2, milestones=[{"id": "a", "title": "Think"}, stages[1]]
    )
    assert ([each["title"] for each in changed["milestones"]], changed["progress"]) == (["Think", "Do"], 0.5)


def test_another_metric_drops_what_it_does_not_take(quick: Goals) -> None:
    key_result = quick.key_result(quick.objective(quick.cycle()))
    changed = quick.patch(f"/key-results/{key_result['id']}", metric="binary")
    assert (changed["metric"], changed["start"], changed["target"]) == ("binary", None, None)
    refused = quick.try_patch(f"/key-results/{key_result['id']}", metric="between")
    assert {error["pointer"] for error in refused.json["errors"]} == {"/lower", "/upper"}


def test_weights_decide_and_zero_is_a_guardrail(goals: Goals, objective: Any) -> None:
    heavy, light = goals.key_result(objective, weight=3), goals.key_result(objective)
    guard = goals.key_result(objective, metric="stay_below", target=5, weight=0)
    goals.running.tell(check_in(heavy["id"], 100), check_in(light["id"], 0), check_in(guard["id"], 9))
    now = goals.get(f"/objectives/{objective['id']}")
    assert (now["progress"], now["status"]) == (0.75, "at_risk")
    goals.patch(f"/key-results/{heavy['id']}", weight=1)
    assert goals.get(f"/objectives/{objective['id']}")["progress"] == 0.5


def test_a_removed_key_result_counts_no_more_but_keeps_its_check_ins(goals: Goals, objective: Any) -> None:
    one, other = goals.key_result(objective), goals.key_result(objective, external_id="KR")
    goals.running.tell(check_in(one["id"], 20), check_in(other["id"], 80))
    assert goals.delete(f"/key-results/{other['id']}").status_code == 204
    goals.running.tell(check_in(other["id"], 90))
    assert goals.get(f"/objectives/{objective['id']}")["progress"] == 0.2
    assert goals.client.get(f"/api/v1/key-results/{other['id']}").status_code == 404
    assert goals.running.said(KeyResultChanged)[-1].removed
    goals.key_result(objective, external_id="KR")


def test_a_key_result_with_objectives_below_stays(quick: Goals) -> None:
    cycle = quick.cycle()
    top = quick.objective(cycle, key_results=[key_result_body()])
    quick.objective(cycle, title="Below", parents=[parent(top["key_results"][0])])
    refused = quick.delete(f"/key-results/{top['key_results'][0]['id']}")
    assert (refused.status_code, "Below" in refused.json["detail"]) == (409, True)


def test_the_series_is_the_history_by_day(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective)
    evening = datetime(2026, 5, 1, 20, tzinfo=UTC)
    goals.running.tell(
        check_in(key_result["id"], 150, as_of=date(2026, 5, 9)),
        check_in(key_result["id"], 30, submitted_at=evening),
        check_in(key_result["id"], 20),
    )
    points = goals.get(f"/key-results/{key_result['id']}/series")["points"]
    assert [(each["as_of"], each["value"], each["progress_raw"], each["progress"]) for each in points] == [
        ("2026-05-01", "30", 0.3, 0.3),
        ("2026-05-09", "150", 1.5, 1),
    ]


def test_the_explanation_adds_up_to_the_progress(goals: Goals, objective: Any) -> None:
    key_results = [goals.key_result(objective, weight=weight) for weight in (1, 1, 1, 0)]
    cycle = {"id": objective["cycle_id"]}
    goals.objective(cycle, parents=[parent(objective)], state="draft", key_results=[key_result_body()])
    child = goals.objective(
        cycle, title="Child", parents=[parent(objective, weight=4)], key_results=[key_result_body()]
    )
    measured = [each["id"] for each in key_results] + [child["key_results"][0]["id"]]
    goals.running.tell(*(check_in(each, value) for each, value in zip(measured, (10, 33, 77, 90, 50), strict=True)))
    why = goals.get(f"/objectives/{objective['id']}/explain")
    parts = why["contributions"]
    assert round(sum(each["points"] for each in parts), 6) == why["progress"] == 0.457143
    assert round(sum(each["share"] for each in parts), 6) == 1
    assert [each["counts"] for each in parts] == [True, True, True, False, False, True]
    assert {each["kind"] for each in parts} == {"key_result", "objective"}


def test_the_explanation_of_a_closed_objective_stays(goals: Goals, objective: Any) -> None:
    cycle = {"id": objective["cycle_id"]}
    child = goals.objective(cycle, parents=[parent(objective)], key_results=[key_result_body()])
    goals.running.tell(check_in(child["key_results"][0]["id"], 50))
    goals.post(f"/objectives/{objective['id']}/close", grade=0.5)
    goals.running.tell(check_in(child["key_results"][0]["id"], 90, as_of=date(2026, 6, 1)))
    why = goals.get(f"/objectives/{objective['id']}/explain")
    assert (why["progress"], why["contributions"][0]["points"]) == (0.5, 0.5)


def test_republishing_says_the_present_state_again(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective)
    goals.running.tell(check_in(key_result["id"], 10))
    latest = {row.event.id: row.event.version for row in goals.running.published()}
    before = len(goals.running.published())
    with goals.running.unit() as unit:
        goals.running.runtime.service.republish(unit)
    again = goals.running.published()[before:]
    assert {row.event.id: row.event.version for row in again} == latest
    assert goals.running.said(KeyResultChanged)[-1].value == 10


def test_quantities_are_exact(goals: Goals, objective: Any) -> None:
    key_result = goals.key_result(objective, start="-0.1", target="123456789012345678.123456789")
    assert (key_result["start"], key_result["target"]) == ("-0.1", "123456789012345678.123456789")
    far = goals.key_result(objective, start=0, target="0.000000001")
    goals.running.tell(check_in(far["id"], "999999999999999999"))
    assert stands(goals, far) == ("999999999999999999", 9.99999999999999999e26, 1)


def test_a_key_result_says_since_when_check_ins_are_taken_and_keeps_to_it(goals: Goals) -> None:
    started = goals.running.clock.now
    cycle = goals.cycle()
    draft = goals.objective(cycle, state="draft", key_results=[key_result_body(title="Early")])
    active = goals.objective(cycle, key_results=[key_result_body(title="At once")])
    goals.running.clock.advance(timedelta(days=3))
    goals.post(f"/objectives/{draft['id']}/publish")
    goals.key_result(active, title="Late")
    goals.running.clock.advance(timedelta(days=3))
    for each in (draft, active):
        goals.post(f"/objectives/{each['id']}/close", grade=0)
        goals.post(f"/objectives/{each['id']}/reopen")
    with goals.running.unit() as unit:
        goals.running.runtime.service.republish(unit)
    after = started + timedelta(days=3)
    told = [(event.title, event.opened_at) for event in goals.running.said(KeyResultChanged)]
    assert set(told) == {("Early", after), ("At once", started), ("Late", after)}
    created = {event.title: event.opened_at for event in goals.running.said(KeyResultCreated)}
    assert created == {"Early": None, "At once": started, "Late": after}
