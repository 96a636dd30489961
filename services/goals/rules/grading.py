"""How an objective ends: a grade from 0 to 1, suggested by its progress and settled by a person.

A grade is about the objective, not about people. Its colour depends on the kind: an aspirational objective at 0.7
went well, a committed one below 1 was missed and is never green.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.goals.rules.faults import Fault
from services.goals.rules.metrics import quantity_faults
from services.goals.rules.ratio import round_short_of_one

COMMITTED = "committed"
_TWO_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Grade:
    """The outcome of a closed objective; what was suggested is kept beside what was decided."""

    suggested: Decimal | None
    grade: Decimal
    note: str | None
    band: str
    """green, yellow or red."""
    missed: bool
    """A commitment that was not fully kept."""


def suggested_grade(progress: Decimal | None) -> Decimal | None:
    """Progress to two places, 1.00 only for the whole way; None where nothing contributed."""
    return None if progress is None else round_short_of_one(progress, _TWO_PLACES)


def grade_faults(progress: Decimal | None, grade: Decimal | None, note: str | None) -> list[Fault]:
    """What is wrong with closing at this grade; `grade` None accepts the suggested one."""
    suggested = suggested_grade(progress)
    if grade is None:
        missing = Fault("/grade", "Nothing contributed to this objective, so no grade can be suggested; give one.")
        return [missing] if suggested is None else []
    faults = quantity_faults("/grade", grade)
    if not faults and not 0 <= grade <= 1:
        return [Fault("/grade", "A grade lies between 0.0 and 1.0; give one within.")]
    if not faults and suggested not in (None, grade) and not (note or "").strip():
        return [Fault("/grade_note", f"The grade differs from the suggested {suggested}; add a note saying why.")]
    return faults


def grade_objective(progress: Decimal | None, kind: str, grade: Decimal | None, note: str | None) -> Grade:
    """The settled grade. ValueError where `grade_faults` finds a fault: ask it first."""
    faults = grade_faults(progress, grade, note)
    suggested = suggested_grade(progress)
    settled = suggested if grade is None else grade
    if faults or settled is None:
        raise ValueError("; ".join(fault.sentence for fault in faults))
    return Grade(suggested, settled, (note or "").strip() or None, band(settled, kind), missed(settled, kind))


def band(grade: Decimal, kind: str = "aspirational") -> str:
    """green in [0.7, 1], yellow in [0.4, 0.7), red in [0, 0.4); a missed commitment is at most yellow."""
    if grade >= Decimal("0.7") and not missed(grade, kind):
        return "green"
    return "yellow" if grade >= Decimal("0.4") else "red"


def missed(grade: Decimal, kind: str) -> bool:
    """Whether a committed objective ended below 1. An aspirational one cannot be missed."""
    return kind == COMMITTED and grade < 1
