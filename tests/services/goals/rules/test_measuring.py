"""What a key result's check-ins come to, in whatever order and however often they arrive."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.goals.rules.measuring import Measured, Point, Reading, accepts, measure, series
from services.goals.rules.metrics import Metric
from tests.services.goals.rules.builders import (
    FIRST_DAY,
    amounts,
    any_metric,
    between,
    binary,
    decrease,
    directional,
    increase,
    milestones,
    reading,
    readings,
    stay_above,
    stay_below,
)

NEXT_DAY = FIRST_DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("metric", "value", "raw"),
    [
        (increase("0", "100"), "40", "0.4"),
        (increase("20", "80"), "50", "0.5"),
        (increase("20", "80"), "20", "0"),
        (increase("20", "80"), "80", "1"),
        (increase("20", "80"), "110", "1.5"),
        (increase("20", "80"), "5", "-0.25"),
        (increase("-50", "-10"), "-20", "0.75"),
        (increase("-10", "10"), "0", "0.5"),
        (increase("0", "3"), "1", "0.333333"),
        (increase("0", "3"), "2", "0.666667"),
        (increase("0", "8000000"), "1", "0"),
        (increase("0", "8000000"), "-1", "0"),
        (increase("0", "10000000"), "9999999", "0.999999"),
        (increase("0", "10000000"), "10000004", "1"),
        (increase("0.1", "0.3"), "0.2", "0.5"),
        (increase("0", "0.000000001"), "999999999999999999", "999999999999999999000000000"),
        (decrease("100", "0"), "25", "0.75"),
        (decrease("40", "10"), "40", "0"),
        (decrease("40", "10"), "5", "1.166667"),
        (decrease("40", "10"), "55", "-0.5"),
        (decrease("-1", "-5"), "-3", "0.5"),
        (stay_above("99.9"), "99.91", "1"),
        (stay_above("99.9"), "99.9", "0"),
        (stay_above("99.9"), "99.8", "0"),
        (stay_below("5"), "4.999999999", "1"),
        (stay_below("5"), "5", "0"),
        (stay_below("-5"), "-6", "1"),
        (between("10", "20"), "10", "1"),
        (between("10", "20"), "20", "1"),
        (between("10", "20"), "9.999", "0"),
        (between("10", "20"), "20.001", "0"),
        (binary(), "0", "0"),
        (binary(), "1", "1"),
        (binary(), "1.0", "1"),
    ],
    ids=str,
)
def test_a_value_becomes_a_ratio_of_the_way(metric: Metric, value: str, raw: str) -> None:
    measured = measure(metric, [reading(value)])
    assert measured.progress_raw == Decimal(raw)
    assert measured.progress == max(0, min(1, Decimal(raw)))
    assert measured.value == Decimal(value)


@pytest.mark.parametrize(
    ("done", "raw"), [((), "0"), (("a",), "0.25"), (("b", "a"), "0.75"), (("c", "b", "a"), "1"), (("d",), "0")]
)
def test_milestones_count_with_their_weights(done: tuple[str, ...], raw: str) -> None:
    measured = measure(milestones(a="1", b="2", c="1", d="0"), [reading(done=done)])
    assert measured.progress_raw == Decimal(raw)
    assert measured.value is None
    assert measured.milestones_done == tuple(sorted(done))


def test_a_milestone_that_is_no_longer_defined_does_not_count() -> None:
    measured = measure(milestones(a="1", b="1"), [reading(done=("b", "gone", "b"))])
    assert (measured.milestones_done, measured.progress_raw) == (("b",), Decimal("0.5"))


@pytest.mark.parametrize("metric", [increase("20", "80"), stay_below("5"), binary(), milestones(a="1")], ids=str)
def test_before_the_first_check_in_nothing_is_measured_and_progress_is_zero(metric: Metric) -> None:
    measured = measure(metric, [])
    assert measured == Measured()
    assert (measured.value, measured.progress, measured.progress_raw, measured.as_of) == (None, 0, 0, None)
    assert not measured.started


def test_progress_may_fall_again() -> None:
    history = [reading("60", id="one"), reading("30", id="two", on=NEXT_DAY)]
    assert measure(increase(), history).progress == Decimal("0.3")


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (reading("1", id="z", on=FIRST_DAY, at=9), reading("2", id="a", on=NEXT_DAY, at=1)),
        (reading("1", id="z", at=1), reading("2", id="a", at=2)),
        (reading("1", id="a", at=1), reading("2", id="b", at=1)),
    ],
    ids=["day", "submission", "id"],
)
def test_the_latest_is_told_by_day_then_submission_then_id(earlier: Reading, later: Reading) -> None:
    assert measure(increase(), [later, earlier]).value == measure(increase(), [earlier, later]).value == 2


def test_confidence_and_status_are_those_of_the_latest_check_in_even_if_unsaid() -> None:
    told = reading("1", id="one", confidence=0.8, status="behind")
    silent = reading("2", id="two", on=NEXT_DAY)
    assert (measure(increase(), [told]).confidence, measure(increase(), [told]).reported_status) == (0.8, "behind")
    both = measure(increase(), [told, silent])
    assert (both.confidence, both.reported_status, both.check_in_id) == (None, None, "two")


def test_a_reading_the_metric_cannot_use_is_passed_over() -> None:
    usable = reading("1", id="one")
    later = [
        reading(None, id="two", on=NEXT_DAY),
        reading("0.5", id="three", on=NEXT_DAY),
        reading("NaN", id="four", on=NEXT_DAY),
    ]
    assert measure(binary(), [*later, usable]).check_in_id == "one"
    assert not measure(milestones(a="1"), [usable]).started


def test_a_withdrawn_latest_check_in_gives_way_to_the_one_before() -> None:
    history = [reading("10", id="one"), reading("90", id="two", on=NEXT_DAY, withdrawn=True)]
    assert measure(increase(), history).value == 10


def test_a_correction_may_move_a_check_in_to_another_day() -> None:
    history = [reading("10", id="one"), reading("20", id="two", on=NEXT_DAY)]
    moved = replace(history[1], as_of=FIRST_DAY - timedelta(days=1), version=2)
    assert measure(increase(), [moved, *history]).value == 10


def test_history_has_one_point_a_day_with_its_last_word() -> None:
    history = [
        reading("150", id="three", on=NEXT_DAY),
        reading("20", id="two", at=2),
        reading("10", id="one", at=1),
        reading("99", id="four", at=3, withdrawn=True),
    ]
    assert series(increase(), history) == [
        Point(FIRST_DAY, Decimal(20), Decimal("0.2"), Decimal("0.2")),
        Point(NEXT_DAY, Decimal(150), Decimal("1.5"), Decimal(1)),
    ]


@pytest.mark.parametrize("metric", [increase("0", "8000000"), decrease("8000000", "0")], ids=str)
@pytest.mark.parametrize("value", ["-1", "0", "8000000", "8000001"])
def test_no_progress_is_told_as_a_negative_zero(metric: Metric, value: str) -> None:
    measured = measure(metric, [reading(value)])
    assert not (measured.progress_raw == 0 and measured.progress_raw.is_signed())
    assert not measured.progress.is_signed()


def test_a_foreign_decimal_context_changes_nothing() -> None:
    metric, history = increase("-123456789.123456789", "987654321.987654321"), [reading("111111111.111111111")]
    with localcontext(prec=3):
        rough = measure(metric, history)
    assert rough == measure(metric, history)


@pytest.mark.parametrize(
    ("metric", "value", "done", "pointers"),
    [
        (increase(), "-3.5", None, []),
        (increase(), "250", [], []),
        (increase(), None, None, ["/value"]),
        (increase(), "Infinity", None, ["/value"]),
        (increase(), "1e400", None, ["/value"]),
        (increase(), "3", ["a"], ["/milestones_done"]),
        (stay_below("3"), None, [], ["/value"]),
        (binary(), "0", None, []),
        (binary(), "1", None, []),
        (binary(), "0.5", None, ["/value"]),
        (binary(), "-1", None, ["/value"]),
        (binary(), "NaN", None, ["/value"]),
        (milestones(a="1", b="1"), None, [], []),
        (milestones(a="1", b="1"), None, ["b", "a"], []),
        (milestones(a="1", b="1"), None, None, ["/milestones_done"]),
        (milestones(a="1", b="1"), None, ["a", "x"], ["/milestones_done/1"]),
        (milestones(a="1", b="1"), "1", ["a"], ["/value"]),
    ],
    ids=str,
)
def test_a_check_in_must_speak_the_language_of_its_metric(
    metric: Metric, value: str | None, done: list[str] | None, pointers: list[str]
) -> None:
    faults = accepts(metric, None if value is None else Decimal(value), done)
    assert [fault.pointer for fault in faults] == pointers


@given(any_metric(), readings(), st.data())
def test_order_and_repetition_of_readings_change_nothing(
    metric: Metric, history: list[Reading], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(history), max_size=5)) if history else []
    arrived = data.draw(st.permutations(history + repeats))
    assert measure(metric, arrived) == measure(metric, history)
    assert series(metric, arrived) == series(metric, history)


@given(any_metric(), readings(), st.data())
def test_superseded_versions_change_nothing_whenever_they_arrive(
    metric: Metric, history: list[Reading], data: st.DataObject
) -> None:
    stragglers = [replace(old, value=Decimal(7), version=0, withdrawn=False) for old in history]
    arrived = data.draw(st.permutations(history + stragglers))
    assert measure(metric, arrived) == measure(metric, history)


@given(any_metric(), readings(), readings(max_size=1), st.data())
def test_a_check_in_corrected_and_withdrawn_was_never_made(
    metric: Metric, history: list[Reading], extra: list[Reading], data: st.DataObject
) -> None:
    made = [replace(one, check_in_id="extra", withdrawn=False) for one in extra]
    corrected = [replace(one, value=Decimal(1), version=2) for one in made]
    withdrawn = [replace(one, withdrawn=True, version=3) for one in corrected]
    arrived = data.draw(st.permutations(history + made + corrected + withdrawn))
    assert measure(metric, arrived) == measure(metric, history)
    assert series(metric, arrived) == series(metric, history)


@given(any_metric(), readings())
def test_the_last_point_of_the_history_is_the_present(metric: Metric, history: list[Reading]) -> None:
    measured, points = measure(metric, history), series(metric, history)
    assert [point.as_of for point in points] == sorted({point.as_of for point in points})
    if points:
        assert points[-1] == Point(points[-1].as_of, measured.value, measured.progress_raw, measured.progress)
        assert points[-1].as_of == measured.as_of
    else:
        assert measured == Measured()


@given(any_metric(), readings())
def test_progress_is_the_raw_ratio_clamped(metric: Metric, history: list[Reading]) -> None:
    measured = measure(metric, history)
    assert 0 <= measured.progress <= 1
    assert measured.progress == sorted([Decimal(0), measured.progress_raw, Decimal(1)])[1]


@given(directional(), amounts())
def test_the_raw_ratio_is_exact_to_six_places_and_reaches_one_only_at_the_target(
    metric: Metric, value: Decimal
) -> None:
    assert metric.start is not None
    assert metric.target is not None
    exact = Fraction(value - metric.start) / Fraction(metric.target - metric.start)
    raw = measure(metric, [reading(str(value))]).progress_raw
    assert abs(Fraction(raw) - exact) < Fraction(1, 10**6)
    assert (raw >= 1) is (exact >= 1)
    if not Fraction(999999, 10**6) < exact < 1:
        assert abs(Fraction(raw) - exact) <= Fraction(1, 2 * 10**6)


@given(directional(), amounts(), amounts(1000), amounts())
def test_another_scale_gives_the_same_raw_ratio(
    metric: Metric, value: Decimal, factor: Decimal, shift: Decimal
) -> None:
    assume(factor != 0)
    assert metric.start is not None
    assert metric.target is not None
    start, target, scaled = (factor * number + shift for number in (metric.start, metric.target, value))
    rescaled = Metric("increase" if start < target else "decrease", start=start, target=target)
    expected = measure(metric, [reading(str(value))]).progress_raw
    assert measure(rescaled, [reading(str(scaled))]).progress_raw == expected
