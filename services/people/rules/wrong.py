"""Rows of a file that cannot be applied, told to whoever sent it."""

from dataclasses import dataclass

from contracts.wrong import Wrong, shortened

__all__ = ["Rejection", "Wrong", "shortened"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row of a file that cannot be applied, by the line it begins on (the header is line 1).

    `column` and `value` are None where the whole row or file is meant; a long value is shortened.
    """

    row: int
    column: str | None
    value: str | None
    wrong: Wrong
