"""What is wrong with a file, told to whoever wrote it: the place, the column, the reason and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.wrong import Wrong, shortened

__all__ = ["Rejected", "Rejection", "Wrong", "refusal", "shortened"]


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
