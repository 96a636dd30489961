"""How far one should be by now, and the status that follows from it.

Expected progress is a straight line over the period. The status of a key result is what its latest check-in
reports, else its distance from that line on the day the check-in is true for: a forecast needs no clock, so the
same history always gives the same status. Nothing is green before somebody has spoken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.goals.rules.faults import Fault
from services.goals.rules.measuring import Measured
from services.goals.rules.metrics import CONTROL, Metric
from services.goals.rules.ratio import ONE, ZERO, divide

NOT_STARTED = "not_started"
ON_TRACK = "on_track"
BEHIND = "behind"
AT_RISK = "at_risk"
PRECEDENCE = (AT_RISK, BEHIND, ON_TRACK, NOT_STARTED)
"""All statuses; the first that any child has is the parent's."""


REPORTABLE = frozenset({ON_TRACK, BEHIND, AT_RISK})
"""What an author may say; anything else counts as unsaid."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Widest gaps, as parts of the whole way, that are still on track and still only behind."""

    on_track: Decimal = ZERO
    behind: Decimal = Decimal("0.25")


DEFAULT_BANDS = Bands()


def period_faults(starts_on: date, ends_on: date) -> list[Fault]:
    """What is wrong with a period. It may have any length from two days."""
    if ends_on <= starts_on:
        return [Fault("/ends_on", "The period must end after it starts; choose a later end or an earlier start.")]
    return []


def expected_progress(day: date, starts_on: date, ends_on: date) -> Decimal:
    """0 up to the first day, 1 from the last, a straight line between."""
    if day >= ends_on:
        return ONE
    if day <= starts_on:
        return ZERO
    return divide(Decimal((day - starts_on).days), Decimal((ends_on - starts_on).days))


def pace_status(progress_raw: Decimal, expected: Decimal, bands: Bands = DEFAULT_BANDS) -> str:
    """The band of the gap between expected and measured progress; both ends belong to the better band."""
    gap = expected - progress_raw
    if gap <= bands.on_track:
        return ON_TRACK
    return BEHIND if gap <= bands.behind else AT_RISK


def key_result_status(
    metric: Metric, measured: Measured, starts_on: date, ends_on: date, bands: Bands = DEFAULT_BANDS
) -> str:
    """Reported, else held or broken for control metrics, else by pace on the day it is true for."""
    if measured.as_of is None:
        return NOT_STARTED
    if measured.reported_status in REPORTABLE:
        return measured.reported_status
    if metric.kind in CONTROL:
        return ON_TRACK if measured.progress == 1 else AT_RISK
    return pace_status(measured.progress_raw, expected_progress(measured.as_of, starts_on, ends_on), bands)


def objective_status(statuses: Iterable[str]) -> str:
    """The most worrying of the children's; not_started where there are none."""
    present = frozenset(statuses)
    for status in PRECEDENCE:
        if status in present:
            return status
    return NOT_STARTED
