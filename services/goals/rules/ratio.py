"""A ratio as Cairn keeps it: divided exactly, kept to six places, and 1 only when 1 was truly reached."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext

ZERO = Decimal(0)
ONE = Decimal(1)
SIX_PLACES = Decimal("0.000001")

# Quantities have at most 27 digits, their products and long sums fewer than 60: within this nothing is rounded
# but the quotient, and a caller's own decimal context cannot change a result.
_EXACT = Context(prec=60)


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """The quotient to six places. ZeroDivisionError where the denominator is 0."""
    with localcontext(_EXACT):
        return round_short_of_one(numerator / denominator, SIX_PLACES)


def progress_between(start: Decimal, target: Decimal, value: Decimal) -> Decimal:
    """How far `value` has come from start (0) to target (1); below 0 and above 1 where it went further."""
    with localcontext(_EXACT):
        return divide(value - start, target - start)


def weighted_mean(weighted: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The mean of (weight, ratio) pairs, each ratio clamped; None where no weight is above 0."""
    with localcontext(_EXACT):
        pairs = [(weight, clamp(ratio)) for weight, ratio in weighted if weight > 0]
        total = sum((weight for weight, _ in pairs), ZERO)
        return divide(sum((weight * ratio for weight, ratio in pairs), ZERO), total) if pairs else None


def clamp(ratio: Decimal) -> Decimal:
    """The ratio within 0 and 1."""
    return max(ZERO, min(ONE, ratio))


def round_short_of_one(ratio: Decimal, places: Decimal) -> Decimal:
    """Rounded half up, except that what is below 1 stays below 1: nobody is done by rounding."""
    with localcontext(_EXACT):
        kept = ratio.quantize(places, ROUND_HALF_UP)
        if kept == 1 and ratio < 1:
            kept = ratio.quantize(places, ROUND_DOWN)
        return kept + 0  # a negative zero becomes zero
