"""What a check-in may say about a key result, told with pointers relative to the check-in and the way out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from typing import NamedTuple

STATUSES = ("on_track", "behind", "at_risk")
EARLIEST = date(1970, 1, 1)
ZONES_APART = timedelta(days=1)
"""Somewhere it is already tomorrow."""
CLOCKS_APART = timedelta(minutes=5)

_LIMIT = Decimal(10) ** 18
_FINEST = Decimal("1e-9")
_WIDE = Context(prec=60)


class Fault(NamedTuple):
    pointer: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Metric:
    """As much of a key result's definition as decides what can be measured."""

    kind: str
    milestone_ids: tuple[str, ...] = ()


def measurement_faults(metric: Metric, value: Decimal | None, done: Collection[str] | None) -> list[Fault]:
    """What is wrong with a value or a list of milestones for this metric."""
    if metric.kind == "milestones":
        return _milestone_faults(metric, value, done)
    if done is not None:
        return [Fault("/milestones_done", f"A metric of kind {metric.kind} has no milestones; give a value instead.")]
    if value is None:
        return [Fault("/value", "The measured value is missing; say where the key result stands.")]
    faults = _quantity_faults(value)
    if not faults and metric.kind == "binary" and value not in (0, 1):
        return [Fault("/value", "A binary key result is either 0, not done, or 1, done; give one of them.")]
    return faults


def _milestone_faults(metric: Metric, value: Decimal | None, done: Collection[str] | None) -> list[Fault]:
    faults: list[Fault] = []
    if value is not None:
        faults.append(Fault("/value", "Milestones are ticked off, not valued; list those done and leave value out."))
    if done is None:
        return [*faults, Fault("/milestones_done", "List the milestones that are done; an empty list means none.")]
    known = ", ".join(metric.milestone_ids)
    return faults + [
        Fault(f"/milestones_done/{place}", f"The key result has no such milestone; it has {known}.")
        for place, milestone in enumerate(done)
        if milestone not in metric.milestone_ids
    ]


def _quantity_faults(value: Decimal) -> list[Fault]:
    if not value.is_finite():
        return [Fault("/value", "This is not a finite number; give a plain decimal number.")]
    if value.copy_abs() >= _LIMIT:
        return [Fault("/value", "The number is too large; stay below 10^18, perhaps by counting in a larger unit.")]
    if value.quantize(_FINEST, context=_WIDE) != value:
        return [Fault("/value", "The number is too fine; use at most nine decimals.")]
    return []


def ticked(metric: Metric, done: Collection[str] | None) -> list[str] | None:
    """The milestones done, each once, in the order of the definition; None where the metric has none."""
    if metric.kind != "milestones":
        return None
    return [milestone for milestone in metric.milestone_ids if milestone in (done or ())]


def opinion_faults(confidence: float | None, status: str | None) -> list[Fault]:
    """What is wrong with the author's own judgement."""
    faults = []
    if confidence is not None and not 0 <= confidence <= 1:
        faults.append(Fault("/confidence", "Confidence lies between 0, out of reach, and 1, certain."))
    if status is not None and status not in STATUSES:
        faults.append(Fault("/status", f"There is no such status; use {', '.join(STATUSES)} or leave it out."))
    return faults


def day_faults(as_of: date, now: datetime) -> list[Fault]:
    """What is wrong with the day a value is true for. Any past day will do: late check-ins and imports are normal."""
    if as_of > now.date() + ZONES_APART:
        return [Fault("/as_of", "This day is still to come; a check-in tells what is, so give today or a past day.")]
    if as_of < EARLIEST:
        return [Fault("/as_of", f"This day is too long ago; give one from {EARLIEST} on.")]
    return []


def moment_faults(submitted_at: datetime, now: datetime) -> list[Fault]:
    """What is wrong with the moment at which a check-in is said to have been made elsewhere."""
    if submitted_at > now + CLOCKS_APART:
        return [Fault("/submitted_at", "This moment is still to come; give the one at which it was made.")]
    if submitted_at.date() < EARLIEST:
        return [Fault("/submitted_at", f"This moment is too long ago; give one from {EARLIEST} on.")]
    return []


def drop_faults(before: float | None, now: float | None, note: str | None) -> list[Fault]:
    """A fall in confidence needs a word of explanation."""
    if before is None or now is None or now >= before or (note or "").strip():
        return []
    return [Fault("/note", f"Confidence falls from {before:g} to {now:g}; write in the note what changed.")]


class Said(NamedTuple):
    """As much of a check-in as its place in the history and its confidence need."""

    as_of: date
    submitted_at: datetime
    id: str
    confidence: float | None


def confidence_before(history: Sequence[Said], at: Said) -> float | None:
    """The last confidence anybody named before a place in the history; check-ins that named none are passed over."""
    earlier = [said for said in history if said[:3] < at[:3] and said.confidence is not None]
    return max(earlier, key=lambda said: said[:3]).confidence if earlier else None
