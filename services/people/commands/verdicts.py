"""Which rows of a file cannot be applied: by themselves, because of a loop, or because of other rows."""

from collections.abc import Callable, Collection, Iterable, Mapping

from services.people.rules.matching import closed_loops, fallen
from services.people.rules.tree import Above
from services.people.rules.wrong import Rejection, Wrong, shortened

Needs = Mapping[int, Collection[int]]
"""By line, the lines without which it cannot be applied."""


class Verdicts:
    """The rows that cannot be applied, by line."""

    def __init__(self, rejected: Iterable[Rejection] = ()) -> None:
        self.rejected = list(rejected)
        self.because_of_others: list[Rejection] = []
        self._lines = {one.row for one in self.rejected}
        self._loops: dict[int, int] = {}
        """The lines on or below a loop, each with the line on it."""

    def add(self, rejected: Iterable[Rejection]) -> None:
        for one in rejected:
            self.rejected.append(one)
            self._lines.add(one.row)

    def reject(self, line: int, column: str | None, value: str | None, reason: str, remedy: str) -> None:
        self.add([Rejection(line, column, None if value is None else shortened(value), Wrong(reason, remedy))])

    def stands(self, line: int) -> bool:
        return line not in self._lines

    def reject_loop(self, line: int, column: str | None, value: str | None, reason: str, remedy: str) -> None:
        """Reject a line that is on a loop, so that those below it are told so."""
        self._loops[line] = line
        self.reject(line, column, value, reason, remedy)

    def drop_fallen(self, needs: Needs) -> None:
        """Reject the lines that need a rejected one."""
        for line, other in fallen(self._lines, needs).items():
            self.because_of_others.append(Rejection(line, None, None, self._fall(line, other)))
            self._lines.add(line)

    def _fall(self, line: int, other: int) -> Wrong:
        on_loop = self._loops.get(other)
        if on_loop is None:
            return Wrong(f"This row needs line {other}, which is rejected.", "Mend that line first.")
        self._loops[line] = on_loop
        return Wrong(f"This row is right but stands below a loop, by line {on_loop}.", "Mend the loop first.")

    def count(self) -> int:
        return len(self._lines)

    def all(self) -> list[Rejection]:
        """True faults first, each part in the order of the file."""
        return sorted(self.rejected, key=_by_row) + sorted(self.because_of_others, key=_by_row)

    def by_line(self) -> dict[int, list[Rejection]]:
        found: dict[int, list[Rejection]] = {}
        for one in self.all():
            found.setdefault(one.row, []).append(one)
        return found


def _by_row(one: Rejection) -> int:
    return one.row


def reject_loops(
    verdicts: Verdicts,
    lines: Mapping[str, int],
    wanted: Mapping[str, str | None],
    now: Above,
    needs: Needs,
    name: Callable[[str], str],
    column: str,
) -> None:
    """Reject rows until the tree would be free of loops; `lines` and `wanted` are what the file says, by id.

    A row on a loop falls, and with it the rows that need it; what stood before stays, which may close another loop
    with rows that are left. Each round rejects at least one row, and the tree without any is free of loops.
    """
    while True:
        verdicts.drop_fallen(needs)
        wanted = {one: upper for one, upper in wanted.items() if verdicts.stands(lines[one])}
        found = closed_loops(now, wanted)
        if not found:
            return
        for loop in found:
            on_file = sorted((node for node in loop if node in wanted), key=lambda node: lines[node])
            start = loop.index(on_file[0])
            way = [name(node) for node in (*loop[start:], *loop[:start])]
            shown = [*way[:5], "…"] if len(way) > 5 else way
            reason = f"This closes a loop: {' → '.join([*shown, way[0]])}."
            told = ", ".join(str(lines[node]) for node in on_file[:10])
            for node in on_file:
                verdicts.reject_loop(lines[node], None, None, reason, f"Change {column} in one of the lines {told}.")
