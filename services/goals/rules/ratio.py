"""A ratio as Cairn keeps it: divided exactly, kept to six places, and 1 only when 1 was truly reached."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
SIX_PLACES = Decimal("0.000001")

# Quantities have at most 27 digits, their products and long sums fewer than 60: within this nothing is rounded
# but the quotient, and a caller's own decimal context cannot change a result.
_EXACT = Context(prec=60)


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient to six places. ZeroDivisionError where the denominator is 0."""
    return round_short_of_one(_EXACT.divide(numerator, denominator), SIX_PLACES)


def progress_between(start: Decimal, target: Decimal, value: Decimal) -> Decimal:
    """How far `value` has come from start (0) to target (1); below 0 and above 1 where it went further."""
    return divide(_EXACT.subtract(value, start), _EXACT.subtract(target, start))


def weighted_mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The mean of (weight, ratio) pairs, each ratio clamped; None where no weight is above 0."""
    return mean(*weighted_sum(weighted))


def weighted_sum(
    weighted: Iterable[tuple[Decimal, Decimal]], total: Decimal = ZERO, parts: Decimal = ZERO
) -> tuple[Decimal, Decimal]:
    """What is added to a sum of weights and of ratios times weight by these (weight, ratio) pairs, exactly."""
    for weight, ratio in weighted:
        if weight > 0:
            total = _EXACT.add(total, weight)
            parts = _EXACT.fma(weight, clamp(ratio), parts)
    return total, parts


def mean(total: Decimal, parts: Decimal) -> Decimal | None:
    """The weighted mean such a sum stands for; None where no weight is above 0."""
    return divide(parts, total) if total else None


def clamp(ratio: Decimal) -> Decimal:
    """The ratio within 0 and 1."""
    return max(ZERO, min(ONE, ratio))


def round_short_of_one(ratio: Decimal, places: Decimal) -> Decimal:
    """Rounded half up, except that what is below 1 stays below 1: nobody is done by rounding."""
    kept = ratio.quantize(places, ROUND_HALF_UP, _EXACT)
    if kept == 1 and ratio < 1:
        kept = ratio.quantize(places, ROUND_DOWN, _EXACT)
    return _EXACT.plus(kept)  # a negative zero becomes zero
