"""What check-ins say about a key result: the latest that stands, whatever order they came in.

Of one check-in its highest version counts, and a withdrawn one was never made. What is left is ordered by the day
it is true for, then by when it was submitted, then by id, and the last gives everything: value, confidence and
status are that check-in's own, so an unstated confidence is unknown and not remembered from an older one.
A reading the metric cannot use (made before the metric was changed) is passed over.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.goals.rules.faults import Fault
from services.goals.rules.metrics import DIRECTIONAL, Metric, quantity_faults
from services.goals.rules.ratio import ONE, ZERO, clamp, progress_between, weighted_mean


@dataclass(frozen=True, slots=True)
class Reading:
    """One check-in as a measurement. `submitted_at` carries a time zone."""

    check_in_id: str
    as_of: date
    submitted_at: datetime
    value: Decimal | None = None
    milestones_done: tuple[str, ...] | None = None
    confidence: float | None = None
    status: str | None = None
    withdrawn: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """Where a key result stands. Without arguments: before its first check-in, when silence counts as 0."""

    value: Decimal | None = None
    milestones_done: tuple[str, ...] = ()
    """Known milestones only, in the order of the definition."""
    progress_raw: Decimal = ZERO
    """1 = target reached; unclamped, six places."""
    progress: Decimal = ZERO
    """Within 0 and 1."""
    as_of: date | None = None
    confidence: float | None = None
    reported_status: str | None = None
    """What the author said; None leaves it to the pace."""
    check_in_id: str | None = None

    @property
    def started(self) -> bool:
        """Whether any check-in stands."""
        return self.as_of is not None


@dataclass(frozen=True, slots=True)
class Point:
    """A day of the history: the last word spoken about it."""

    as_of: date
    value: Decimal | None
    progress_raw: Decimal
    progress: Decimal


def measure(metric: Metric, readings: Iterable[Reading]) -> Measured:
    """The state after these readings, given in any order and with repeats. The metric must be valid."""
    for reading in reversed(in_order(readings)):
        measured = _measured(metric, reading)
        if measured is not None:
            return measured
    return Measured()


def series(metric: Metric, readings: Iterable[Reading]) -> list[Point]:
    """The history by day, oldest first, one point for each day that was spoken about."""
    days: dict[date, Point] = {}
    for reading in in_order(readings):
        measured = _measured(metric, reading)
        if measured is not None:
            days[reading.as_of] = Point(reading.as_of, measured.value, measured.progress_raw, measured.progress)
    return list(days.values())


def in_order(readings: Iterable[Reading]) -> list[Reading]:
    """The readings that stand, each check-in once, oldest first."""
    latest: dict[str, Reading] = {}
    for reading in readings:
        known = latest.get(reading.check_in_id)
        if known is None or reading.version > known.version:
            latest[reading.check_in_id] = reading
    standing = [reading for reading in latest.values() if not reading.withdrawn]
    return sorted(standing, key=lambda reading: (reading.as_of, reading.submitted_at, reading.check_in_id))


def accepts(metric: Metric, value: Decimal | None, milestones_done: Collection[str] | None) -> list[Fault]:
    """What is wrong with a check-in's measurement for this metric."""
    if metric.kind == "milestones":
        return _done_faults(metric, value, milestones_done)
    if milestones_done:
        return [Fault("/milestones_done", f"A metric of kind {metric.kind} has no milestones; give a value instead.")]
    if value is None:
        return [Fault("/value", "The measured value is missing; say where the key result stands.")]
    faults = quantity_faults("/value", value)
    if not faults and metric.kind == "binary" and value not in (0, 1):
        return [Fault("/value", "A binary key result is either 0, not done, or 1, done; give one of them.")]
    return faults


def _done_faults(metric: Metric, value: Decimal | None, done: Collection[str] | None) -> list[Fault]:
    faults: list[Fault] = []
    if value is not None:
        faults.append(Fault("/value", "Milestones are ticked off, not valued; list those done and leave value out."))
    if done is None:
        return [*faults, Fault("/milestones_done", "List the milestones that are done; an empty list means none.")]
    known = {milestone.id for milestone in metric.milestones}
    return faults + [
        Fault(f"/milestones_done/{place}", "The key result has no such milestone; use the ids of its milestones.")
        for place, milestone_id in enumerate(done)
        if milestone_id not in known
    ]


def _measured(metric: Metric, reading: Reading) -> Measured | None:
    done = _known_milestones(metric, reading.milestones_done or ())
    raw = _raw(metric, reading, done)
    if raw is None:
        return None
    return Measured(
        value=None if metric.kind == "milestones" else reading.value,
        milestones_done=done,
        progress_raw=raw,
        progress=clamp(raw),
        as_of=reading.as_of,
        confidence=reading.confidence,
        reported_status=reading.status,
        check_in_id=reading.check_in_id,
    )


def _known_milestones(metric: Metric, done: Collection[str]) -> tuple[str, ...]:
    return tuple(milestone.id for milestone in metric.milestones if milestone.id in done)


def _raw(metric: Metric, reading: Reading, done: tuple[str, ...]) -> Decimal | None:
    if metric.kind == "milestones":
        if reading.milestones_done is None:
            return None
        return weighted_mean((stage.weight, ONE if stage.id in done else ZERO) for stage in metric.milestones)
    if reading.value is None or accepts(metric, reading.value, None):
        return None
    return _raw_of_value(metric, reading.value)


def _raw_of_value(metric: Metric, value: Decimal) -> Decimal:
    if metric.kind in DIRECTIONAL and metric.start is not None and metric.target is not None:
        return progress_between(metric.start, metric.target, value)
    return ONE if _holds(metric, value) else ZERO


def _holds(metric: Metric, value: Decimal) -> bool:
    if metric.kind == "stay_above" and metric.target is not None:
        return value > metric.target
    if metric.kind == "stay_below" and metric.target is not None:
        return value < metric.target
    if metric.kind == "between" and metric.lower is not None and metric.upper is not None:
        return metric.lower <= value <= metric.upper
    return metric.kind == "binary" and value == 1
