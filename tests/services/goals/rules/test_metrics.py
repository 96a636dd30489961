"""Which definitions of a metric make sense, and what is said about those that do not."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.goals.rules.metrics import Metric, Milestone, quantity_faults, validate, weight_faults
from tests.services.goals.rules.builders import (
    amounts,
    any_metric,
    between,
    binary,
    decrease,
    increase,
    milestones,
    stay_above,
    stay_below,
)

SOUND = [
    increase("0", "100"),
    increase("-50", "-10"),
    increase("0.000000001", "999999999999999999"),
    decrease("40", "-3.5"),
    stay_above("0"),
    stay_below("99.9"),
    between("-1", "1"),
    binary(),
    milestones(a="0", b="0.5"),
    replace(increase(), unit="percent"),
    replace(decrease(), unit="currency", currency="CHF"),
]


def pointers(metric: Metric) -> list[str]:
    return [fault.pointer for fault in validate(metric)]


@pytest.mark.parametrize("metric", SOUND, ids=str)
def test_a_sound_definition_has_no_fault(metric: Metric) -> None:
    assert validate(metric) == []


@pytest.mark.parametrize(
    ("metric", "pointer", "remedy"),
    [
        (Metric("reach"), "/metric", "milestones"),
        (increase("10", "10"), "/target", "another target"),
        (decrease("10", "10.0"), "/target", "another target"),
        (increase("10", "5"), "/target", "use decrease"),
        (decrease("5", "10"), "/target", "use increase"),
        (between("5", "5"), "/upper", "above the lower"),
        (between("6", "5"), "/upper", "swap"),
        (Metric("increase", target=Decimal(3)), "/start", "add start"),
        (Metric("decrease", start=Decimal(3)), "/target", "add target"),
        (Metric("stay_above"), "/target", "add target"),
        (Metric("between", lower=Decimal(3)), "/upper", "add upper"),
        (replace(stay_above("3"), start=Decimal(0)), "/start", "leave start out"),
        (replace(between("1", "2"), target=Decimal(0)), "/target", "leave target out"),
        (replace(increase(), upper=Decimal(0)), "/upper", "leave upper out"),
        (replace(binary(), target=Decimal(1)), "/target", "leave target out"),
        (replace(binary(), milestones=(Milestone("a"),)), "/milestones", "leave milestones out"),
        (replace(milestones(a="1"), lower=Decimal(1)), "/lower", "leave lower out"),
        (milestones(), "/milestones", "add one"),
        (milestones(a="0", b="0"), "/milestones", "above 0"),
        (milestones(a="1", b="-1"), "/milestones/1/weight", "use 0"),
        (milestones(a="NaN"), "/milestones/0/weight", "plain decimal"),
        (Metric("milestones", milestones=(Milestone("a"), Milestone("a"))), "/milestones/1/id", "its own"),
        (Metric("milestones", milestones=(Milestone(""),)), "/milestones/0/id", "give it one"),
        (replace(increase(), unit="apples"), "/unit", "percent"),
        (replace(binary(), unit="percent"), "/unit", "leave it at number"),
        (replace(increase(), unit="currency"), "/currency", "EUR"),
        (replace(increase(), unit="currency", currency="eur"), "/currency", "capitals"),
        (replace(increase(), unit="currency", currency="ABC"), "/currency", "ISO 4217"),
        (replace(increase(), currency="EUR"), "/currency", "leave this out"),
    ],
    ids=str,
)
def test_a_senseless_definition_is_refused_at_the_field_with_a_remedy(
    metric: Metric, pointer: str, remedy: str
) -> None:
    [fault] = validate(metric)
    assert fault.pointer == pointer
    assert remedy in fault.sentence


def test_all_faults_of_a_definition_are_told_at_once() -> None:
    metric = Metric("between", unit="currency", start=Decimal(1), lower=Decimal("NaN"))
    assert pointers(metric) == ["/currency", "/start", "/lower", "/upper"]


@pytest.mark.parametrize(
    "number",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1e18",
        "-1e18",
        "1e999999",
        "0.0000000001",
        "1e-400",
        "1.1234567891",
    ],
)
def test_a_number_that_cannot_be_stored_exactly_is_refused(number: str) -> None:
    assert [fault.pointer for fault in quantity_faults("/value", Decimal(number))] == ["/value"]
    assert pointers(increase("0", number)) == ["/target"]


@pytest.mark.parametrize("number", ["0", "-0", "1e-9", "999999999999999999.999999999", "-1e17", "0.5000000000000"])
def test_a_number_that_can_be_stored_exactly_is_accepted(number: str) -> None:
    assert quantity_faults("/value", Decimal(number)) == []


def test_a_weight_may_be_zero_but_not_negative() -> None:
    assert weight_faults("/weight", Decimal(0)) == []
    assert weight_faults("/weight", Decimal("-0.1")) != []
    assert weight_faults("/weight", Decimal("NaN")) != []


@given(any_metric())
def test_every_metric_the_other_tests_draw_is_valid(metric: Metric) -> None:
    assert validate(metric) == []


@given(amounts(), amounts(), st.sampled_from(["increase", "decrease"]))
def test_exactly_one_direction_fits_two_different_ends(start: Decimal, target: Decimal, kind: str) -> None:
    fits = start < target if kind == "increase" else start > target
    assert (validate(Metric(kind, start=start, target=target)) == []) is fits


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_judged_without_an_exception(number: Decimal) -> None:
    stored_exactly = number.is_finite() and abs(number) < 10**18 and (number * 10**9) % 1 == 0
    assert (quantity_faults("/value", number) == []) is stored_exactly
