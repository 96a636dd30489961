"""Metrics, readings and amounts for the tests of the rules, with defaults that make sense."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from services.goals.rules.measuring import Reading
from services.goals.rules.metrics import Metric, Milestone

FIRST_DAY = date(2026, 1, 1)
LAST_DAY = date(2026, 4, 11)  # a hundred days later


def increase(start: str = "0", target: str = "100") -> Metric:
    return Metric("increase", start=Decimal(start), target=Decimal(target))


def decrease(start: str = "100", target: str = "0") -> Metric:
    return Metric("decrease", start=Decimal(start), target=Decimal(target))


def stay_above(target: str) -> Metric:
    return Metric("stay_above", target=Decimal(target))


def stay_below(target: str) -> Metric:
    return Metric("stay_below", target=Decimal(target))


def between(lower: str, upper: str) -> Metric:
    return Metric("between", lower=Decimal(lower), upper=Decimal(upper))


def binary() -> Metric:
    return Metric("binary")


def milestones(**weights: str) -> Metric:
    stages = tuple(Milestone(name, Decimal(weight)) for name, weight in weights.items())
    return Metric("milestones", milestones=stages)


def reading(
    value: str | None = None,
    *,
    id: str = "check-in",
    on: date = FIRST_DAY,
    at: int = 0,
    done: tuple[str, ...] | None = None,
    confidence: float | None = None,
    status: str | None = None,
    withdrawn: bool = False,
    version: int = 1,
) -> Reading:
    submitted_at = datetime.fromtimestamp(1_767_225_600 + at, UTC)
    amount = None if value is None else Decimal(value)
    return Reading(id, on, submitted_at, amount, done, confidence, status, withdrawn, version)


def amounts(limit: int = 10**6) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=-limit, max_value=limit, places=3)


def directional() -> st.SearchStrategy[Metric]:
    pairs = st.tuples(amounts(), amounts()).filter(lambda pair: pair[0] != pair[1])
    return pairs.map(
        lambda pair: Metric("increase" if pair[0] < pair[1] else "decrease", start=pair[0], target=pair[1])
    )


def any_metric() -> st.SearchStrategy[Metric]:
    bounds = st.tuples(amounts(), amounts()).filter(lambda pair: pair[0] < pair[1])
    return st.one_of(
        directional(),
        amounts().map(lambda limit: Metric("stay_above", target=limit)),
        amounts().map(lambda limit: Metric("stay_below", target=limit)),
        bounds.map(lambda pair: Metric("between", lower=pair[0], upper=pair[1])),
        st.just(binary()),
        st.just(milestones(a="1", b="2.5", c="0")),
    )


def readings(max_size: int = 8) -> st.SearchStrategy[list[Reading]]:
    """Check-ins with distinct ids that often share days and times; not every metric can use every one."""
    one = st.builds(
        reading,
        st.none() | st.sampled_from(["0", "1"]) | amounts().map(str),
        on=st.dates(date(2026, 1, 1), date(2026, 1, 4)),
        at=st.integers(0, 2),
        done=st.none() | st.lists(st.sampled_from("abcz")).map(tuple),
        confidence=st.none() | st.floats(0, 1),
        status=st.sampled_from([None, "on_track", "behind", "at_risk"]),
        withdrawn=st.booleans(),
        id=st.sampled_from("abcdefgh"),
    )
    return st.lists(one, max_size=max_size, unique_by=lambda reading: reading.check_in_id)
