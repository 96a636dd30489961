"""A check-in moves its key result and every objective above it, once, in the transaction that heard of it."""

from contracts.goals import ObjectiveProgressed
from tests.support.goals import Goals, check_in, parent


def test_a_check_in_moves_everything_above_it(goals: Goals) -> None:
    cycle = goals.cycle()
    top = goals.objective(cycle, title="Top")
    middle = goals.objective(cycle, title="Middle", parents=[parent(top)])
    bottom = goals.objective(cycle, title="Bottom", parents=[parent(middle)])
    key_result = goals.key_result(bottom)
    goals.running.tell(check_in(key_result["id"], 40))
    assert [goals.get(f"/objectives/{each['id']}")["progress"] for each in (top, middle, bottom)] == [0.4] * 3
    assert goals.get(f"/key-results/{key_result['id']}")["value"] == "40"


def test_what_is_told_of_an_objective_has_all_its_lines_but_only_contributing_ones_are_climbed(goals: Goals) -> None:
    cycle = goals.cycle()
    through, beside = goals.objective(cycle, title="Through"), goals.objective(cycle, title="Beside")
    open_one, other = goals.key_result(through), goals.key_result(beside)
    upward = [parent(other, kind="supports", weight="0.5"), parent(open_one, weight="2.5")]
    bottom = goals.objective(cycle, title="Bottom", parents=upward)
    key_result = goals.key_result(bottom)
    before = len(goals.running.said(ObjectiveProgressed))
    goals.running.tell(check_in(key_result["id"], 40))
    told = {event.id: event for event in goals.running.said(ObjectiveProgressed)[before:]}
    assert told.keys() == {through["id"], bottom["id"]}
    lines = [(line.parent_id, line.parent_kind, line.kind, str(line.weight)) for line in told[bottom["id"]].parents]
    assert lines == sorted(
        [(open_one["id"], "key_result", "contributes", "2.5"), (other["id"], "key_result", "supports", "0.5")]
    )
