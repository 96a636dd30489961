"""What imports have in common: a step for each row, verdicts on the rows, and a report of what was done.

First the whole file is judged against everything that is here; only then is anything changed, all of it or, where
the caller wants it so, the good rows. A dry run ends after the judging.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from services.people.models import Person, Team
from services.people.rules.matching import closed_loops, fallen
from services.people.rules.table import Layout, Table, Unreadable, read_csv, read_json
from services.people.rules.tree import Above
from services.people.rules.wrong import Rejection, Wrong, shortened

T = TypeVar("T", Person, Team)
MOST_SHOWN = 1000
"""So many rejections and changes a report shows; the counts count all."""


@dataclass(frozen=True, slots=True)
class Options:
    dry_run: bool = False
    partial: bool = False
    """Apply the rows that stand although others are rejected."""
    ignore: frozenset[str] = frozenset()
    """Columns treated as if the file had not got them."""


@dataclass(slots=True)
class Step(Generic[T]):
    """What a row asks for: `values` over what is `present`, or of somebody new with this id."""

    line: int
    id: str
    present: T | None
    values: dict[str, Any] = field(default_factory=dict)
    needs: set[int] = field(default_factory=set)
    """Lines without which this one cannot be applied."""

    _differences: dict[str, Any] | None = None

    def differences(self) -> dict[str, Any]:
        """What the row changes; call it once `values` are complete."""
        if self._differences is None:
            self._differences = self.values if self.present is None else self.present.differences(self.values)
        return self._differences


class Verdicts:
    """The rows that cannot be applied."""

    def __init__(self, rejected: Iterable[Rejection] = ()) -> None:
        self.rejected = list(rejected)
        self.because_of_others: list[Rejection] = []
        self._lines = {one.row for one in self.rejected}

    def add(self, rejected: Iterable[Rejection]) -> None:
        for one in rejected:
            self.rejected.append(one)
            self._lines.add(one.row)

    def reject(self, line: int, column: str | None, value: str | None, reason: str, remedy: str) -> None:
        self.add([Rejection(line, column, None if value is None else shortened(value), Wrong(reason, remedy))])

    def stands(self, step: Step[Any]) -> bool:
        return step.line not in self._lines

    def drop_fallen(self, steps: Iterable[Step[Any]]) -> None:
        """Reject the steps that need a rejected line."""
        for line, other in fallen(self._lines, {step.line: step.needs for step in steps}).items():
            wrong = Wrong(f"This row needs line {other}, which is rejected.", "Mend that line first.")
            self.because_of_others.append(Rejection(line, None, None, wrong))
            self._lines.add(line)

    def count(self) -> int:
        return len(self._lines)

    def all(self) -> list[Rejection]:
        """True faults first, each part in the order of the file."""
        return sorted(self.rejected, key=_by_row) + sorted(self.because_of_others, key=_by_row)


def _by_row(one: Rejection) -> int:
    return one.row


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row, before and after, as text to read."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row: created, changed, deactivated or reactivated."""

    row: int
    what: str
    id: str | None
    external_id: str | None
    name: str
    fields: list[Change]


@dataclass(slots=True)
class Report:
    dry_run: bool
    rows: int
    rejected_rows: int
    rejected: list[Rejection]
    applied: bool = False
    created: int = 0
    changed: int = 0
    deactivated: int = 0
    reactivated: int = 0
    unchanged: int = 0
    changes: list[Outcome] = field(default_factory=list)

    def note(self, outcome: Outcome | None) -> None:
        """Count an outcome; None means unchanged."""
        what = outcome.what if outcome else "unchanged"
        setattr(self, what, getattr(self, what) + 1)
        if outcome and len(self.changes) < MOST_SHOWN:
            self.changes.append(outcome)


def report_of(table: Table, verdicts: Verdicts, options: Options) -> Report:
    """A report with the verdicts in it, and no outcomes yet."""
    lines = {row.line for row in table.rows} | {one.row for one in table.rejected}
    applied = not options.dry_run and (options.partial or not verdicts.count())
    return Report(options.dry_run, len(lines), verdicts.count(), verdicts.all()[:MOST_SHOWN], applied)


def unreadable_report(fault: Unreadable, options: Options) -> Report:
    """The report on a file of which nothing can be used."""
    return Report(options.dry_run, 0, 0, list(fault.rejected)[:MOST_SHOWN])


def read_table(data: bytes | list[Any], layout: Layout, options: Options) -> Table:
    """The rows of CSV bytes or of parsed JSON. Raises Unreadable."""
    if isinstance(data, bytes):
        return read_csv(data, layout, options.ignore)
    return read_json(data, layout, options.ignore)


def reject_loops(verdicts: Verdicts, steps: list[Step[Any]], now: Above, upper: str, names: Mapping[str, str]) -> None:
    """Reject rows until the tree of `upper` (manager_id, parent_id) would be free of loops.

    A row on a loop falls, and with it the rows that need it; what stood before stays, which may close another loop
    with rows that are left. Each round rejects at least one row, and the tree without any is free of loops.
    """
    by_id = {step.id: step for step in steps}
    while True:
        verdicts.drop_fallen(steps)
        wanted = {step.id: step.values[upper] for step in steps if upper in step.values and verdicts.stands(step)}
        found = closed_loops(now, wanted)
        if not found:
            return
        for loop in found:
            on_file = sorted((by_id[node] for node in loop if node in wanted), key=_line)
            start = loop.index(on_file[0].id)
            way = [names.get(node, node) for node in (*loop[start:], *loop[:start])]
            shown = [*way[:5], "…"] if len(way) > 5 else way
            lines = ", ".join(str(step.line) for step in on_file[:10])
            reason = f"The file closes a loop: {' → '.join([*shown, way[0]])}."
            for step in on_file:
                verdicts.reject(step.line, None, None, reason, f"Change {_column(upper)} in one of the lines {lines}.")


def _line(step: Step[Any]) -> int:
    return step.line


def _column(upper: str) -> str:
    return upper.removesuffix("_id") + "_external_id"
