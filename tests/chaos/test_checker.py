"""Each invariant sees its violation in a small history made by hand, and nothing in a right one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos import checker
from tests.chaos.checker import Copy, Told
from tests.chaos.history import FAIL, INFO, OK, Attempt
from tests.chaos.rollup import recomputed

TOPIC = "cairn.goals"


def attempt(type_: str, key: str = "k", **more: Any) -> Attempt:
    return Attempt(0, 0.0, 1.0, "check_in", key, type_, **more)


def told(key: str, version: int, place: int = 0) -> Told:
    return Told(TOPIC, key, version, f"{key}{version}", place)


@pytest.mark.parametrize(
    ("types", "there", "wrong"),
    [
        ([OK], ["1"], 0),
        ([OK], [], 1),
        ([INFO, OK], ["1"], 0),
        ([INFO], [], 0),
        ([INFO], ["1"], 0),
        ([FAIL], [], 0),
        ([FAIL], ["1"], 1),
        ([INFO, FAIL], ["1"], 0),
    ],
)
def test_what_was_acknowledged_is_there_and_what_was_refused_is_not(
    types: list[str], there: list[str], wrong: int
) -> None:
    assert len(checker.i1_written([attempt(type_) for type_ in types], {"k": there})) == wrong


def test_an_event_that_never_left_its_outbox_is_lost() -> None:
    assert checker.i2_published([told("a", 1), told("a", 2)], [told("a", 1)]) == [
        "I2 cairn.goals a v2: never published"
    ]


def test_an_event_nobody_said_is_a_phantom_unless_it_was_poison() -> None:
    heard = [told("a", 1), told("b", 1)]
    assert len(checker.i2_published([told("a", 1)], heard)) == 1
    assert checker.i2_published([told("a", 1)], heard, poison={"b1"}) == []


def test_sending_twice_is_no_loss_but_is_seen_where_nothing_failed() -> None:
    heard = [told("a", 1), told("a", 1)]
    assert checker.i2_published([told("a", 1)], heard) == []
    assert len(checker.i2_once(heard)) == 1


def test_every_consumer_takes_exactly_what_is_on_its_topics() -> None:
    heard, reads = [told("a", 1), told("a", 2)], {"gateway": {TOPIC}, "people": {"cairn.other"}}
    assert checker.i3_received(heard, {"gateway": {"a1", "a2"}, "people": set()}, reads) == []
    assert len(checker.i3_received(heard, {"gateway": {"a1"}, "people": set()}, reads)) == 1
    assert len(checker.i3_received(heard, {"gateway": {"a1", "a2"}, "people": {"a1"}}, reads)) == 1


def test_an_effect_that_stands_there_twice_is_seen() -> None:
    assert checker.i3_once([("goals", "e1", "k", "progressed"), ("goals", "e1", "l", "progressed")]) == []
    assert len(checker.i3_once([("goals", "e1", "k", "progressed")] * 2)) == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_any_interleaving_that_keeps_the_order_of_each_aggregate_is_right(steps: list[tuple[str, bool]]) -> None:
    last: dict[str, int] = {}
    taken = []
    for key, repeated in steps:
        if not repeated or key not in last:
            last[key] = last.get(key, 0) + 1
        taken.append(told(key, last[key]))
    assert checker.i4_in_order("gateway", taken) == []


@given(st.permutations(range(1, 6)))
def test_any_other_order_of_one_aggregate_is_seen(versions: list[int]) -> None:
    wrong = checker.i4_in_order("gateway", [told("a", version) for version in versions])
    assert bool(wrong) == (versions != sorted(versions))


def test_a_copy_is_compared_row_by_row_and_value_by_value() -> None:
    source = {"1": {"title": "A"}, "2": {"title": "B"}}
    assert checker.i5_equal([Copy("c", source, source)]) == []
    assert checker.i5_equal([Copy("c", {"1": {"title": "Z"}, "3": {"title": "C"}}, source)]) == [
        "I5 c 1: title 'Z', not 'A'",
        "I5 c 2: missing",
        "I5 c 3: invented",
    ]


def objective(id_: str, progress: float | None, state: str = "active") -> dict[str, Any]:
    return {"id": id_, "state": state, "progress": progress}


@pytest.mark.parametrize(
    ("leaf", "top", "wrong"), [(0.4, 0.4, 0), (0.4, 0.2, 1), (0.6, 0.6, 2)], ids=["right", "top stale", "double"]
)
def test_a_roll_up_is_computed_anew_from_the_check_ins(leaf: float, top: float, wrong: int) -> None:
    key_results = [{"id": "k", "objective_id": "leaf", "weight": 1, "progress": leaf}]
    said = {"key_result_id": "k", "submitted_at": 1, "withdrawn": False}
    check_ins = [{**said, "id": "2", "as_of": 2, "value": 40}, {**said, "id": "1", "as_of": 1, "value": 60}]
    links = [{"parent_id": "top", "child_id": "leaf", "weight": 1}]
    copy = recomputed([objective("leaf", leaf), objective("top", top)], key_results, links, check_ins)
    assert len(checker.i5_equal([copy])) == wrong


def test_a_closed_objective_keeps_what_it_had_and_counts_with_it() -> None:
    links = [{"parent_id": "top", "child_id": "shut", "weight": 1}]
    shut = objective("shut", 0.3, "closed")
    assert checker.i5_equal([recomputed([shut, objective("top", 0.3)], [], links, [])]) == []
    assert len(checker.i5_equal([recomputed([shut, objective("top", None)], [], links, [])])) == 1


@pytest.mark.parametrize(
    ("answers", "made", "wrong"),
    [
        ([("1", "x"), ("1", "x")], ["1"], 0),
        ([("1", "x"), ("2", "y")], ["1", "2"], 2),
        ([("1", "x"), ("1", "y")], ["1"], 1),
        ([("1", "x")], ["1", "2"], 1),
    ],
)
def test_a_key_stands_for_one_thing_and_one_answer(answers: list[tuple[str, str]], made: list[str], wrong: int) -> None:
    history = [attempt(OK, status=201, id=id_, answer=answer) for id_, answer in answers]
    assert len(checker.i6_one_resource(history, {"k": made})) == wrong


def test_a_second_delivery_for_one_cause_recipient_and_channel_is_seen() -> None:
    once = [("c1", "ana", "email"), ("c1", "ana", "inbox"), ("c1", "ben", "email"), ("c2", "ana", "email")]
    assert checker.i7_told_once(once) == []
    assert len(checker.i7_told_once([*once, once[0]])) == 1
