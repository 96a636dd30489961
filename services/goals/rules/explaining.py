"""Why a roll-up is what it is: each child's share of the weight and of the progress, adding up exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, localcontext

from services.goals.rules.ratio import ONE, SIX_PLACES, ZERO
from services.goals.rules.rollup import Contribution, Standing, roll_up

_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Part:
    """One child of an explained parent."""

    child_id: str
    weight: Decimal
    share: Decimal
    """Its part of all the weight that counts, to six places; the shares add up to 1."""
    points: Decimal
    """What it adds to the parent's progress, to six places; the points add up to that progress."""
    standing: Standing
    counts: bool
    """False where it adds nothing whatever its progress: no weight, no progress yet, or not in force."""


def explain(lines: Iterable[Contribution]) -> tuple[Standing, list[Part]]:
    """The parent's standing and its parts, in the order of the lines. All lines must end in one parent."""
    given = list(lines)
    standing = roll_up((line.weight, line.standing) for line in given if line.counts)
    counted = [_adds(line) for line in given]
    weights = [line.weight if adds else ZERO for line, adds in zip(given, counted, strict=True)]
    gains = [weight * (line.standing.progress or ZERO) for weight, line in zip(weights, given, strict=True)]
    with localcontext(_EXACT):
        total = sum(weights, ZERO) or ONE
        shares = apportion([weight / total for weight in weights], ONE if any(weights) else ZERO)
        points = apportion([gain / total for gain in gains], standing.progress or ZERO)
    return standing, [
        Part(line.child_id, line.weight, share, point, line.standing, adds)
        for line, share, point, adds in zip(given, shares, points, counted, strict=True)
    ]


def apportion(exact: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """The amounts to six places so that they add up to `total`, their sum so rounded: largest remainders first."""
    floors = [amount.quantize(SIX_PLACES, ROUND_FLOOR) for amount in exact]
    missing = int((total - sum(floors, ZERO)) / SIX_PLACES)
    by_remainder = sorted(range(len(exact)), key=lambda place: floors[place] - exact[place])
    for place in by_remainder[:missing]:
        floors[place] += SIX_PLACES
    return floors


def _adds(line: Contribution) -> bool:
    return line.counts and line.weight > 0 and line.standing.progress is not None
