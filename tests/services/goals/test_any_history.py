"""Whatever is heard, in whatever order and batches, everything stands where a plain recomputation puts it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.bus import Received
from contracts.checkins import CheckInState
from tests.support.goals import Goals, chance, check_in, parent, recomputed, standings

METRICS: Sequence[dict[str, Any]] = (
    {"metric": "increase", "start": "-5.5", "target": 20},
    {"metric": "decrease", "start": 50, "target": 10},
    {"metric": "stay_above", "target": 3},
    {"metric": "stay_below", "target": 3},
    {"metric": "between", "lower": -1, "upper": 1},
    {"metric": "binary"},
    {"metric": "milestones", "milestones": [{"id": "a", "title": "A"}, {"id": "b", "title": "B", "weight": 3}]},
)


def grow(goals: Goals, rng: random.Random, size: int) -> list[str]:
    """A random graph with several parents, supporting lines, drafts and closed objectives; answers its key results."""
    cycle = goals.cycle()
    nodes: list[Any] = []
    key_results: list[str] = []
    for number in range(size):
        above = rng.sample(nodes, min(len(nodes), rng.choice((0, 1, 1, 2, 3))))
        lines = [parent(each, weight=rng.choice((0, 1, 2, "0.5")), kind=rng.choice(KINDS)) for each in above]
        measures = [measure(rng) for _ in range(rng.choice((0, 1, 1, 2)))]
        state = rng.choice(("active", "active", "active", "draft"))
        made = goals.objective(cycle, title=f"O{number}", parents=lines, state=state, key_results=measures)
        nodes += [made, *made["key_results"]]
        key_results += [each["id"] for each in made["key_results"]]
    return key_results


KINDS = ("contributes", "contributes", "contributes", "supports")


def measure(rng: random.Random) -> dict[str, Any]:
    return {"title": "K", "weight": rng.choice((0, 1, 1, 3))} | rng.choice(METRICS)


def history(rng: random.Random, key_results: Sequence[str], size: int) -> list[CheckInState]:
    """Check-ins with corrections and withdrawals, some of a kind their key result cannot use."""
    said: list[CheckInState] = []
    for _ in range(size):
        one = statement(rng, rng.choice(key_results))
        said.append(one)
        for version in range(2, rng.choice((2, 2, 3, 4))):
            fields = statement(rng, one.key_result_id)
            changed = {name: getattr(fields, name) for name in ("value", "milestones_done", "confidence", "as_of")}
            kept = {"id": one.id, "version": version, "submitted_at": one.submitted_at}
            said.append(check_in(one.key_result_id, **changed | kept | {"withdrawn": rng.random() < 0.3}))
    return said


def statement(rng: random.Random, key_result_id: str) -> CheckInState:
    done = rng.choice((None, None, [], ["a"], ["b"], ["a", "b", "unknown"]))
    day = date(2026, 4, 1) + timedelta(days=rng.randrange(90))
    moment = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(3))
    value = None if done is not None else rng.choice((0, 1, -7, 12, "30.25", 3))
    status = rng.choice((None, None, "at_risk", "on_track"))
    confidence = rng.choice((None, 0.5))
    fields = {"as_of": day, "submitted_at": moment, "confidence": confidence, "status": status}
    return check_in(key_result_id, value, milestones_done=done, **fields)


def deliver(goals: Goals, rng: random.Random, messages: Sequence[Received]) -> None:
    """Shuffled, some twice, cut into batches at random."""
    waiting = [*messages, *rng.choices(messages, k=len(messages) // 3)]
    rng.shuffle(waiting)
    while waiting:
        cut = rng.randint(1, 12)
        goals.running.take(waiting[:cut])
        waiting = waiting[cut:]


def in_place(goals: Goals) -> None:
    with goals.running.runtime.db.reading() as session:
        found, wanted = standings(session), recomputed(session)
    assert found == wanted


@pytest.mark.parametrize("seed", range(3))
def test_any_order_ends_where_a_plain_recomputation_ends(goals: Goals, seed: int) -> None:
    rng = chance(seed)
    key_results = grow(goals, rng, 18)
    in_place(goals)
    said = history(rng, key_results, 40)
    deliver(goals, rng, [goals.running.message(event) for event in said])
    in_place(goals)


@pytest.mark.parametrize("seed", range(3))
def test_edits_between_batches_change_nothing_about_that(quick: Goals, seed: int) -> None:
    rng = chance(100 + seed)
    key_results = grow(quick, rng, 14)
    for _ in range(12):
        deliver(quick, rng, [quick.running.message(event) for event in history(rng, key_results, 4)])
        edit(quick, rng, key_results)
        in_place(quick)


def edit(goals: Goals, rng: random.Random, key_results: list[str]) -> None:
    """One random change somewhere; what is refused is refused as a problem, never a failure."""
    every = goals.get("/objectives?limit=200")["items"]
    one, other = rng.choice(every), rng.choice(every)
    path, key = f"/objectives/{one['id']}", f"/key-results/{rng.choice(key_results)}"
    answer = rng.choice(
        (
            lambda: goals.try_patch(path, parents=[parent(other, weight=rng.choice((0, 1, 2)))]),
            lambda: goals.try_patch(path, parents=[]),
            lambda: goals.try_post(f"{path}/publish"),
            lambda: goals.try_post(f"{path}/close", grade=0.5, grade_note="Time is up."),
            lambda: goals.try_post(f"{path}/reopen"),
            lambda: goals.try_patch(key, weight=rng.choice((0, 2)), reason="Agreed so."),
            lambda: goals.try_patch(key, metric="stay_above", target=rng.choice((2, 4)), unit="number", reason="New."),
        )
    )()
    assert answer.status_code in (200, 409, 422), answer.get_data(as_text=True)


@pytest.mark.parametrize("seed", range(3))
def test_versions_grow_by_one_and_every_event_carries_the_state_of_its_version(quick: Goals, seed: int) -> None:
    rng = chance(200 + seed)
    key_results = grow(quick, rng, 12)
    deliver(quick, rng, [quick.running.message(event) for event in history(rng, key_results, 20)])
    for _ in range(6):
        edit(quick, rng, key_results)
    versions: dict[str, list[int]] = defaultdict(list)
    latest: dict[str, Any] = {}
    for row in quick.running.published():
        versions[row.event.id].append(row.event.version)
        latest[row.event.id] = row.event
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    with quick.running.runtime.db.reading() as session:
        stored = standings(session)
    told = {node: (latest[node].progress, latest[node].status) for node in stored}
    assert told == {node: (None if p is None else float(p), status) for node, (p, status) in stored.items()}
