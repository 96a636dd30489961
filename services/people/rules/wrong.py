"""What is wrong with a value, told to the person who wrote it: the reason, and the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """Two sentences; `remedy` says what to do instead."""

    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.reason} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row of a file that cannot be applied, by the line it begins on (the header is line 1).

    `column` and `value` are None where the whole row or file is meant; a long value is shortened.
    """

    row: int
    column: str | None
    value: str | None
    wrong: Wrong


def shortened(value: str, longest: int = 80) -> str:
    """A value as it may be shown in a report."""
    return value if len(value) <= longest else value[: longest - 1] + "…"
