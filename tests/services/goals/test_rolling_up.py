"""A check-in moves its key result and every objective above it, once, in the transaction that heard of it."""

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
