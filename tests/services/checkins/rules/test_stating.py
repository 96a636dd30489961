"""What a check-in may say: the rules on their own."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.checkins.rules.stating import (
    Metric,
    Said,
    confidence_before,
    day_faults,
    drop_faults,
    measurement_faults,
    opinion_faults,
    ticked,
)

NOW = datetime(2026, 5, 13, 23, 30, tzinfo=UTC)
STEPS = Metric("milestones", ("a", "b", "c"))
NUMBER = Metric("increase")

amounts = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**17), max_value=10**17)
saids = st.builds(
    Said,
    st.dates(date(2026, 1, 1), date(2026, 1, 5)),
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2026, 1, 2)),
    st.text("ab", min_size=1, max_size=2),
    st.none() | st.floats(0, 1),
)


@given(amounts)
def test_any_exact_amount_is_a_value(amount: Decimal) -> None:
    assert measurement_faults(NUMBER, amount, None) == []


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1e18", "-1e18", "1e400", "1e-10"])
def test_what_cannot_be_stored_exactly_is_no_value(value: str) -> None:
    assert [fault.pointer for fault in measurement_faults(NUMBER, Decimal(value), None)] == ["/value"]


@given(st.lists(st.sampled_from("abc")))
def test_milestones_are_ticked_once_and_in_order(done: list[str]) -> None:
    assert measurement_faults(STEPS, None, done) == []
    assert ticked(STEPS, done) == sorted(set(done))


@given(st.floats(0, 1), st.sampled_from(["on_track", "behind", "at_risk", None]))
def test_confidence_is_a_share(confidence: float, status: str | None) -> None:
    assert opinion_faults(confidence, status) == []


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan"), float("inf")])
def test_what_is_no_share_is_no_confidence(confidence: float) -> None:
    assert [fault.pointer for fault in opinion_faults(confidence, None)] == ["/confidence"]


@given(st.dates(date(1970, 1, 1), date(2026, 5, 14)))
def test_any_day_until_tomorrow_will_do(day: date) -> None:
    assert day_faults(day, NOW) == []


@given(st.dates(date(2026, 5, 15)))
def test_the_day_after_tomorrow_will_not(day: date) -> None:
    assert [fault.pointer for fault in day_faults(day, NOW)] == ["/as_of"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_only_a_fall_without_words_is_a_fault(before: float, now: float) -> None:
    assert bool(drop_faults(before, now, " ")) == (now < before)
    assert drop_faults(before, now, "because") == drop_faults(None, now, None) == drop_faults(before, None, None) == []


@given(st.lists(saids), saids)
def test_the_confidence_before_is_the_nearest_one_that_was_named(history: list[Said], at: Said) -> None:
    named = sorted((*said[:3], said.confidence) for said in history if said.confidence is not None)
    earlier = [said for said in named if said[:3] < at[:3]]
    assert confidence_before(history, at) in {None, *(said[3] for said in earlier if said[:3] == earlier[-1][:3])}
    assert (confidence_before(history, at) is None) == (not earlier)


def test_history_is_ordered_by_day_before_submission() -> None:
    early, late = Said(date(2026, 1, 1), NOW, "a", 0.9), Said(date(2026, 1, 2), NOW - timedelta(days=9), "b", 0.4)
    assert confidence_before([early, late], Said(date(2026, 1, 3), NOW, "c", 0.5)) == 0.4
