"""Expected progress, and the status that follows from it or from what was reported."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.rules.measuring import measure
from services.goals.rules.metrics import Metric
from services.goals.rules.pace import (
    PRECEDENCE,
    Bands,
    expected_progress,
    key_result_status,
    objective_status,
    pace_status,
    period_faults,
)
from tests.services.goals.rules.builders import (
    FIRST_DAY,
    LAST_DAY,
    between,
    binary,
    decrease,
    increase,
    milestones,
    reading,
    stay_above,
    stay_below,
)


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def status_of(metric: Metric, value: str | None, on: int, reported: str | None = None) -> str:
    done = ("a",) if metric.kind == "milestones" else None
    history = [reading(value, on=day(on), status=reported, done=done)]
    return key_result_status(metric, measure(metric, history), FIRST_DAY, LAST_DAY)


@pytest.mark.parametrize(
    ("number", "expected"), [(-30, "0"), (0, "0"), (1, "0.01"), (50, "0.5"), (99, "0.99"), (100, "1"), (300, "1")]
)
def test_expected_progress_is_a_line_from_the_first_day_to_the_last(number: int, expected: str) -> None:
    assert expected_progress(day(number), FIRST_DAY, LAST_DAY) == Decimal(expected)


def test_a_period_of_one_day_expects_all_on_that_day() -> None:
    assert [expected_progress(day(n), day(5), day(5)) for n in (4, 5, 6)] == [0, 1, 1]


def test_a_period_must_end_after_it_starts() -> None:
    assert period_faults(day(0), day(1)) == []
    assert [fault.pointer for fault in period_faults(day(1), day(1))] == ["/ends_on"]
    assert [fault.pointer for fault in period_faults(day(1), day(0))] == ["/ends_on"]


@given(st.dates(), st.dates(), st.dates(), st.dates())
def test_expected_progress_never_falls_and_stays_within_zero_and_one(
    a: date, b: date, starts: date, ends: date
) -> None:
    early, late = (expected_progress(moment, starts, ends) for moment in sorted([a, b]))
    assert 0 <= early <= late <= 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("0.8", "on_track"),
        ("0.5", "on_track"),
        ("0.499999", "behind"),
        ("0.25", "behind"),
        ("0.249999", "at_risk"),
        ("-3", "at_risk"),
        ("7", "on_track"),
    ],
)
def test_the_gap_to_the_expected_half_decides_the_band(raw: str, status: str) -> None:
    assert pace_status(Decimal(raw), Decimal("0.5")) == status


def test_bands_can_be_chosen() -> None:
    lenient = Bands(on_track=Decimal("0.1"), behind=Decimal("0.4"))
    assert [pace_status(Decimal(raw), Decimal("0.5"), lenient) for raw in ("0.4", "0.1", "0")] == [
        "on_track",
        "behind",
        "at_risk",
    ]


@pytest.mark.parametrize(
    ("metric", "value", "on", "status"),
    [
        (increase(), "0", 0, "on_track"),
        (increase(), "-1", 0, "behind"),
        (increase(), "49", 50, "behind"),
        (increase(), "20", 50, "at_risk"),
        (increase(), "100", 100, "on_track"),
        (decrease(), "50", 50, "on_track"),
        (decrease(), "60", 50, "behind"),
        (milestones(a="1", b="1"), None, 60, "behind"),
        (binary(), "1", 10, "on_track"),
        (binary(), "0", 10, "behind"),
        (stay_above("10"), "11", 90, "on_track"),
        (stay_above("10"), "10", 1, "at_risk"),
        (stay_below("10"), "9", 90, "on_track"),
        (stay_below("10"), "10", 1, "at_risk"),
        (between("1", "2"), "2", 90, "on_track"),
        (between("1", "2"), "3", 0, "at_risk"),
    ],
    ids=str,
)
def test_unreported_status_follows_the_pace_or_the_range(
    metric: Metric, value: str | None, on: int, status: str
) -> None:
    assert status_of(metric, value, on) == status


@pytest.mark.parametrize("reported", ["on_track", "behind", "at_risk"])
def test_a_reported_status_wins_over_the_computed_one(reported: str) -> None:
    assert status_of(increase(), "0", 100, reported) == reported
    assert status_of(stay_above("10"), "20", 0, reported) == reported


@pytest.mark.parametrize("reported", ["not_started", "splendid", ""])
def test_a_status_nobody_can_report_counts_as_unsaid(reported: str) -> None:
    assert status_of(increase(), "0", 100, reported) == "at_risk"


@pytest.mark.parametrize("metric", [increase(), stay_below("3"), binary()], ids=str)
def test_silence_is_never_green(metric: Metric) -> None:
    assert key_result_status(metric, measure(metric, []), FIRST_DAY, LAST_DAY) == "not_started"
    assert (
        key_result_status(metric, measure(metric, [reading("1", withdrawn=True)]), FIRST_DAY, LAST_DAY) == "not_started"
    )


@pytest.mark.parametrize(
    ("children", "status"),
    [
        ([], "not_started"),
        (["not_started"], "not_started"),
        (["not_started", "on_track"], "on_track"),
        (["on_track", "behind", "not_started"], "behind"),
        (["on_track", "at_risk", "behind"], "at_risk"),
    ],
)
def test_an_objective_is_as_worrying_as_its_worst_child(children: list[str], status: str) -> None:
    assert objective_status(children) == status
    assert objective_status(reversed(children)) == status


@given(st.lists(st.sampled_from(PRECEDENCE)), st.lists(st.sampled_from(PRECEDENCE)))
def test_status_of_groups_is_the_status_of_all(some: list[str], others: list[str]) -> None:
    assert objective_status([objective_status(some), objective_status(others)]) == objective_status(some + others)
