"""Edits and roll-ups at the same moment: no loop gets through, no sum is wrong, nobody deadlocks."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.goals import HR, Goals, chance, check_in, parent, recomputed, standings
from tests.support.hosted import Hosted


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all at one moment and wait for them; answers what each answered."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(10)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_links_that_together_close_a_loop_one_wins(running: Hosted, attempt: int) -> None:
    goals = Goals(running)
    cycle = goals.cycle()
    first, second = goals.objective(cycle, title="Hen"), goals.objective(cycle, title="Egg")
    middle = goals.objective(cycle, title="Nest", parents=[parent(second)])

    def align(child: Any, above: Any) -> TestResponse:
        return Goals(running).try_patch(f"/objectives/{child['id']}", parents=[parent(above)])

    answers = together([lambda: align(first, middle), lambda: align(second, first)])
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert refused.json["errors"][0]["pointer"] == "/parents/0/parent_id"
    assert all(title in refused.json["errors"][0]["detail"] for title in ("Hen", "Egg", "Nest"))


def test_check_ins_and_edits_from_four_threads_leave_every_sum_right(running: Hosted) -> None:
    goals = Goals(running)
    objectives, key_results = forest(goals)
    acts = [lambda: hear(running, 1, key_results), lambda: hear(running, 2, key_results)]
    acts += [lambda: edit(running, 3, objectives, key_results), lambda: edit(running, 4, objectives, key_results)]
    statuses = {status for answers in together(acts) for status in answers}
    assert statuses <= {200, 409, 412, 422}, "a refusal is a problem, never a failure"
    with running.runtime.db.reading() as session:
        assert standings(session) == recomputed(session)


def forest(goals: Goals) -> tuple[list[Any], list[str]]:
    """Four levels, each objective under two of the level above; key results at the bottom."""
    cycle = goals.cycle()
    levels: list[list[Any]] = []
    for depth in range(4):
        above = (
            [[parent(levels[-1][place]), parent(levels[-1][place - 1])] for place in range(4)] if levels else [[]] * 4
        )
        levels.append([goals.objective(cycle, title=f"{depth}.{place}", parents=above[place]) for place in range(4)])
    key_results = [goals.key_result(each)["id"] for each in levels[-1] for _ in range(3)]
    return [each for level in levels for each in level], key_results


def hear(running: Hosted, seed: int, key_results: Sequence[str]) -> list[int]:
    """Batches of check-ins, as one consumer takes them."""
    rng = chance(seed)
    for _ in range(15):
        running.tell(*(check_in(rng.choice(key_results), rng.randrange(100)) for _ in range(5)))
    return [200]


def edit(running: Hosted, seed: int, objectives: Sequence[Any], key_results: Sequence[str]) -> list[int]:
    """Realigning, re-weighting, closing and reopening, as one person does it."""
    rng = chance(seed)
    goals = Goals(running, HR)
    answers = []
    for _ in range(12):
        one, other = rng.choice(objectives), rng.choice(objectives)
        path = f"/objectives/{one['id']}"
        answers += [
            goals.try_patch(path, parents=[parent(other)]),
            goals.try_patch(f"/key-results/{rng.choice(key_results)}", weight=rng.choice((0, 1, 5))),
            goals.try_post(f"{path}/close", grade=1, grade_note="Done."),
            goals.try_post(f"{path}/reopen"),
        ]
    return [answer.status_code for answer in answers]
