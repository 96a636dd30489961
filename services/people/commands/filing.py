"""What is asked of an import and what it answers: options, one outcome for each row, and a report.

First the whole file is judged against everything that is here; only then is anything changed, all of it or, where
the caller wants it so, the good rows. A dry run ends after the judging.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from services.people.commands.verdicts import Verdicts
from services.people.rules.table import Layout, Table, Unreadable, read_csv, read_json
from services.people.rules.wrong import Rejection

MOST_SHOWN = 1000
"""So many rejections and changes a report shows; the counts count all."""

What = Literal["created", "changed", "deactivated", "reactivated", "unchanged", "scheduled", "skipped", "rejected"]


@dataclass(frozen=True, slots=True)
class Options:
    dry_run: bool = False
    partial: bool = False
    """Apply the rows that stand although others are rejected."""
    ignore: frozenset[str] = frozenset()
    """Columns treated as if the file had not got them."""
    complete: bool = False
    """The file names everybody: whom it does not name leaves."""
    accept_leavers: bool = False
    """Apply the file although so many leave, or the root does, that the guard would stop it."""
    unknown_managers: Literal["reject", "top"] = "reject"
    """What becomes of a row whose manager nobody knows: it is rejected, or taken without a manager."""
    today: date | None = None
    """The day that decides what lies ahead; None: the present day in UTC."""
    source: str | None = None
    """What the file is called; kept with what it schedules."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row, before and after, as text to read."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row. `id` is None for whom a run without effect would create, and where nobody is meant."""

    row: int | None
    """The line the row begins on; None for somebody who leaves because a complete file has no row for them."""
    what: What
    id: str | None
    external_id: str | None
    name: str
    fields: Sequence[Change] = ()
    note: str = ""
    """Why the row was skipped, from when it holds, whom it names that nobody knows."""
    wrong: Sequence[Rejection] = ()
    """Why the row was rejected."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What stopped an import that would do more harm than a file usually means to."""

    reason: str
    """Numbers and the first names, as a sentence."""
    remedy: str
    leaving: int
    """How many active people would leave, now or on a day the file sets."""
    active: int
    """How many are active now."""
    names: Sequence[str]
    """The first of those who would leave."""
    root: str | None
    """The name of the root, where it is among them."""


@dataclass(slots=True)
class Report:
    """created + changed + deactivated + reactivated + unchanged + scheduled + skipped + rejected_rows = rows."""

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
    scheduled: int = 0
    skipped: int = 0
    omitted: int = 0
    """How many leave because a complete file does not name them; they are no rows and not in `deactivated`."""
    guard: Guard | None = None
    """What stopped the import, or would stop it; nothing is applied then."""
    remarks: list[str] = field(default_factory=list)
    """What somebody should know although nothing is wrong, as sentences."""
    changes: list[Outcome] = field(default_factory=list)
    """The first outcomes that change something, those without a row last."""
    results: list[Outcome] = field(default_factory=list)
    """One for each row, in the order of the file, and behind them one for each person omitted."""

    def note(self, outcome: Outcome) -> None:
        """Take an outcome in and count it."""
        self.results.append(outcome)
        if outcome.what == "rejected":
            return
        count = outcome.what if outcome.row is not None else "omitted"
        setattr(self, count, getattr(self, count) + 1)
        if outcome.what not in ("unchanged", "skipped") and len(self.changes) < MOST_SHOWN:
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
