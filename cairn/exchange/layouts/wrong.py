"""What is wrong with a file, told to whoever wrote it: the place, the column, the reason and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value will not do, and what to do about it; both are sentences."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """One wrong place: `place` is a line of a CSV file or a pointer into a JSON one."""

    place: str
    column: str | None
    wrong: Wrong

    def __str__(self) -> str:
        where = f"{self.place}, {self.column}" if self.column else self.place
        return f"{where}: {self.wrong.reason} {self.wrong.remedy}"


class Rejected(Exception):
    """A file that is not applied; nothing was changed."""

    def __init__(self, rejections: Iterable[Rejection]) -> None:
        self.rejections = tuple(rejections)
        super().__init__("\n".join(str(rejection) for rejection in self.rejections))


def refusal(place: str, reason: str, remedy: str, column: str | None = None) -> Rejected:
    """A file refused for one reason."""
    return Rejected([Rejection(place, column, Wrong(reason, remedy))])


def shortened(text: str, longest: int = 60) -> str:
    """A value as a sentence can quote it."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
