"""Definitions from what most tools say: a start, a target, and signs that stand with them."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cairn.exchange.formats.contract import Asked
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.formats.figures import Figure
from cairn.exchange.formats.goals import OWN, PERCENT, Goal, Measure
from cairn.exchange.layouts.values import write_quantity

_HOLDING = re.compile(
    r"\b(keep|stay|remain|maintain|hold|at most|no more than|not more than|below|under|less than)\b", re.IGNORECASE
)
THRESHOLDS = {"stay above": "stay_above", "stay below": "stay_below"}
CHOICES = (*THRESHOLDS, "done or not")
"""What a target can mean that no start leads to."""


def directional(
    start: Figure | None, target: Figure | None, doubts: Doubts, place: str, item: str, key: str
) -> Measure | None:
    """From start to target; None without a target, or while it is open what it means.

    A start that is not said is 0. One that equals the target measures nothing: it is asked whether the target is a
    threshold or a thing to be done. `key` names the goal in that question.
    """
    if target is None:
        return None
    begin = start.value if start else target.value * 0
    unit, currency = unit_of(target, start)
    if begin != target.value:
        metric = "increase" if target.value > begin else "decrease"
        return Measure(metric, unit, currency, begin, target.value)
    question = f"Start and target are both {target.value}: how is it measured?"
    answer = doubts.ask(f"metric:{key}", place, item, question, CHOICES)
    return measured_as(answer, target, doubts, key)


def threshold(measure: Measure | None, text: str, doubts: Doubts, place: str, item: str, key: str) -> Measure | None:
    """The measure, or the threshold that `text` speaks of where the file has no word for thresholds: it is marked."""
    if measure is None or measure.target is None or measure == PERCENT or not _HOLDING.search(text):
        return measure
    question = "It reads like a threshold to hold, which this file cannot say. It is measured from start to target."
    taken = doubts.mark(f"metric:{key}", place, item, question, measure.metric, (measure.metric, *THRESHOLDS))
    if taken == measure.metric:
        return measure
    target = Figure(measure.target, measure.unit == "percent", measure.currency)
    return measured_as(taken, target, doubts, key)


def measured_as(answer: str | None, target: Figure, doubts: Doubts, key: str) -> Measure | None:
    """What the answer to `metric:<key>` means."""
    word = (answer or "").strip().casefold().replace("_", " ")
    if word in THRESHOLDS:
        unit, currency = unit_of(target)
        return Measure(THRESHOLDS[word], unit, currency, target=target.value)
    if word == CHOICES[-1]:
        return Measure("binary")
    if word:
        doubts.unfit(f"metric:{key}", f"“{answer}” is none of the choices.")
    return None


def unit_of(*figures: Figure | None) -> tuple[str, str | None]:
    """Unit and currency of numbers that belong together."""
    found = [figure for figure in figures if figure]
    currency = next((one.currency for one in found if one.currency), None)
    if currency:
        return "currency", currency
    return ("percent" if any(one.percent for one in found) else "number"), None


def current(goal: Goal, value: Figure, last: date | None, status: str | None, asked: Asked) -> Mapping[str, Any]:
    """The check-in that a row's current value is, for files that do not say when it was measured.

    It holds for today, or for the last day of what is over. A value Cairn has already is no news: such a check-in is
    `present` and is not imported.
    """
    as_of = min(last or asked.today, asked.today)
    present = value.value in (asked.values.get(goal.id), asked.values.get(goal.id + OWN))
    return {
        "external_id": f"{goal.id}@{as_of}",
        "as_of": as_of,
        "submitted_at": None,
        "value": value.value,
        "status": status,
        "present": present,
    }


def is_current(goal: Goal, check_in: Mapping[str, Any]) -> bool:
    """Whether a check-in was made by `current`: no check-in stood in the file."""
    return bool(check_in["external_id"] == f"{goal.id}@{check_in['as_of']}")


def by_id(goal: Goal) -> list[Mapping[str, Any]]:
    """The check-ins of a goal in an order that is the same in the file and out of Cairn."""
    return sorted(goal.check_ins, key=lambda one: str(one["external_id"]))


def number(quantity: Decimal | None) -> str:
    """A number in plain digits; empty for None."""
    return "" if quantity is None else write_quantity(quantity)
