"""What a key result measures, and which definitions make sense.

Every kind takes certain fields and no others; a definition with a field too many is refused rather than half
understood. Quantities are finite, below 10^18 and have at most nine decimals, so NUMERIC(30, 9) stores them exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from types import MappingProxyType

from services.goals.rules.currencies import CURRENCIES
from services.goals.rules.faults import Fault

TAKES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "increase": ("start", "target"),
        "decrease": ("start", "target"),
        "stay_above": ("target",),
        "stay_below": ("target",),
        "between": ("lower", "upper"),
        "binary": (),
        "milestones": ("milestones",),
    }
)
"""The kinds of metric, and the fields each needs. All others must be left out."""

DIRECTIONAL = frozenset({"increase", "decrease"})
CONTROL = frozenset({"stay_above", "stay_below", "between"})
"""Kinds that are either held or broken; there is no way travelled."""

UNITS = ("number", "percent", "currency")

_LIMIT = Decimal(10) ** 18
_FINEST = Decimal("1e-9")
_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A stage that counts with its weight when it is done."""

    id: str
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Metric:
    """The definition of what a key result measures. Valid only where `validate` finds no fault."""

    kind: str
    unit: str = "number"
    currency: str | None = None
    start: Decimal | None = None
    target: Decimal | None = None
    """Where to arrive; for stay_above and stay_below the threshold, itself not allowed."""
    lower: Decimal | None = None
    upper: Decimal | None = None
    """The range of between; both ends belong to it."""
    milestones: tuple[Milestone, ...] = ()


def validate(metric: Metric) -> list[Fault]:
    """All that is wrong with the definition; nothing where it can be measured."""
    if metric.kind not in TAKES:
        return [Fault("/metric", f"There is no such metric; use one of {', '.join(TAKES)}.")]
    fields = [*_field_faults(metric), *_milestone_faults(metric)]
    return [*_unit_faults(metric), *fields, *([] if fields else _order_faults(metric))]


def quantity_faults(pointer: str, quantity: Decimal) -> list[Fault]:
    """What keeps a number from being stored exactly."""
    if not quantity.is_finite():
        return [Fault(pointer, "This is not a finite number; give a plain decimal number.")]
    if quantity.copy_abs() >= _LIMIT:
        return [Fault(pointer, "The number is too large; stay below 10^18, perhaps by counting in a larger unit.")]
    if quantity.quantize(_FINEST, context=_WIDE) != quantity:
        return [Fault(pointer, "The number is too fine; use at most nine decimals.")]
    return []


def weight_faults(pointer: str, weight: Decimal) -> list[Fault]:
    """What is wrong with a weight: any quantity from 0, where 0 means that it does not count."""
    faults = quantity_faults(pointer, weight)
    if not faults and weight < 0:
        return [Fault(pointer, "A weight cannot be negative; use 0 for what should not count.")]
    return faults


def _unit_faults(metric: Metric) -> list[Fault]:
    if metric.unit not in UNITS:
        return [Fault("/unit", f"There is no such unit; use one of {', '.join(UNITS)}.")]
    if metric.unit != "number" and metric.kind in ("binary", "milestones"):
        return [Fault("/unit", f"A {metric.kind} metric has no unit; leave it at number.")]
    if metric.unit == "currency":
        return _currency_faults(metric.currency)
    if metric.currency is not None:
        return [Fault("/currency", "A currency belongs to the unit currency only; set that unit or leave this out.")]
    return []


def _currency_faults(code: str | None) -> list[Fault]:
    if code is None:
        return [Fault("/currency", "The unit currency needs to know which; give an ISO 4217 code such as EUR.")]
    if code not in CURRENCIES:
        return [Fault("/currency", "No currency has this code; give an ISO 4217 code in capitals, such as EUR.")]
    return []


def _field_faults(metric: Metric) -> list[Fault]:
    takes = TAKES[metric.kind]
    faults: list[Fault] = []
    for name in ("start", "target", "lower", "upper"):
        quantity: Decimal | None = getattr(metric, name)
        if name not in takes:
            if quantity is not None:
                faults.append(_foreign(metric.kind, name))
        elif quantity is None:
            faults.append(Fault(f"/{name}", f"A metric of kind {metric.kind} needs {_listed(takes)}; add {name}."))
        else:
            faults += quantity_faults(f"/{name}", quantity)
    return faults


def _milestone_faults(metric: Metric) -> list[Fault]:
    if metric.kind != "milestones":
        return [_foreign(metric.kind, "milestones")] if metric.milestones else []
    if not metric.milestones:
        return [Fault("/milestones", "A milestones metric needs at least one milestone; add one.")]
    faults = [
        fault
        for place, milestone in enumerate(metric.milestones)
        for fault in weight_faults(f"/milestones/{place}/weight", milestone.weight)
    ]
    if not faults and not any(milestone.weight for milestone in metric.milestones):
        faults.append(Fault("/milestones", "All milestones weigh 0, so none can count; give one a weight above 0."))
    return faults + _identity_faults(metric.milestones)


def _identity_faults(milestones: tuple[Milestone, ...]) -> list[Fault]:
    seen: set[str] = set()
    faults: list[Fault] = []
    for place, milestone in enumerate(milestones):
        if not milestone.id:
            faults.append(Fault(f"/milestones/{place}/id", "A milestone needs an id; give it one."))
        elif milestone.id in seen:
            faults.append(Fault(f"/milestones/{place}/id", "Another milestone has this id already; give it its own."))
        seen.add(milestone.id)
    return faults


def _order_faults(metric: Metric) -> list[Fault]:
    start, target, lower, upper = metric.start, metric.target, metric.lower, metric.upper
    if lower is not None and upper is not None and lower >= upper:
        return [Fault("/upper", "The upper bound must lie above the lower bound; move one, or swap them.")]
    if start is None or target is None:
        return []
    if start == target:
        return [Fault("/target", "Start and target are equal, so there is no way to measure; choose another target.")]
    if metric.kind == "increase" and target < start:
        return [Fault("/target", "An increase needs a target above its start; for one below, use decrease.")]
    if metric.kind == "decrease" and target > start:
        return [Fault("/target", "A decrease needs a target below its start; for one above, use increase.")]
    return []


def _foreign(kind: str, name: str) -> Fault:
    return Fault(f"/{name}", f"A metric of kind {kind} takes {_listed(TAKES[kind])}; leave {name} out.")


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names) or "no further fields"
